package colfile

import (
	"bytes"
	"fmt"
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

// TestStepsAtPlaces: of a page of steps, even or not, with exceptions or without, the
// numbers at some places are those that stand there.
func TestStepsAtPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 17))
	for _, n := range []int{1, 2, 3, strip, strip + 1, strip + 2, 3*strip + 5, PageRows} {
		for _, wide := range []int64{1, 2, 700} {
			for _, leaps := range []int{0, 1, 20} {
				nums := make([]int64, n)
				at := int64(-50)
				for i := range nums {
					nums[i] = at
					at += 1000 + 10*r.Int64N(wide)
					if n > 1 && r.IntN(n) < leaps {
						at += r.Int64N(1 << 40)
					}
				}
				p := numbersPage{habit: asSteps}
				page := p.append(nil, nums)
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
					what := fmt.Sprintf("%d numbers, steps of %d, %d leaps, %d places", n, wide, leaps, len(places))
					c := frame.NewCursor(bytes.Clone(page))
					if got := readNumbers(nil, c, n, places); !slices.Equal(got, want) && len(places) > 0 || c.End() != nil {
						t.Fatalf("%s: %v, not %v: %v", what, got, want, c.Err())
					}
				}
			}
		}
	}
}
