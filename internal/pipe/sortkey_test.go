package pipe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// Choosing the first rows gives what sorting all of them gives, whatever kind
// the columns are of, with ties and gaps.
func TestHeadRowsAsSorted(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		n := r.IntN(400)
		b := &row.Batch{Len: n, Cols: []row.Column{sortedColumn(r, "a", n), sortedColumn(r, "b", n)}}
		keys := []sortKey{{"a", r.IntN(2) == 0}, {"b", r.IntN(2) == 0}}[:1+r.IntN(2)]
		limit := r.IntN(20)
		want := sortRows(b, keys)
		if got := headRows(b, keys, limit); !slices.Equal(got, want[:min(limit, n)]) {
			t.Fatalf("seed %d: the first %d of %d rows by %v are %v, sorted %v", seed, limit, n, keys, got, want)
		}
	}
}

// sortedColumn is a column of few different values, some of them missing.
func sortedColumn(r *rand.Rand, name string, n int) row.Column {
	b := row.NewBuilder("")
	kind := r.IntN(4)
	for range n {
		b.BeginBare()
		v := r.IntN(9)
		switch {
		case v == 0:
		case kind == 0 || kind == 3 && v < 4:
			b.Value([]byte(name), row.IntOf(int64(v)))
		case kind == 1:
			b.Value([]byte(name), row.DecimalOf(int64(v), uint8(v%3)))
		default:
			b.Text([]byte(name), fmt.Append(nil, "text", v%4))
		}
	}
	c := *b.Batch().Col(name)
	c.Name = name
	return c
}
