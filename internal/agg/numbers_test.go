package agg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Mantissas come to one scale as each alone would, or it is said that one does
// not fit.
func TestRaise(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	for range 2000 {
		scale := uint8(r.IntN(25))
		mantissas, digits := make([]int64, 1+r.IntN(4)), make([]uint8, 4)
		farthest, fit := uint8(0), true
		want := make([]int64, len(mantissas))
		for i := range mantissas {
			digits[i] = uint8(r.IntN(int(scale) + 1))
			by := scale - digits[i]
			farthest = max(farthest, by)
			mantissas[i] = int64(r.Uint64()) >> r.IntN(64)
			if p := powersOf10[min(int(by), len(powersOf10)-1)]; r.IntN(4) == 0 {
				mantissas[i] = []int64{math.MaxInt64 / p, -(math.MaxInt64 / p), math.MaxInt64/p + 1, math.MinInt64}[r.IntN(4)]
			}
			var ok bool
			want[i], ok = scaleUp(mantissas[i], by)
			fit = fit && ok
		}
		var n numbers
		if !n.raise(mantissas, digits[:len(mantissas)], scale, farthest) {
			if fit && farthest < uint8(len(powersOf10)) && !slices.Contains(mantissas, math.MinInt64) {
				t.Fatalf("%d with %d digits do not fit %d", mantissas, digits, scale)
			}
			continue
		}
		for i, v := range n.nums {
			if !fit || v != want[i] {
				t.Fatalf("%d with %d digits are %d of %d, want %d", mantissas, digits, n.nums, scale, want)
			}
		}
	}
}
