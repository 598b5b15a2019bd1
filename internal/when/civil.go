package when

import (
	"math"
	"time"
)

const (
	secondsPerDay = 86400
	// The first and last second an int64 of nanoseconds reaches into, and how
	// far into them.
	firstSecond, firstNanos = -9223372037, 145224192
	lastSecond, lastNanos   = 9223372036, 854775807
)

// daysSinceEpoch counts days of the Gregorian calendar from 1970-01-01 on.
// Years begin in March here, so that the leap day is the last of its year and
// the months before it follow one straight line: (153·m+2)/5.
func daysSinceEpoch(year, month, day int) int64 {
	y, m := int64(year), int64(month)-3
	if m < 0 {
		y, m = y-1, m+12
	}
	era := floorDiv(y, 400)
	ofEra := y - era*400
	dayOfYear := (153*m+2)/5 + int64(day) - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + dayOfYear - 719468
}

// dateOf is the inverse of daysSinceEpoch.
func dateOf(days int64) (year, month, day int) {
	days += 719468
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day = int(dayOfYear - (153*m+2)/5 + 1)
	month = int(m) + 3
	year = int(yearOfEra + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// join makes a time of seconds and nanoseconds (0 ≤ nanos < 1e9), if it fits.
func join(seconds, nanos int64) (ns int64, ok bool) {
	switch {
	case seconds <= firstSecond && (seconds < firstSecond || nanos < firstNanos),
		seconds >= lastSecond && (seconds > lastSecond || nanos > lastNanos):
		return 0, false
	}
	return seconds*Second + nanos, true
}

// split is the inverse of join.
func split(ns int64) (seconds, nanos int64) {
	seconds = floorDiv(ns, Second)
	return seconds, ns - seconds*Second
}

// offsetAt gives how many nanoseconds the clocks of loc are ahead of UTC at ns.
func offsetAt(ns int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return 0
	}
	_, offset := time.Unix(0, ns).In(loc).Zone()
	return int64(offset) * Second
}

// zonePeriod gives the time around ns in which the clocks of loc are not
// changed.
func zonePeriod(ns int64, loc *time.Location) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if loc == nil || loc == time.UTC {
		return from, to
	}
	start, end := time.Unix(0, ns).In(loc).ZoneBounds()
	if !start.IsZero() && start.Unix() > firstSecond {
		from = start.UnixNano()
	}
	if !end.IsZero() && end.Unix() <= lastSecond {
		to = end.UnixNano()
	}
	return from, to
}

// zoneReach is more than any place's distance from UTC (15 hours).
const zoneReach = 16 * Hour

// wallTime gives the first moment at which the clocks of loc show wall (ns as
// if UTC). Where they jump over it, shown is false and ns the moment at which
// they would have shown it without the jump.
func wallTime(wall int64, loc *time.Location) (ns int64, shown bool) {
	if loc == nil || loc == time.UTC {
		return wall, true
	}
	before, after := offsetAt(sub(wall, zoneReach), loc), offsetAt(add(wall, zoneReach), loc)
	early := sub(wall, before)
	if before == after || offsetAt(early, loc) == before {
		return early, true
	}
	if late := sub(wall, after); offsetAt(late, loc) == after {
		return late, true
	}
	return early, false
}

// wallStart gives the first moment at which the clocks of loc show wall or
// more: where they jump over it, the moment of the jump. The ends of time stay.
func wallStart(wall int64, loc *time.Location) int64 {
	if isEnd(wall) {
		return wall
	}
	ns, shown := wallTime(wall, loc)
	if !shown {
		ns, _ = zonePeriod(ns, loc)
	}
	return ns
}

// isEnd reports whether ns is an end of time, which is where all that lies beyond is put.
func isEnd(ns int64) bool { return ns == math.MinInt64 || ns == math.MaxInt64 }

// add and sub stop at the ends of time instead of wrapping round.
func add(a, b int64) int64 {
	if c := a + b; (c > a) == (b > 0) {
		return c
	}
	if b > 0 {
		return math.MaxInt64
	}
	return math.MinInt64
}

func sub(a, b int64) int64 {
	if b == math.MinInt64 {
		return add(add(a, math.MaxInt64), 1)
	}
	return add(a, -b)
}
