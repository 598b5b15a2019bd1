package agg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Stretches of any length end up in their piles whole and in order, and only
// those before a number that does not fit.
func TestAddRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for range 200 {
		narrow := make([]pile[int32], 3)
		want := make([][]int64, 3)
		for range 1 + r.IntN(5) {
			vals := make([]int64, r.IntN(3*largestPart))
			groups := make([]uint32, len(vals))
			for i := 0; i < len(vals); {
				g := uint32(r.IntN(len(want)))
				for n := 1 + r.IntN(2*largestPart)>>r.IntN(13); n > 0 && i < len(vals); n-- {
					vals[i], groups[i] = int64(int32(r.Uint32())), g
					i++
				}
			}
			misfit := len(vals)
			if len(vals) > 0 && r.IntN(4) == 0 {
				misfit = r.IntN(len(vals))
				vals[misfit] = math.MaxInt32 + 1
			}
			if r.IntN(3) == 0 {
				groups = nil
			}
			n := addRuns(narrow, vals, groups)
			if n > misfit || misfit == len(vals) && n < misfit {
				t.Fatalf("%d of %d numbers are added, number %d does not fit", n, len(vals), misfit)
			}
			for i, v := range vals[:n] {
				g := groupOf(groups, i)
				want[g] = append(want[g], v)
			}
			if n < len(vals) {
				break
			}
		}
		for g := range narrow {
			var got []int64
			for part := range narrow[g].each {
				for _, v := range part {
					got = append(got, int64(v))
				}
			}
			if !slices.Equal(got, want[g]) || narrow[g].len() != len(want[g]) {
				t.Fatalf("pile %d has %d numbers, want %d", g, len(got), len(want[g]))
			}
		}
	}
}
