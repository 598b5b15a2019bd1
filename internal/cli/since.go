package cli

import (
	"errors"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/when"
)

// Since is the begin or the end of a range as the server reads it: people say
// how long ago without a sign (1h), the language with one (-1h). A time without
// a zone is one of this machine.
func Since(text string) string {
	if text == "" || strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
		return text
	}
	if _, err := when.ParseDuration(text); err == nil {
		return "-" + text
	}
	if ns, ok := when.ParseTime(text, time.Local); ok {
		return string(when.AppendRFC3339(nil, ns))
	}
	return text
}

// Mark shows the place in a question that an error names; "" when it names
// none.
func Mark(err error, question string) string {
	var r *Refused
	if !errors.As(err, &r) {
		return ""
	}
	return r.Point(question)
}
