package agg

import (
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// Arguments that are asked for later, of few rows, give what they give when
// they are there for all.
func TestAddLaterAsAdd(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 17))
		var keys []string
		if r.IntN(4) > 0 {
			keys = []string{"k"}
		}
		table := func() *Table {
			latest, _ := Lookup("latest")
			earliest, _ := Lookup("earliest")
			count, _ := Lookup("count")
			latest.Args, earliest.Args = "x t", "x t"
			t := NewTable(keys, []Call{latest, count, earliest}, []string{"latest", "count", "earliest"}, Env{})
			t.SortedKeys = true
			return t
		}
		want, got := table(), table()
		for range 1 + r.IntN(4) {
			n := 1 + r.IntN(40)
			by := []row.Column{randomColumn(r, row.Dict, n)}[:len(keys)]
			x := randomColumn(r, row.Int, n)
			x.Nulls = nil
			times := randomColumn(r, row.Time, n)
			times.Nulls = nil
			want.Add(by, [][]row.Column{{x, times}, nil, {x, times}}, n)
			got.AddLater(by, [][]row.Column{nil, nil, nil}, n, Later{Times: times.Nums, Args: func(_ int, rows []uint32) []row.Column {
				return []row.Column{x.Pick(rows), times.Pick(rows)}
			}})
		}
		if a, b := shown(got.Batch()), shown(want.Batch()); a != b {
			t.Fatalf("seed %d: later:\n%s\nat once:\n%s", seed, a, b)
		}
	}
}
