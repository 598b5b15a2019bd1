package colfile

import "hash/maphash"

// frequency counts about how often each place was asked for of late, in a fixed
// stretch of memory: two small counters for each place, shared with others, of
// which the lower one is nearer. They are halved as questions go by, so that
// what nobody asks any more does not stay for having been asked often.
type frequency struct {
	seed   maphash.Seed
	counts []uint8
	asked  int // since they were halved
}

// mostCounts is where a counter stops.
const mostCounts = 15

// newFrequency returns one of so many counters, a power of two.
func newFrequency(counters int) *frequency {
	return &frequency{seed: maphash.MakeSeed(), counts: make([]uint8, counters)}
}

// add counts one more for a place, of held places that are kept: after each of
// those was asked some times, counters are halved.
func (f *frequency) add(at place, held int) {
	a, b := f.counters(at)
	for _, c := range [...]*uint8{a, b} {
		if *c < mostCounts {
			*c++
		}
	}
	if f.asked++; f.asked < halvedAfter*max(held, leastHeld) {
		return
	}
	f.asked = 0
	for i := range f.counts {
		f.counts[i] /= 2
	}
}

const (
	// halvedAfter so many asks for each place kept: later, a new working set would
	// wait for long; earlier, a pass over more than is kept would leave no counts.
	halvedAfter = 4
	leastHeld   = 1 << 10
)

// of is about how often a place was asked for.
func (f *frequency) of(at place) uint8 {
	a, b := f.counters(at)
	return min(*a, *b)
}

func (f *frequency) counters(at place) (a, b *uint8) {
	h := maphash.Comparable(f.seed, at)
	mask := uint64(len(f.counts) - 1)
	return &f.counts[h&mask], &f.counts[h>>32&mask]
}
