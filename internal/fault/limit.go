package fault

import "fmt"

// Limit is the error of a limit that was reached. It names the limit and the
// setting that moves it, for a limit that cannot be found cannot be raised.
type Limit struct {
	Name    string // what is limited: "memory", "groups", "run time"
	Setting string // the flag or configuration key that sets it: "--memory"
	Bound   string // its present value in words, "1 GiB"; may be empty
}

// Error gives "memory limit of 1 GiB reached; --memory raises it".
func (l *Limit) Error() string {
	text := l.Name + " limit"
	if l.Bound != "" {
		text += " of " + l.Bound
	}
	text += " reached"
	if l.Setting != "" {
		text += fmt.Sprintf("; %s raises it", l.Setting)
	}
	return text
}

// Kind is OverLimit.
func (l *Limit) Kind() Kind { return OverLimit }
