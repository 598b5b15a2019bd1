package agg

import (
	"math/bits"
	"slices"
)

// picker finds numbers by rank without sorting all of them: it counts them in
// buckets that grow with the distance from the smallest, and looks further
// only into the buckets where the ranks fall.
type picker struct {
	ranks []wantedRank
	out   []int64
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

// pick is the number at each rank asked. It may put vals in another order; the
// answer lasts until the next call.
func (p *picker) pick(vals []int64, asked []rankAsked) []int64 {
	p.ranks, p.out = p.ranks[:0], slices.Grow(p.out[:0], len(asked))[:len(asked)]
	for k, a := range asked {
		p.ranks = append(p.ranks, wantedRank{a.rank(len(vals)), k})
	}
	slices.SortFunc(p.ranks, func(a, b wantedRank) int { return a.rank - b.rank })
	p.look(vals, p.ranks)
	return p.out
}

// look finds the ranks, lowest first, among vals.
func (p *picker) look(vals []int64, ranks []wantedRank) {
	if len(vals) < sortBelow {
		slices.Sort(vals)
		for _, r := range ranks {
			p.out[r.call] = vals[r.rank]
		}
		return
	}
	least := slices.Min(vals)
	var counts [buckets]uint32
	for _, v := range vals {
		counts[bucketOf(uint64(v)-uint64(least))]++
	}
	var runs []nearRun
	var runOf [buckets]uint16 // +1
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
			runs = append(runs, nearRun{ranks[:k], make([]int64, 0, counts[b])})
			runOf[b] = uint16(len(runs))
		}
		ranks = ranks[k:]
	}
	p.lookNear(vals, least, &runOf, runs)
}

// lookNear gathers the numbers of each run and looks for its ranks in them.
func (p *picker) lookNear(vals []int64, least int64, runOf *[buckets]uint16, runs []nearRun) {
	if len(runs) == 0 {
		return
	}
	for _, v := range vals {
		if r := runOf[bucketOf(uint64(v)-uint64(least))]; r != 0 {
			run := &runs[r-1]
			run.vals = append(run.vals, v)
		}
	}
	for _, run := range runs {
		p.look(run.vals, run.ranks)
	}
}
