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
	// ownPart numbers that come together are a part by themselves.
	ownPart = 1 << 10
)

func (p *pile[T]) add(v T) {
	if len(p.last) == cap(p.last) {
		p.more(1)
	}
	p.last = append(p.last, v)
}

// more begins a new part, for so many numbers at least.
func (p *pile[T]) more(n int) {
	size := min(max(2*cap(p.last), firstPart, n), largestPart)
	p.end()
	p.last = make([]T, 0, size)
}

// end ends the last part.
func (p *pile[T]) end() {
	if len(p.last) > 0 {
		p.full = append(p.full, p.last)
	}
}

// addAll copies vals up to a stretch in which one does not fit, and says how
// many those are.
func addAll[T, V integer](p *pile[T], vals []V) (n int) {
	for n < len(vals) {
		left := vals[n:]
		if len(p.last) < cap(p.last) {
			left = left[:min(len(left), cap(p.last)-len(p.last))]
			at := len(p.last)
			if !convert(p.last[at:at+len(left)], left) {
				return n
			}
			p.last = p.last[:at+len(left)]
		} else if len(left) < ownPart {
			p.more(len(left))
			continue
		} else {
			left = left[:min(len(left), largestPart)]
			part := converted[T](left)
			if part == nil {
				return n
			}
			p.end()
			p.last = part
		}
		n += len(left)
	}
	return n
}

// converted is a part of its own; nil when a number does not fit. It is copied
// from near at hand, because memory that is made to be copied into need not be
// cleared before.
func converted[T, V integer](vals []V) []T {
	var near [largestPart]T
	if !convert(near[:len(vals)], vals) {
		return nil
	}
	return append([]T(nil), near[:len(vals)]...)
}

// convert copies numbers and reports whether all fit.
func convert[T, V integer](dst []T, vals []V) bool {
	beyond := V(0)
	dst = dst[:len(vals)]
	for i, v := range vals {
		dst[i] = T(v)
		beyond |= v ^ V(T(v))
	}
	return beyond == 0
}

// take adds the numbers of o, sharing its parts.
func (p *pile[T]) take(o *pile[T]) {
	if len(o.full) == 0 && len(o.last) < ownPart { // copying leaves no gaps
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
// of a chart come in the order of time, and so in long ones. It ends at a run in
// which a number does not fit, and says how many were added before.
func addRuns[T integer](piles []pile[T], vals []int64, groups []uint32) (n int) {
	if g, ok := oneGroup(groups); ok {
		return addAll(&piles[g], vals)
	}
	for n < len(vals) {
		g := groups[n]
		k := n + 1
		for k < len(vals) && groups[k] == g {
			k++
		}
		if k-n >= longRun {
			added := addAll(&piles[g], vals[n:k])
			if n += added; n < k {
				return n
			}
			continue
		}
		for ; n < k; n++ {
			if int64(T(vals[n])) != vals[n] {
				return n
			}
			piles[g].add(T(vals[n]))
		}
	}
	return n
}
