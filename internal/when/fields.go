package when

import "time"

// fields is what a text said about a moment, before it is one.
type fields struct {
	year, month, day            int
	hour, minute, second, nanos int
	zoneSeconds                 int
	zoneWord                    string
	zoned                       bool // zoneSeconds was said
	noYear                      bool // month and day only: the year comes from now
	noDate                      bool // a clock only: the day comes from now
	clocked                     bool // a time of day was said
	unix                        bool // the text was a number: ns says it all
	ns                          int64
}

// noNow stands for an unknown present: texts that need one do not read.
const noNow = -1 << 63

// aheadMost is how far in the future a yearless stamp may lie before it is
// taken for last year's: clocks differ by less, new-year's logs by more.
const aheadMost = nominalDay

// moment turns fields into a time. It fails for dates that do not exist.
func (f *fields) moment(loc *time.Location, now int64) (ns int64, ok bool) {
	switch {
	case f.unix:
		return f.ns, true
	case f.noDate && now == noNow, f.noYear && now == noNow:
		return 0, false
	case f.noDate:
		f.year, f.month, f.day = dateOf(floorDiv(add(now, offsetAt(now, loc)), nominalDay))
	case f.noYear:
		return f.latest(loc, now)
	}
	return f.resolve(loc)
}

// latest chooses the last year in which the stamp is not in the future.
func (f *fields) latest(loc *time.Location, now int64) (ns int64, ok bool) {
	thisYear, _, _ := dateOf(floorDiv(now, nominalDay))
	// 29 February may be eight years away from the next one (1896 and 1904).
	for back := -1; back <= 8; back++ {
		f.year = thisYear - back
		if ns, ok := f.resolve(loc); ok && ns <= add(now, aheadMost) {
			return ns, true
		}
	}
	return 0, false
}

// resolve turns complete fields into a time.
func (f *fields) resolve(loc *time.Location) (ns int64, ok bool) {
	if !f.valid() {
		return 0, false
	}
	seconds := daysSinceEpoch(f.year, f.month, f.day)*secondsPerDay +
		int64(f.hour*3600+f.minute*60+f.second) - int64(f.zoneSeconds)
	ns, ok = join(seconds, int64(f.nanos))
	switch {
	case !ok || f.zoned:
		return ns, ok
	case f.zoneWord != "":
		offset, known := zoneOffset(f.zoneWord, ns, loc)
		if !known {
			return 0, false
		}
		return sub(ns, offset), true
	default:
		ns, _ = wallTime(ns, loc)
		return ns, true
	}
}

// valid refuses what no calendar or clock shows. Second 60 is a leap second,
// hour 24 the end of a day; both are the moment after.
func (f *fields) valid() bool {
	return f.month >= 1 && f.month <= 12 && f.day >= 1 && f.day <= daysIn(f.year, f.month) &&
		(f.hour <= 23 || f.hour == 24 && f.minute == 0 && f.second == 0 && f.nanos == 0) &&
		f.minute <= 59 && f.second <= 60
}
