// Package logfmt appends pairs of logfmt in the form that every parser of it
// reads alike: keys of few characters, values bare where nothing in them could be
// taken for something else, and five escapes.
//
//	key=value user_id=usr_123 error="no such \"charge\"" ratio=0.25 ok=true empty=""
package logfmt

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// AppendKey appends a space, the name and =. What no key may hold becomes _.
func AppendKey(b []byte, name string) []byte {
	b = append(b, ' ')
	if name == "" {
		b = append(b, '_')
	}
	for i := range len(name) {
		c := name[i]
		if !inKey(c) {
			c = '_'
		}
		b = append(b, c)
	}
	return append(b, '=')
}

func inKey(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'
}

// AppendString appends s, quoted where it must be. Bytes that are no UTF-8 become
// U+FFFD, and a text longer than jsonline.MaxText is cut.
func AppendString(b []byte, s string) []byte {
	if bare(s) {
		return append(b, s...)
	}
	// JSON escapes exactly what has to be, in the form every parser knows.
	return jsonline.AppendString(b, s)
}

// bare tells whether s needs no quotes: printable ASCII without what a parser
// looks for, and not null, which some read as nothing.
func bare(s string) bool {
	if s == "" || s == "null" || len(s) > jsonline.MaxText {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// AppendFloat appends f in its shortest form.
func AppendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.AppendFloat(b, f, 'g', -1, 64)
	}
	return jsonline.AppendFloat(b, f)
}
