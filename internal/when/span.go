package when

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Span is a step of time: the width of a chart's buckets, the length a question
// looks back. The zero Span is none.
type Span struct {
	N    int64 // how many; positive
	Unit Unit
}

// ParseSpan reads a span: 5m, 1mon, 2w; "d" alone is one day, and 1h30m becomes
// ninety minutes. Months and days cannot be mixed with other units, for their
// sum would have no bounds to floor to.
func ParseSpan(text string) (Span, error) {
	if u, rest, err := cutUnit(text); err == nil && rest == "" {
		return Span{1, u}, nil
	}
	first, rest, err := cutTerm(text)
	if err != nil {
		return Span{}, fmt.Errorf("span %q: %w", text, err)
	}
	if rest == "" && first.billionths == 0 && first.whole > 0 {
		if ns, ok := first.length(); !ok || ns > math.MaxInt64 {
			return Span{}, fmt.Errorf("span %q is longer than 292 years", text)
		}
		return Span{first.whole, first.unit}, nil
	}
	for part, left := first, rest; ; {
		if !part.unit.fixed() {
			return Span{}, fmt.Errorf("span %q: %s stands alone in a span, as in 2%s", text, part.unit, part.unit)
		}
		if left == "" {
			break
		}
		if part, left, err = cutTerm(left); err != nil {
			return Span{}, fmt.Errorf("span %q: %w", text, err)
		}
	}
	ns, err := ParseDuration(text)
	if err == nil && ns <= 0 {
		err = fmt.Errorf("span %q: a span is longer than nothing; write for example 5m", text)
	}
	if err != nil {
		return Span{}, err
	}
	return FixedSpan(ns), nil
}

// FixedSpan is the span of so many nanoseconds, in the greatest unit that
// divides them.
func FixedSpan(ns int64) Span {
	u := UnitHour
	for ns%units[u].length != 0 {
		u--
	}
	return Span{ns / units[u].length, u}
}

// String gives the text that ParseSpan reads: "5m".
func (s Span) String() string { return string(s.Append(nil)) }

// Append appends String.
func (s Span) Append(dst []byte) []byte {
	return append(strconv.AppendInt(dst, s.N, 10), s.Unit.String()...)
}

// Nanos is the span's length; from the month on its nominal one (see
// ParseDuration).
func (s Span) Nanos() int64 { return s.N * units[s.Unit].length }

// Fixed says whether Nanos is the length of every step of the span.
func (s Span) Fixed() bool { return s.Unit.fixed() && !s.onWall() }

// onWall says whether a clock span is counted from the local midnight: those
// above an hour that divide a day. People expect 12h to end at noon.
func (s Span) onWall() bool {
	length := s.Nanos()
	return s.Unit.fixed() && length > Hour && nominalDay%length == 0
}

// Floor gives the start of the step that t lies in.
//
// Steps of days and longer begin at a local midnight: weeks on Mondays, months
// on a first, quarters in January, April, July, October; several of them are
// counted from the first of their kind in or after 1970 (years from the year
// 0). Steps of hours that divide a day are counted from the local midnight.
// Shorter ones that divide an hour are counted from the local hour, all others
// from the epoch.
//
// Whatever the clocks do, every t lies in exactly one step: for all x with
// Floor(t) ≤ x < Next(t), Floor(x) = Floor(t), and Floor(Next(t)) = Next(t).
// (Only on the first and last day of time are the steps those of UTC.)
func (s Span) Floor(t int64, loc *time.Location) int64 {
	from, _ := s.step(t, loc)
	return from
}

// Next gives the start of the step after the one that t lies in; at the end of
// time it is math.MaxInt64.
func (s Span) Next(t int64, loc *time.Location) int64 {
	_, to := s.step(t, loc)
	return to
}

// step gives the bounds of the step that t lies in.
func (s Span) step(t int64, loc *time.Location) (from, to int64) {
	if t < math.MinInt64+nominalDay || t > math.MaxInt64-nominalDay {
		loc = nil // a wall clock would not fit
	}
	switch {
	case s.N <= 0 || s.Unit >= unitsCount:
		return t, math.MaxInt64
	case s.Unit.fixed() && !s.onWall():
		return s.clockStep(t, loc)
	}
	wall := s.wallFloor(add(t, offsetAt(t, loc)))
	next := s.wallNext(wall)
	from, to = wallStart(wall, loc), wallStart(next, loc)
	// Where the clocks are put back over a bound, the wall shows an earlier
	// step again; the step once begun goes on.
	for to <= t && to != math.MaxInt64 {
		next = s.wallNext(next)
		from, to = to, wallStart(next, loc)
	}
	return from, to
}

// clockStep is step for spans counted from the hour or from the epoch. A change
// of clocks that is no multiple of the span ends a step early.
func (s Span) clockStep(t int64, loc *time.Location) (from, to int64) {
	length := s.Nanos()
	if Hour%length != 0 {
		loc = nil
	}
	offset := offsetAt(t, loc)
	wall := add(t, offset)
	from = sub(floorMultiple(wall, length), offset)
	to = add(from, length)
	if loc == nil {
		return from, to
	}
	first, last := zonePeriod(t, loc)
	return max(from, first), min(to, last)
}

// wallFloor gives the start of the step of the wall clock that wall lies in.
func (s Span) wallFloor(wall int64) int64 {
	if s.Unit.fixed() {
		return floorMultiple(wall, s.Nanos())
	}
	day := floorDiv(wall, nominalDay)
	switch s.Unit {
	case UnitDay:
		return midnight(floorMultiple(day, s.N))
	case UnitWeek:
		// 1970-01-05, day 4, was the first Monday.
		return midnight(floorMultiple(day-4, 7*s.N) + 4)
	default:
		year, month, _ := dateOf(day)
		return monthStart(floorMultiple(monthsSinceZero(year, month), s.months()))
	}
}

// wallNext gives the start of the step after the one that starts at wall.
func (s Span) wallNext(wall int64) int64 {
	switch s.Unit {
	case UnitMonth, UnitQuarter, UnitYear:
		year, month, _ := dateOf(floorDiv(wall, nominalDay))
		return monthStart(floorMultiple(monthsSinceZero(year, month), s.months()) + s.months())
	default:
		return add(wall, s.Nanos())
	}
}

// months is the span in months, for the units that are made of them.
func (s Span) months() int64 {
	switch s.Unit {
	case UnitQuarter:
		return 3 * s.N
	case UnitYear:
		return 12 * s.N
	default:
		return s.N
	}
}

// floorMultiple gives the greatest multiple of b up to a; below the start of
// time, the start.
func floorMultiple(a, b int64) int64 { return sub(a, a-floorDiv(a, b)*b) }

func monthsSinceZero(year, month int) int64 { return int64(year)*12 + int64(month) - 1 }

// monthStart gives the first midnight of a month counted from the year 0.
func monthStart(months int64) int64 {
	year := floorDiv(months, 12)
	return midnight(daysSinceEpoch(int(year), int(months-year*12)+1, 1))
}

// midnight gives the wall clock's nanoseconds at the start of a day; beyond the
// ends of time, the end.
func midnight(day int64) int64 {
	const lastDay = math.MaxInt64 / nominalDay
	switch {
	case day > lastDay:
		return math.MaxInt64
	case day < -lastDay:
		return math.MinInt64
	}
	return day * nominalDay
}
