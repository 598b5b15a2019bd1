package agg

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// Sums of integers and decimals of any size are those of rationals.
func TestSumsAsRationals(t *testing.T) {
	sum, _ := Lookup("sum")
	avg, _ := Lookup("avg")
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 9))
		states := []State{New(sum, avg), New(sum, avg)}
		want, n := new(big.Rat), int64(0)
		for range 1 + r.IntN(5) {
			c := row.Column{Kind: row.Decimal}
			for range 1 + r.IntN(50) {
				m, d := int64(r.Uint64())>>r.IntN(60), uint8(r.IntN(19))
				c.Nums, c.Digits = append(c.Nums, m), append(c.Digits, d)
				want.Add(want, ratOf(m, d))
				n++
			}
			states[r.IntN(2)].Add([]row.Column{c}, len(c.Nums), nil)
		}
		states[0].Merge(states[1], []uint32{0})
		out := states[0].Finish(1)
		wantSum, fits := decimalOfRat(want)
		if !fits {
			f, _ := want.Float64()
			wantSum = row.FloatOf(f)
		}
		if got := out[0].Value(0); got.Text() != wantSum.Text() {
			t.Errorf("seed %d: sum %s, want %s", seed, got.Text(), wantSum.Text())
		}
		f, _ := want.Quo(want, new(big.Rat).SetInt64(n)).Float64()
		if got := out[1].Value(0); got.Text() != row.FloatOf(f).Text() {
			t.Errorf("seed %d: avg %s, want %v", seed, got.Text(), f)
		}
	}
}

// Sums of many numbers to few groups are those of each number for itself, also where
// they nearly leave a word, or do.
func TestSumsByWord(t *testing.T) {
	sum, _ := Lookup("sum")
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 10))
		n, of := 2000, 1+r.IntN(5)
		shift := []int{0, 1, 11, 12, 40}[r.IntN(5)] // 2,000 numbers leave a word from 53 bits on
		vals, groups, one := make([]int64, n), make([]uint32, n), r.IntN(3)
		for i := range vals {
			vals[i], groups[i] = int64(r.Uint64())>>shift, uint32(r.IntN(of))
			switch one {
			case 0:
				vals[i] = math.MaxInt64 >> shift
			case 1:
				vals[i] = math.MinInt64 >> shift
			}
		}
		together, each := New(sum), New(sum)
		together.Grow(of)
		each.Grow(of)
		all := groups
		if of == 1 {
			all = groups[:1]
		}
		together.Add([]row.Column{intColumn(vals)}, n, all)
		for i := range vals {
			each.Add([]row.Column{intColumn(vals[i : i+1])}, 1, groups[i:i+1])
		}
		a, b := together.Finish(of)[0], each.Finish(of)[0]
		for g := range of {
			if a, b := a.Value(g).Text(), b.Value(g).Text(); a != b {
				t.Errorf("seed %d: group %d: sum %s, want %s", seed, g, a, b)
			}
		}
	}
}

// New makes a state of two calls of one family, with room for one group.
func New(calls ...Call) State {
	s := calls[0].Func.New(calls, Env{})
	s.Grow(1)
	return s
}

// What rounding loses of floats is carried along.
func TestSumOfFloats(t *testing.T) {
	sum, _ := Lookup("sum")
	s := New(sum)
	s.Add([]row.Column{{Kind: row.Float, Floats: []float64{1e16, 1, -1e16, math.NaN(), math.Inf(1), 0.5}}}, 6, nil)
	if got := s.Finish(1)[0].Value(0).Text(); got != "1.5" {
		t.Errorf("sum is %s, want 1.5", got)
	}
}

func TestSpreadIsExact(t *testing.T) {
	v, _ := Lookup("var")
	sd, _ := Lookup("stdev")
	for _, c := range []struct {
		vals []int64
		want float64
	}{
		{[]int64{1e18, 1e18 + 1, 1e18 + 2}, 1},
		{[]int64{math.MinInt64, math.MinInt64}, 0},
		{[]int64{2, 4, 4, 4, 5, 5, 7, 9}, 32.0 / 7},
		{[]int64{-5, 5}, 50},
	} {
		s := New(v, sd)
		s.Add([]row.Column{intColumn(c.vals)}, len(c.vals), nil)
		out := s.Finish(1)
		if got, _ := out[0].Value(0).Float(); got != c.want {
			t.Errorf("variance of %v is %v, want %v", c.vals, got, c.want)
		}
		if got, _ := out[1].Value(0).Float(); got != math.Sqrt(c.want) {
			t.Errorf("deviation of %v is %v", c.vals, got)
		}
	}
}
