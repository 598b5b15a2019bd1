package agg

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/plumbline/plumbline/internal/fault"
)

// picker finds numbers by rank without sorting all of them: it counts them in
// buckets that grow with the distance from the smallest, and looks further
// only into the buckets where the ranks fall.
type picker[T integer] struct {
	ranks  []wantedRank
	out    []int64
	few    []T
	shares []share[T]
	near   [buckets]uint16 // all zero between looks
	inner  *picker[T]      // looks into buckets
}

type wantedRank struct {
	rank int // from 0, among the numbers looked at
	call int
}

// share is the parts of numbers that one processor goes through.
type share[T integer] struct {
	parts  [][]T
	least  T
	counts [buckets]uint32
	bucket []uint16 // of each number, one part after the other
	near   [][]T    // by nearRun
}

// nearRun is a bucket that ranks fall into.
type nearRun struct {
	bucket int
	ranks  []wantedRank
	n      int
}

// A bucket is the exponent and the first five bits behind it of a distance and one
// as a float, less those of 1: 32 for each doubling, and one for each distance below
// 63.
const (
	bucketShift = 23 - 5
	bucketOfOne = 127 << 5
	buckets     = 64<<5 + 1
	wholeBucket = 6 << 5 // of 64, the first bucket of several numbers
)

// bucketOf is the bucket of the distance of a number from the smallest.
func bucketOf[T integer](v, least T) int {
	far := uint64(v) - uint64(least)
	f := float32(far)
	if unsafe.Sizeof(v) == 4 { // most of the time of a pick goes by here
		f = float32(int64(far)) // which is one instruction
	}
	return int(math.Float32bits(f+1)>>bucketShift) - bucketOfOne
}

// firstOf is the smallest number of a bucket of one.
func firstOf(bucket int) int64 {
	return int64(math.Float32frombits(uint32(bucket+bucketOfOne)<<bucketShift)) - 1
}

const (
	// sortBelow is for how many numbers sorting is cheaper than two passes over
	// them and one over the buckets.
	sortBelow = 256
	// sharedFrom numbers are looked through by all processors.
	sharedFrom = 1 << 17
)

// pick is the number at each rank asked among the n of parts, none of which is
// empty. The answer lasts until the next call.
func (p *picker[T]) pick(parts [][]T, n int, asked []rankAsked) []int64 {
	p.ranks, p.out = p.ranks[:0], slices.Grow(p.out[:0], len(asked))[:len(asked)]
	for k, a := range asked {
		p.ranks = append(p.ranks, wantedRank{a.rank(n), k})
	}
	slices.SortFunc(p.ranks, func(a, b wantedRank) int { return a.rank - b.rank })
	p.look(parts, n, p.ranks)
	return p.out
}

// look finds the ranks, lowest first, among the n numbers of parts, none of which
// is empty.
func (p *picker[T]) look(parts [][]T, n int, ranks []wantedRank) {
	if n < sortBelow {
		p.few = p.few[:0]
		for _, vals := range parts {
			p.few = append(p.few, vals...)
		}
		slices.Sort(p.few)
		for _, r := range ranks {
			p.out[r.call] = int64(p.few[r.rank])
		}
		return
	}
	p.divide(parts, n)
	p.each((*share[T]).findLeast)
	least := p.shares[0].least
	for i := range p.shares {
		least = min(least, p.shares[i].least)
	}
	p.each(func(s *share[T]) { s.count(least) })
	runs := p.runs(int64(least), ranks)
	if len(runs) == 0 {
		return
	}
	p.each(func(s *share[T]) { s.gather(&p.near, runs) })
	for _, run := range runs {
		p.near[run.bucket] = 0
	}
	if p.inner == nil {
		p.inner = &picker[T]{}
	}
	p.inner.out = p.out
	for i, run := range runs {
		parts := make([][]T, 0, len(p.shares))
		for k := range p.shares {
			if near := p.shares[k].near[i]; len(near) > 0 { // numbers that rise lie all in one
				parts = append(parts, near)
			}
		}
		p.inner.look(parts, run.n, run.ranks)
	}
}

