package when

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Relative reads a moment as questions give it:
//
//	now            the present
//	-1h  +5m  -d   so much before or after it; days and longer by the calendar
//	-7d@d          then down to the start of the day (or h, m, w, mon, q, y …)
//	@w1            the last Monday; @w0 and @w7 are Sunday, @w is Monday
//	-1d@d+8h       steps are taken from left to right
//
// "now" may stand before steps, and / for @. Everything else is read as by
// ParseNear: RFC 3339, Unix, a date. The error says what was wrong and shows
// an example. Steps beyond the ends of time give the end, and ErrRange.
func Relative(text string, now int64, loc *time.Location) (ns int64, err error) {
	text = strings.TrimSpace(text)
	steps := text
	if len(text) >= 3 && strings.EqualFold(text[:3], "now") {
		steps = text[3:]
	} else if text == "" {
		return 0, fmt.Errorf("a time is missing; write for example -1h, -7d@d or 2006-01-02T15:04:05Z")
	} else if !strings.ContainsRune("+-@/", rune(text[0])) || isNumber(text) {
		return absolute(text, now, loc)
	}
	for ns = now; steps != ""; {
		if ns, steps, err = takeStep(ns, steps, loc); err != nil {
			return ns, fmt.Errorf("time %q: %w", text, err)
		}
	}
	return ns, nil
}

// ErrRange says that steps lead to where no time lies.
var ErrRange = errors.New("times lie between 1677-09-21 and 2262-04-11, and this is beyond; write less, as in -10y")

// CheckRelative says what is wrong with a text of Relative, whatever the present is.
func CheckRelative(text string) (err error) {
	for _, now := range [...]int64{0, math.MinInt64, math.MaxInt64} {
		if _, err = Relative(text, now, time.UTC); !errors.Is(err, ErrRange) {
			return err
		}
	}
	return err
}

// isNumber says whether text is a number without a unit: then it is a Unix time
// (before 1970, with its sign), not a step.
func isNumber(text string) bool {
	s := scanner{text: text, pos: 1}
	if text[0] != '-' || !isDigit(s.at(0)) {
		return false
	}
	return strings.Trim(text[1:], "0123456789.") == ""
}

func absolute(text string, now int64, loc *time.Location) (int64, error) {
	if ns, ok := ParseNear(text, loc, now); ok {
		return ns, nil
	}
	if _, err := ParseDuration(text); err == nil {
		return 0, fmt.Errorf("time %q lacks a sign; write -%s for the past or +%s for the future", text, text, text)
	}
	return 0, fmt.Errorf("%q is no time; write for example -1h, -7d@d, 2006-01-02T15:04:05Z or 1136214245", text)
}

// takeStep moves ns by the first step of steps.
func takeStep(ns int64, steps string, loc *time.Location) (moved int64, rest string, err error) {
	sign := steps[0]
	switch sign {
	case '@', '/':
		return snap(ns, steps[1:], loc)
	case '+', '-':
	default:
		return 0, "", fmt.Errorf("expected +, - or @ at %q, as in -7d@d", steps)
	}
	t, rest, err := cutStep(steps[1:])
	if err != nil {
		return 0, "", err
	}
	if sign == '-' {
		t.N = -t.N
	}
	if moved = (Span{1, t.Unit}).Add(ns, t.N, loc); isEnd(moved) && t.N != 0 {
		err = ErrRange
	}
	return moved, rest, err
}

// cutStep reads 7d, or d for one day.
func cutStep(text string) (s Span, rest string, err error) {
	if u, rest, err := cutUnit(text); err == nil {
		return Span{1, u}, rest, nil
	}
	t, rest, err := cutTerm(text)
	if err != nil {
		return s, "", err
	}
	if t.billionths == 0 {
		return Span{t.whole, t.unit}, rest, nil
	}
	length, ok := t.length()
	if !ok || length > math.MaxInt64 || !t.unit.fixed() {
		return s, "", fmt.Errorf("a part of a %s has no length; write whole ones, as in 2%s", t.unit, t.unit)
	}
	return Span{int64(length), UnitNanosecond}, rest, nil
}

// snap moves ns down to the start of the unit that text begins with.
func snap(ns int64, text string, loc *time.Location) (moved int64, rest string, err error) {
	s, rest, err := cutStep(text)
	if err != nil || s.N <= 0 {
		return 0, "", fmt.Errorf("expected a unit after @ (one of %s), as in @d", unitNames)
	}
	if s.Unit == UnitWeek && s.N == 1 && rest != "" && isDigit(rest[0]) {
		weekday := int64(rest[0] - '0')
		if weekday > 7 {
			return 0, "", fmt.Errorf("weekdays are w0 (Sunday) to w6 (Saturday), not w%d", weekday)
		}
		return lastWeekday(ns, weekday%7, loc), rest[1:], nil
	}
	return s.Floor(ns, loc), rest, nil
}

// lastWeekday gives the start of the last such day (0 is Sunday) up to ns.
func lastWeekday(ns, weekday int64, loc *time.Location) int64 {
	day := floorDiv(add(ns, offsetAt(ns, loc)), nominalDay)
	// 1970-01-01, day 0, was a Thursday.
	back := (day + 4 - weekday) % 7
	if back < 0 {
		back += 7
	}
	return wallStart(midnight(day-back), loc)
}
