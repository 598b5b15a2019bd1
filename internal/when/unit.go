package when

import "strings"

// Unit is a step of a clock or of a calendar.
type Unit uint8

// Units up to UnitHour have one length; the length of those from UnitDay on
// depends on where in the calendar they lie, and on the zone.
const (
	UnitNanosecond Unit = iota
	UnitMicrosecond
	UnitMillisecond
	UnitSecond
	UnitMinute
	UnitHour
	UnitDay
	UnitWeek
	UnitMonth
	UnitQuarter
	UnitYear
	unitsCount
)

// units holds for each unit how it is printed, its length (from the month on a
// nominal one: 30, 91 and 365 days), and what else people write for it.
var units = [unitsCount]struct {
	short  string
	length int64
	words  string
}{
	{"ns", Nanosecond, "nano nanos nanosecond nanoseconds"},
	{"us", Microsecond, "µs μs micro micros microsecond microseconds"},
	{"ms", Millisecond, "msec msecs milli millis millisecond milliseconds"},
	{"s", Second, "sec secs second seconds"},
	{"m", Minute, "min mins minute minutes"},
	{"h", Hour, "hr hrs hour hours"},
	{"d", nominalDay, "day days"},
	{"w", 7 * nominalDay, "week weeks"},
	{"mon", 30 * nominalDay, "mo month months"},
	{"q", 91 * nominalDay, "qtr qtrs quarter quarters"},
	{"y", 365 * nominalDay, "yr yrs year years"},
}

// unitNames is what errors show.
const unitNames = "ns us ms s m h d w mon q y"

// String gives the short name: "ms", "mon".
func (u Unit) String() string {
	if u < unitsCount {
		return units[u].short
	}
	return "?"
}

// fixed says whether the unit always has the same length.
func (u Unit) fixed() bool { return u <= UnitHour }

// unitOf finds a unit by any of its names, in any case.
func unitOf(word string) (Unit, bool) {
	for u := range unitsCount {
		if strings.EqualFold(word, units[u].short) {
			return u, true
		}
	}
	for u := range unitsCount {
		for rest := units[u].words; rest != ""; {
			var name string
			name, rest, _ = strings.Cut(rest, " ")
			if strings.EqualFold(word, name) {
				return u, true
			}
		}
	}
	return 0, false
}
