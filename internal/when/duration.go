package when

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// ParseDuration reads a length of time as nanoseconds: 30s, 1h30m, 1.5h, -5m,
// 2d, 0. A day is 24 hours, a week seven days; months, quarters and years are
// nominal ones of 30, 91 and 365 days. The error says what was wrong and shows
// an example.
func ParseDuration(text string) (ns int64, err error) {
	rest, negative := text, false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		negative = rest[0] == '-'
		rest = rest[1:]
	}
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, fmt.Errorf("a duration is missing; write for example 5m or 1h30m")
	}
	var sum, most uint64 = 0, math.MaxInt64
	if negative {
		most++
	}
	for rest != "" {
		var part term
		if part, rest, err = cutTerm(rest); err != nil {
			return 0, fmt.Errorf("duration %q: %w", text, err)
		}
		length, ok := part.length()
		if sum += length; !ok || sum > most {
			return 0, fmt.Errorf("duration %q is longer than 292 years", text)
		}
	}
	if negative {
		sum = -sum
	}
	return int64(sum), nil
}

// term is one number with its unit.
type term struct {
	whole      int64
	billionths int64 // the decimals
	unit       Unit
}

// length gives the term's nanoseconds, if they fit (the least int64 has one
// more than the greatest).
func (t term) length() (ns uint64, ok bool) {
	unit := uint64(units[t.unit].length)
	high, low := bits.Mul64(uint64(t.whole), unit)
	// Decimals below 1e9 times a year in nanoseconds, 3.2e16, take two words.
	partHigh, partLow := bits.Mul64(uint64(t.billionths), unit)
	part, _ := bits.Div64(partHigh, partLow, uint64(Second))
	sum := low + part
	return sum, high == 0 && low <= 1<<63 && sum <= 1<<63
}

// maxTermDigits keeps a number well inside an int64.
const maxTermDigits = 18

// cutTerm reads a number and a unit from the left of text.
func cutTerm(text string) (t term, rest string, err error) {
	s := scanner{text: text}
	run := s.run()
	if run == 0 && (s.at(0) != '.' || !isDigit(s.at(1))) {
		return t, "", fmt.Errorf("expected a number at %q, as in 5m", text)
	}
	if run > maxTermDigits {
		return t, "", fmt.Errorf("the number %s is too long", text[:run])
	}
	if run > 0 {
		t.whole, _ = s.magnitude()
	}
	if s.at(0) == '.' && isDigit(s.at(1)) {
		s.pos++
		nanos, _ := s.fraction()
		t.billionths = int64(nanos)
	}
	t.unit, rest, err = cutUnit(text[s.pos:])
	if errors.Is(err, errNoUnit) {
		err = fmt.Errorf("%s lacks a unit (one of %s), as in %ss", text[:s.pos], unitNames, text[:s.pos])
	}
	return t, rest, err
}

var errNoUnit = errors.New("no unit")

// cutUnit reads the letters at the left of text as a unit.
func cutUnit(text string) (u Unit, rest string, err error) {
	end := 0
	for end < len(text) && (isLetter(text[end]) || text[end] >= 0x80) {
		end++
	}
	if end == 0 {
		return 0, text, errNoUnit
	}
	u, ok := unitOf(text[:end])
	if !ok {
		return 0, text, fmt.Errorf("unknown unit %q; units are %s", text[:end], unitNames)
	}
	return u, text[end:], nil
}

// AppendDuration appends a length for people, exactly: 1d2h, 1m30.5s, 250ms,
// 12.5us, 0s. ParseDuration reads it back. Round ns first where fewer digits
// will do.
func AppendDuration(dst []byte, ns int64) []byte {
	left := uint64(ns)
	if ns < 0 {
		dst = append(dst, '-')
		left = -left
	}
	switch {
	case left == 0:
		return append(dst, "0s"...)
	case left < uint64(Microsecond):
		return appendTerm(dst, left, UnitNanosecond)
	case left < uint64(Millisecond):
		return appendTerm(dst, left, UnitMicrosecond)
	case left < uint64(Second):
		return appendTerm(dst, left, UnitMillisecond)
	}
	for _, u := range [...]Unit{UnitDay, UnitHour, UnitMinute} {
		if n := left / uint64(units[u].length); n > 0 {
			dst = append(strconv.AppendUint(dst, n, 10), units[u].short...)
			left -= n * uint64(units[u].length)
		}
	}
	if left > 0 {
		dst = appendTerm(dst, left, UnitSecond)
	}
	return dst
}

func appendTerm(dst []byte, ns uint64, u Unit) []byte {
	return append(appendUnsigned(dst, ns, units[u].length), units[u].short...)
}

// appendDecimal appends ns in a unit, a power of ten, with the decimals it
// takes.
func appendDecimal(dst []byte, ns, unit int64) []byte {
	if ns < 0 {
		return appendUnsigned(append(dst, '-'), -uint64(ns), unit)
	}
	return appendUnsigned(dst, uint64(ns), unit)
}

func appendUnsigned(dst []byte, ns uint64, unitLength int64) []byte {
	unit := uint64(unitLength)
	dst = strconv.AppendUint(dst, ns/unit, 10)
	if part := ns % unit; part > 0 {
		dst = append(dst, '.')
		for unit /= 10; part > 0; unit /= 10 {
			dst = append(dst, byte('0'+part/unit))
			part %= unit
		}
	}
	return dst
}
