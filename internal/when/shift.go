package when

import "time"

// Add moves t by k steps of the span, forward or back. Hours and shorter are
// added to the moment; days and longer to the calendar of loc, so that the
// clock shows the same time there, and the 31st becomes the last day of a
// shorter month.
func (s Span) Add(t, k int64, loc *time.Location) int64 {
	if s.Unit.fixed() {
		return shift(t, s.Nanos(), k)
	}
	wall := add(t, offsetAt(t, loc))
	switch s.Unit {
	case UnitDay, UnitWeek:
		wall = shift(wall, s.Nanos(), k)
	default:
		wall = addMonths(wall, multiply(s.months(), k))
	}
	if isEnd(wall) {
		return wall
	}
	ns, _ := wallTime(wall, loc)
	return ns
}

// shift is t + length·k, or the end of time that it lies beyond. It goes half the way
// first, for all of it may be more than an int64.
func shift(t, length, k int64) int64 {
	for _, half := range [...]int64{k / 2, k - k/2} {
		by := multiply(length, half)
		if isEnd(by) {
			return by
		}
		t = add(t, by)
	}
	return t
}

// addMonths moves a wall clock by months and keeps the time of day.
func addMonths(wall, months int64) int64 {
	days := floorDiv(wall, nominalDay)
	year, month, day := dateOf(days)
	target := add(monthsSinceZero(year, month), months)
	// Outside these years no time can lie; the bound keeps the sums small.
	const yearMost = 3000
	target = min(max(target, -12*yearMost), 12*yearMost)
	toYear := int(floorDiv(target, 12))
	toMonth := int(target-int64(toYear)*12) + 1
	day = min(day, daysIn(toYear, toMonth))
	start := midnight(daysSinceEpoch(toYear, toMonth, day))
	if isEnd(start) {
		return start
	}
	return add(start, wall-days*nominalDay)
}

// multiply stops at the ends of time instead of wrapping round.
func multiply(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	if c := a * b; c/b == a && !(a == -1<<63 && b == -1) && !(b == -1<<63 && a == -1) {
		return c
	}
	if (a < 0) == (b < 0) {
		return 1<<63 - 1
	}
	return -1 << 63
}
