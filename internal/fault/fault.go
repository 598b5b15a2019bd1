// Package fault names the kinds of error that may cross a boundary: the HTTP
// surface, the command line, the line between intake and a sender.
//
// Inside a room errors are plain and wrapped with what was attempted on what.
// Only where somebody must decide on an error (which status, retry or not,
// whose mistake) does it get a kind, and KindOf finds that kind however deep
// it lies.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what the one who receives an error can do about it.
type Kind uint8

// The zero Kind, Internal, is what every error without a kind is: nobody
// outside can do anything about it.
const (
	Internal   Kind = iota
	Invalid         // the request is wrong; sending it again will not help
	NotFound        // the named thing is not here
	Conflict        // the thing is here already, or has changed meanwhile
	Denied          // this caller may not
	Busy            // the house is full; the same request may succeed later
	Corrupt         // what was stored is damaged
	OverLimit       // a limit was reached; see Limit for its name and setting
	kindsCount      // not a kind: how many there are
)

var kindNames = [kindsCount]string{
	"internal", "invalid", "not_found", "conflict", "denied", "busy", "corrupt", "limit",
}

// String gives the kind as it stands in the "code" of an answer.
func (k Kind) String() string {
	if k < kindsCount {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// kinded is what KindOf looks for.
type kinded interface{ Kind() Kind }

// KindOf gives the kind of the outermost error in err's tree that has one,
// Internal when none has. KindOf(nil) is Internal.
func KindOf(err error) Kind {
	var k kinded
	if errors.As(err, &k) {
		return k.Kind()
	}
	return Internal
}

// Is says whether err has the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// failure is an error with a kind, and perhaps with a cause.
type failure struct {
	kind  Kind
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }
func (f *failure) Kind() Kind    { return f.kind }

// New makes an error of a kind. A %w in format works as in fmt.Errorf.
func New(kind Kind, format string, args ...any) error {
	made := fmt.Errorf(format, args...)
	return &failure{kind: kind, text: made.Error(), cause: unwrapped(made)}
}

// unwrapped gives what made wraps: the one cause as it is, several as made
// itself, so that errors.Is and errors.As still reach each of them.
func unwrapped(made error) error {
	if _, several := made.(interface{ Unwrap() []error }); several {
		return made
	}
	return errors.Unwrap(made)
}

// Wrap gives err a kind and says what was attempted: "attempt: err".
// The new kind hides the kind that err had. Wrap of nil is nil.
func Wrap(kind Kind, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &failure{kind: kind, text: fmt.Sprintf(format, args...) + ": " + err.Error(), cause: err}
}
