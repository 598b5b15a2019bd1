package agg

import (
	"iter"
	"math"
	"math/bits"
	"slices"
)

// picker finds numbers by rank without sorting all of them: it counts them in
// buckets that grow with the distance from the smallest, and looks further
// only into the buckets where the ranks fall.
type picker struct {
	ranks []wantedRank
	out   []int64
	few   []int64
}

type wantedRank struct {
	rank int // from 0, among the numbers looked at
	call int
}

// nearRun is a bucket that ranks fall into, and its numbers.
type nearRun struct {
	ranks []wantedRank
	vals  []int64
}

// Buckets: 64 of one number each, then 32 for each doubling.
const (
	bucketBits  = 5
	exactBucket = 2 << bucketBits
	buckets     = (64-bucketBits)<<bucketBits + exactBucket/2
)

// bucketOf is the bucket of a distance from the smallest number.
func bucketOf(u uint64) int {
	shift := max(bits.Len64(u)-bucketBits-1, 0)
	return shift<<bucketBits + int(u>>shift)
}

// sortBelow is for how many numbers sorting is cheaper than two passes over
// them and one over the buckets.
const sortBelow = 256

// pick is the number at each rank asked among the n of parts. The answer lasts
// until the next call.
func (p *picker) pick(parts iter.Seq[[]int64], n int, asked []rankAsked) []int64 {
	p.ranks, p.out = p.ranks[:0], slices.Grow(p.out[:0], len(asked))[:len(asked)]
	for k, a := range asked {
		p.ranks = append(p.ranks, wantedRank{a.rank(n), k})
	}
	slices.SortFunc(p.ranks, func(a, b wantedRank) int { return a.rank - b.rank })
	p.look(parts, n, p.ranks)
	return p.out
}

// look finds the ranks, lowest first, among the n numbers of parts.
func (p *picker) look(parts iter.Seq[[]int64], n int, ranks []wantedRank) {
	if n < sortBelow {
		p.few = p.few[:0]
		for vals := range parts {
			p.few = append(p.few, vals...)
		}
		slices.Sort(p.few)
		for _, r := range ranks {
			p.out[r.call] = p.few[r.rank]
		}
		return
	}
	least := int64(math.MaxInt64)
	for vals := range parts {
		least = min(least, slices.Min(vals))
	}
	var counts [buckets]uint32
	for vals := range parts {
		for _, v := range vals {
			counts[bucketOf(uint64(v)-uint64(least))]++
		}
	}
	p.lookNear(parts, least, p.runs(&counts, least, ranks))
}

// runs finds the bucket of each rank. What lies in a bucket of one number is
// found with it; the others are runs to look into.
func (p *picker) runs(counts *[buckets]uint32, least int64, ranks []wantedRank) map[int]*nearRun {
	runs := map[int]*nearRun{}
	b, before := 0, 0
	for len(ranks) > 0 {
		for before+int(counts[b]) <= ranks[0].rank {
			before += int(counts[b])
			b++
		}
		k := 0
		for ; k < len(ranks) && ranks[k].rank < before+int(counts[b]); k++ {
			ranks[k].rank -= before
			p.out[ranks[k].call] = least + int64(b)
		}
		if b >= exactBucket {
			runs[b] = &nearRun{ranks[:k], make([]int64, 0, counts[b])}
		}
		ranks = ranks[k:]
	}
	return runs
}

// lookNear gathers the numbers of each run and looks for its ranks in them.
func (p *picker) lookNear(parts iter.Seq[[]int64], least int64, runs map[int]*nearRun) {
	if len(runs) == 0 {
		return
	}
	var near [buckets]bool
	for b := range runs {
		near[b] = true
	}
	for vals := range parts {
		for _, v := range vals {
			if b := bucketOf(uint64(v) - uint64(least)); near[b] {
				run := runs[b]
				run.vals = append(run.vals, v)
			}
		}
	}
	for _, run := range runs {
		p.look(func(yield func([]int64) bool) { yield(run.vals) }, len(run.vals), run.ranks)
	}
}
