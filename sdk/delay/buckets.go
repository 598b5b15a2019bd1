package delay

import (
	"math/bits"
	"slices"
	"time"
)

// Buckets say how delays are sorted by size. A bucket holds what is above the
// bound before it, up to and including its own: as le in Prometheus means, and as
// BFE documents. The zero value is Log.
type Buckets struct {
	width  time.Duration   // linear
	bounds []time.Duration // upper bounds, ascending; nil: logarithmic
}

const (
	// A bucket is at most an eighth of its bound wide, so its middle is within
	// 6 % of what it holds.
	stepBits = 3
	steps    = 1 << stepBits
	// Whole microseconds up to 2^32, more than an hour. The first steps are one
	// each, then every doubling has as many.
	octaves    = 32 - stepBits
	logBuckets = steps + octaves*steps
)

// Log sorts from 1 µs to 71 minutes, at most 6 % off, and tells Prometheus a
// bound at each doubling.
func Log() Buckets { return Buckets{} }

// Linear has n buckets of one width, and one for what is beyond, as BFE has.
func Linear(width time.Duration, n int) Buckets {
	b := Buckets{width: max(width, 1), bounds: []time.Duration{}}
	for i := range max(n, 1) {
		b.bounds = append(b.bounds, time.Duration(i+1)*b.width)
	}
	return b
}

// Bounds has a bucket up to each bound, and one for what is beyond.
func Bounds(bounds ...time.Duration) Buckets {
	bounds = slices.Clone(bounds)
	slices.Sort(bounds)
	return Buckets{bounds: append([]time.Duration{}, slices.Compact(bounds)...)}
}

// count is the number of buckets, that for what is beyond included.
func (b *Buckets) count() int {
	if b.bounds == nil {
		return logBuckets + 1
	}
	return len(b.bounds) + 1
}

// slot is the bucket of a delay.
func (b *Buckets) slot(d time.Duration) int {
	switch {
	case b.width > 0:
		if d <= 0 {
			return 0
		}
		return min(int((d-1)/b.width), len(b.bounds))
	case b.bounds == nil:
		return logSlot(d)
	}
	i, _ := slices.BinarySearch(b.bounds, d)
	return i
}

// logSlot sorts by the highest bits of the microseconds, rounded up:
//
//	0 … 7 each their own │ 8 9 … 15 │ 16 18 … 30 │ 32 36 … 60 │ …
func logSlot(d time.Duration) int {
	if d <= time.Microsecond {
		return 0
	}
	micros := uint64(d-1) / 1000 // a bound belongs to the bucket it ends
	if micros < steps {
		return int(micros)
	}
	octave := bits.Len64(micros) - 1 - stepBits
	if octave >= octaves {
		return logBuckets
	}
	return (octave+1)*steps + int(micros>>octave)&(steps-1)
}

// bound is the upper bound of a bucket that has one.
func (b *Buckets) bound(slot int) time.Duration {
	if b.bounds != nil {
		return b.bounds[slot]
	}
	if slot < steps {
		return time.Duration(slot+1) * time.Microsecond
	}
	octave, step := slot/steps-1, slot%steps
	return time.Duration((steps+step+1)<<octave) * time.Microsecond
}

// told are the slots whose bounds are told to Prometheus: of the logarithmic ones
// each doubling, for a scrape of hundreds of bounds helps nobody.
func (b *Buckets) told() []int {
	var slots []int
	if b.bounds != nil {
		for i := range b.bounds {
			slots = append(slots, i)
		}
		return slots
	}
	for slot := 0; slot < logBuckets; slot++ {
		if micros := uint64(b.bound(slot) / time.Microsecond); micros&(micros-1) == 0 {
			slots = append(slots, slot)
		}
	}
	return slots
}
