package columnar

import (
	"math"
	"time"
)

// slot is the stretch of time that one partition covers. Its length is the
// period the dataset had when the first row of the slot came: a changed period
// makes new slots and leaves those that are there.
type slot struct {
	start, length int64 // nanoseconds
}

// leastPeriod is far below any that a configuration may set.
const leastPeriod = time.Minute

// slotOf is the slot of a period in which t lies.
func slotOf(t int64, period time.Duration) slot {
	length := int64(period)
	if t < math.MinInt64+length {
		return slot{math.MinInt64, length}
	}
	into := t % length
	if into < 0 {
		into += length
	}
	return slot{t - into, length}
}

// end is the first nanosecond after the slot.
func (s slot) end() int64 {
	if s.start > math.MaxInt64-s.length {
		return math.MaxInt64
	}
	return s.start + s.length
}

// has reports whether t lies in the slot.
func (s slot) has(t int64) bool { return t >= s.start && (t < s.end() || s.end() == math.MaxInt64) }

// slotLayout names the folder of a partition by its start in UTC.
const slotLayout = "20060102T1504"

// folder is the usual name of the slot's folder.
func (s slot) folder() string { return time.Unix(0, s.start).UTC().Format(slotLayout) }
