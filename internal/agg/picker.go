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
	near  []int64
}

type wantedRank struct {
	rank int // from 0, among the numbers looked at
	call int
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
	p.look(vals, p.ranks, p.near[:0])
	return p.out
}

// look finds the ranks, lowest first, among vals.
func (p *picker) look(vals []int64, ranks []wantedRank, near []int64) {
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
	b, before := 0, 0
	for len(ranks) > 0 {
		for before+int(counts[b]) <= ranks[0].rank {
			before += int(counts[b])
			b++
		}
		k := 0
		for k < len(ranks) && ranks[k].rank < before+int(counts[b]) {
			ranks[k].rank -= before
			k++
		}
		if b < exactBucket {
			for _, r := range ranks[:k] {
				p.out[r.call] = least + int64(b)
			}
		} else {
			near = within(near[:0], vals, least, b)
			p.look(near, ranks[:k], nil)
			if cap(near) > cap(p.near) {
				p.near = near
			}
		}
		ranks = ranks[k:]
	}
}

// within appends the vals that fall into bucket b.
func within(dst, vals []int64, least int64, b int) []int64 {
	shift := b>>bucketBits - 1
	from := uint64(b-shift<<bucketBits) << shift
	size := uint64(1) << shift
	for _, v := range vals {
		if uint64(v)-uint64(least)-from < size {
			dst = append(dst, v)
		}
	}
	return dst
}
