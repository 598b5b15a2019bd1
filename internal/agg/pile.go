package agg

import "slices"

// integer is what piles hold: most numbers of a field fit 32 bits, and then
// half the memory is written and read.
type integer interface{ int32 | int64 }

// pile is a heap of numbers in parts that double in size: it grows without
// copying, and merges by handing over its parts.
type pile[T integer] struct {
	full [][]T
	last []T
}

const (
	// firstPart wastes little on groups of few numbers.
	firstPart = 4
	// largestPart is as long as one loop over it needs to be.
	largestPart = 4 << 10
)

func (p *pile[T]) add(v T) {
	if len(p.last) == cap(p.last) {
		p.more()
	}
	p.last = append(p.last, v)
}

// more begins a new part.
func (p *pile[T]) more() {
	size := firstPart
	if p.last != nil {
		size = min(max(2*cap(p.last), firstPart), largestPart)
		p.full = append(p.full, p.last)
	}
	p.last = make([]T, 0, size)
}

// addAll copies vals, which must fit.
func addAll[T, V integer](p *pile[T], vals []V) {
	for len(vals) > 0 {
		if len(p.last) == cap(p.last) {
			p.more()
		}
		at := len(p.last)
		n := min(len(vals), cap(p.last)-at)
		p.last = p.last[:at+n]
		for i, v := range vals[:n] {
			p.last[at+i] = T(v)
		}
		vals = vals[n:]
	}
}

// take adds the numbers of o, sharing its parts.
func (p *pile[T]) take(o *pile[T]) {
	if len(o.full) == 0 { // fewer than a part: copying leaves no gaps
		addAll(p, o.last)
		return
	}
	p.full = append(p.full, o.full...)
	if len(o.last) > 0 {
		p.full = append(p.full, o.last)
	}
}

// parts appends the stretches of numbers to a list.
func (p *pile[T]) parts(list [][]T) [][]T {
	list = append(list, p.full...)
	if len(p.last) > 0 {
		list = append(list, p.last)
	}
	return list
}

// each calls yield with one stretch of numbers after the other.
func (p *pile[T]) each(yield func([]T) bool) { slices.Values(p.parts(nil))(yield) }

func (p *pile[T]) len() int {
	n := len(p.last)
	for _, part := range p.full {
		n += len(part)
	}
	return n
}

// longRun is from how many numbers of one group on they are copied together.
const longRun = 8

// addRuns adds numbers to the piles of their groups in runs of one group: those
// of a chart come in the order of time, and so in long ones.
func addRuns[T integer](piles []pile[T], vals []int64, groups []uint32) {
	if groups == nil {
		addAll(&piles[0], vals)
		return
	}
	for i := 0; i < len(vals); {
		g := groups[i]
		k := i + 1
		for k < len(vals) && groups[k] == g {
			k++
		}
		if k-i >= longRun {
			addAll(&piles[g], vals[i:k])
		} else {
			for _, v := range vals[i:k] {
				piles[g].add(T(v))
			}
		}
		i = k
	}
}

// fit32 reports whether all numbers fit 32 bits.
func fit32(vals []int64) bool {
	beyond := int64(0)
	for _, v := range vals {
		beyond |= v ^ int64(int32(v))
	}
	return beyond == 0
}
