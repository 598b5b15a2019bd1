package colfile

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// TestFewRowsOfAllFields: a batch of a few rows is what its columns are one by one,
// and those that are known are taken as they are.
func TestFewRowsOfAllFields(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 90))
	b := canonical(3*PageRows + 500)
	b = b.With(sparse(r, b.Len)).With(agreeing(r, b.Len))
	g := groupOf(t, b)
	sets := []row.Bitmap{row.NewBitmap(b.Len), someRows(r, b.Len, 40), someRows(r, b.Len, 2), row.FullBitmap(b.Len)}
	for _, one := range []int{0, PageRows, b.Len - 1} {
		set := row.NewBitmap(b.Len)
		set.Set(one)
		sets = append(sets, set)
	}
	last := row.NewBitmap(b.Len) // a whole page, and no more than are listed
	for i := 3 * PageRows; i < b.Len; i++ {
		last.Set(i)
	}
	for _, set := range append(sets, last) {
		known := row.Column{Name: "level", Kind: row.Const, One: row.TextOf("known")}
		var got row.Batch
		if err := g.BatchInto(&got, nil, set, nil, known); err != nil {
			t.Fatal(err)
		}
		var cols []row.Column
		for _, name := range g.Fields() {
			c, err := g.Column(name, set, nil)
			if err != nil {
				t.Fatal(err)
			}
			if name == "level" {
				c = known
			}
			if c.Kind != row.Missing {
				cols = append(cols, c)
			}
		}
		sameBatch(t, &row.Batch{Dataset: got.Dataset, Len: set.Count(), Cols: cols}, &got)
	}
}

// TestNumbersAtPlaces: of a page of numbers or steps, even or not, with exceptions or
// without, the numbers at some places are those that stand there.
func TestNumbersAtPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 17))
	for _, habit := range []habit{asNumbers, asSteps} {
		for _, n := range []int{1, 2, 3, 64, 65, strip, strip + 1, strip + 2, 3*strip + 5, PageRows} {
			for _, wide := range []int64{1, 2, 700} {
				for _, leaps := range []int{0, 1, 20} {
					numbersAtPlaces(t, r, habit, someNumbers(r, n, wide, leaps))
				}
			}
		}
		numbersAtPlaces(t, r, habit, []int64{math.MinInt64, math.MaxInt64, -1, 0, math.MinInt64, math.MaxInt64})
	}
}

// someNumbers rise by steps that differ by less than wide, but for some leaps.
func someNumbers(r *rand.Rand, n int, wide int64, leaps int) []int64 {
	nums, at := make([]int64, n), int64(-50)
	for i := range nums {
		nums[i] = at
		at += 1000 + 10*r.Int64N(wide)
		if n > 1 && r.IntN(n) < leaps {
			at += r.Int64N(1 << 40)
		}
	}
	return nums
}

func numbersAtPlaces(t *testing.T, r *rand.Rand, habit habit, nums []int64) {
	p, n := numbersPage{habit: habit}, len(nums)
	page := p.append(nil, nums)
	c := frame.NewCursor(bytes.Clone(page))
	if got := readNumbers(nil, c, n, nil); !slices.Equal(got, nums) || c.End() != nil {
		t.Fatalf("%d numbers: %v, not %v: %v", n, got, nums, c.Err())
	}
	for _, few := range []int{0, 1, 3, n} {
		var places []uint32
		for range min(few, n) {
			places = append(places, uint32(r.IntN(n)))
		}
		if few == n {
			places = counting(n)
		}
		slices.Sort(places)
		places = slices.Compact(places)
		var want []int64
		for _, i := range places {
			want = append(want, nums[i])
		}
		c := frame.NewCursor(bytes.Clone(page))
		if got := readNumbers(nil, c, n, places); !slices.Equal(got, want) && len(places) > 0 || c.End() != nil {
			t.Fatalf("%d of %d numbers: %v, not %v: %v", len(places), n, got, want, c.Err())
		}
	}
}
