// Package when reads and prints every text that means a time or a duration:
// the stamps that services write at the head of their lines, the formats that
// people give, the "-7d@d" of a question, the "5m" of a chart.
//
// A time is an int64: nanoseconds since the Unix epoch, UTC, from 1677-09-21
// to 2262-04-11; a text outside that range does not read. A nil location
// means UTC everywhere.
//
//	stamps     ParseTime ParseNear Find   what is this text, read by looking
//	layouts    ParseLayout                a text of a given form, both ways
//	spans      ParseSpan Floor Next Add   steps of a clock or a calendar
//	durations  ParseDuration              a length in nanoseconds
//	questions  Relative                   a moment seen from now
package when

import "unsafe"

// Lengths of the units that never change, in nanoseconds.
const (
	Nanosecond  int64 = 1
	Microsecond       = 1000 * Nanosecond
	Millisecond       = 1000 * Microsecond
	Second            = 1000 * Millisecond
	Minute            = 60 * Second
	Hour              = 60 * Minute
)

// nominalDay is a day without a change of clocks.
const nominalDay = 24 * Hour

// Text is what a time may be read from.
type Text interface{ string | []byte }

// view gives text as a string without copying it: the header of a slice begins
// as that of a string does. Nothing in this package keeps what it reads.
func view[T Text](text T) string { return *(*string)(unsafe.Pointer(&text)) }

// floorDiv divides rounding down, also below zero; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
