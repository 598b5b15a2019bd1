package row

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBitmapIsASet(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 63, 64, 65, 127, 128, 1000} {
		a, inA := randomSet(rng, n)
		b, inB := randomSet(rng, n)
		check := func(what string, m Bitmap, want func(i int) bool) {
			t.Helper()
			var rows []uint32
			for i := range n {
				if m.Has(i) != want(i) {
					t.Fatalf("%s of %d rows: row %d is %v", what, n, i, m.Has(i))
				}
				if want(i) {
					rows = append(rows, uint32(i))
				}
			}
			var walked []uint32
			for i := range m.Rows {
				walked = append(walked, uint32(i))
			}
			if m.Count() != len(rows) || m.Any() != (len(rows) > 0) || !slices.Equal(m.Append(nil), rows) || !slices.Equal(walked, rows) {
				t.Fatalf("%s of %d rows: Count %d, Any %v, Append %v, Rows %v", what, n, m.Count(), m.Any(), m.Append(nil), walked)
			}
		}
		check("a", a, func(i int) bool { return inA[i] })
		check("full", FullBitmap(n), func(int) bool { return true })
		and, or, not := a.Clone(), a.Clone(), a.Clone()
		and.And(b)
		or.Or(b)
		not.AndNot(b)
		check("and", and, func(i int) bool { return inA[i] && inB[i] })
		check("or", or, func(i int) bool { return inA[i] || inB[i] })
		check("and not", not, func(i int) bool { return inA[i] && !inB[i] })
		none := a.Clone()
		none.And(nil)
		check("and nothing", none, func(int) bool { return false })
		a.AndNot(nil)
		a.Or(nil)
		check("nil changes nothing", a, func(i int) bool { return inA[i] })
		for i := range n {
			a.Unset(i)
		}
		check("emptied", a, func(int) bool { return false })
		for range a.Rows {
			break
		}
	}
	if (Bitmap)(nil).Has(7) || (Bitmap)(nil).Any() || (Bitmap)(nil).Count() != 0 {
		t.Error("nil is the empty set")
	}
}

func randomSet(rng *rand.Rand, n int) (Bitmap, []bool) {
	m, in := NewBitmap(n), make([]bool, n)
	for i := range n {
		if in[i] = rng.IntN(2) == 0; in[i] {
			m.Set(i)
		}
	}
	return m, in
}

func TestBitmapRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		n := 1 + rng.IntN(300)
		m, o := NewBitmap(n), NewBitmap(n)
		want := make([]bool, n)
		for i := range n {
			if want[i] = rng.IntN(2) == 0; want[i] {
				m.Set(i)
			}
		}
		from := rng.IntN(n)
		to := from + rng.IntN(n-from+1)
		m.UnsetRange(from, to)
		for i := from; i < to; i++ {
			want[i] = false
		}
		at := rng.IntN(n)
		for i := range n - at {
			if rng.IntN(3) == 0 {
				o.Set(i)
				want[at+i] = true
			}
		}
		m.OrAt(o, at)
		for i := range n {
			if m.Has(i) != want[i] {
				t.Fatalf("row %d of %d: %v after rows %d to %d were taken out and %v added at %d", i, n, m.Has(i), from, to, o, at)
			}
		}
	}
}

// A slice holds the rows between, wherever it begins in a word.
func TestBitmapSlice(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		n := 1 + r.IntN(300)
		m := NewBitmap(n)
		for i := range n {
			if r.IntN(2) == 0 {
				m.Set(i)
			}
		}
		from := r.IntN(n + 1)
		to := from + r.IntN(n-from+1)
		got, want := m.Slice(from, to), NewBitmap(to-from)
		for i := range to - from {
			if m.Has(from + i) {
				want.Set(i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("rows %d to %d of %d are %v, want %v", from, to, n, got, want)
		}
	}
}