// divide shares the parts out.
func (p *picker[T]) divide(parts [][]T, n int) {
	lanes := 1
	if n >= sharedFrom {
		lanes = min(runtime.GOMAXPROCS(0), len(parts))
	}
	p.shares = slices.Grow(p.shares[:0], lanes)[:lanes]
	for i := range p.shares {
		p.shares[i].parts = parts[i*len(parts)/lanes : (i+1)*len(parts)/lanes]
	}
}

// each has all shares do something.
func (p *picker[T]) each(do func(s *share[T])) {
	together(len(p.shares), func(from, to int) {
		for i := from; i < to; i++ {
			do(&p.shares[i])
		}
	})
}

func (s *share[T]) findLeast() {
	s.least = s.parts[0][0]
	for _, vals := range s.parts {
		s.least = min(s.least, leastOf(vals))
	}
}

// leastOf is the smallest of some numbers. Four at a time do not wait for one another.
func leastOf[T integer](vals []T) T {
	a := vals[0]
	b, c, d := a, a, a
	for ; len(vals) >= 4; vals = vals[4:] {
		a, b, c, d = min(a, vals[0]), min(b, vals[1]), min(c, vals[2]), min(d, vals[3])
	}
	for _, v := range vals {
		a = min(a, v)
	}
	return min(a, b, c, d)
}

// count counts the numbers of each bucket, and notes which each is in: two bytes are
// sooner read again than worked out.
func (s *share[T]) count(least T) {
	clear(s.counts[:])
	s.bucket = s.bucket[:0]
	for _, vals := range s.parts {
		from := len(s.bucket)
		s.bucket = slices.Grow(s.bucket, len(vals))[:from+len(vals)]
		of := s.bucket[from:]
		for i, v := range vals {
			b := bucketOf(v, least)
			s.counts[b]++
			of[i] = uint16(b)
		}
	}
}

// runs finds the bucket of each rank. What lies in a bucket of one number is
// found with it; the others are runs to look into, near says which a bucket is,
// from 1.
func (p *picker[T]) runs(least int64, ranks []wantedRank) (runs []nearRun) {
	counts := &p.shares[0].counts
	for i := range p.shares[1:] {
		for b, n := range p.shares[1+i].counts {
			counts[b] += n
		}
	}
	b, before := 0, 0
	for len(ranks) > 0 {
		for before+int(counts[b]) <= ranks[0].rank {
			before += int(counts[b])
			b++
		}
		k := 0
		for ; k < len(ranks) && ranks[k].rank < before+int(counts[b]); k++ {
			ranks[k].rank -= before
			p.out[ranks[k].call] = least + firstOf(b)
		}
		if b >= wholeBucket {
			runs = append(runs, nearRun{b, ranks[:k], int(counts[b])})
			p.near[b] = uint16(len(runs))
		}
		ranks = ranks[k:]
	}
	return runs
}

// gather collects the numbers of each run.
func (s *share[T]) gather(near *[buckets]uint16, runs []nearRun) {
	s.near = slices.Grow(s.near[:0], len(runs))[:len(runs)]
	for i := range s.near {
		s.near[i] = s.near[i][:0]
	}
	left := s.bucket
	for _, vals := range s.parts {
		of := left[:len(vals)]
		left = left[len(vals):]
		for i, b := range of {
			if run := near[b]; run > 0 {
				s.near[run-1] = append(s.near[run-1], vals[i])
			}
		}
	}
}

// together has all processors do n things, in runs of them, and waits.
func together(n int, do func(from, to int)) {
	lanes := min(runtime.GOMAXPROCS(0), n)
	if lanes <= 1 {
		do(0, n)
		return
	}
	var working sync.WaitGroup
	crashed := make([]*fault.Crash, lanes)
	for i := 1; i < lanes; i++ {
		working.Go(func() {
			defer func() { crashed[i] = fault.Crashed(recover()) }()
			do(i*n/lanes, (i+1)*n/lanes)
		})
	}
	do(0, n/lanes)
	working.Wait()
	for _, c := range crashed {
		if c != nil {
			panic(c) // it is the caller's
		}
	}
}
