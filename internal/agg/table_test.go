package agg

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// question is a random set of aggregates and the model's rows of each group.
type question struct {
	r      *rand.Rand
	env    Env
	keys   []string
	calls  []Call
	hasArg []bool
	names  []string
	model  map[string][]sample
	order  []string
}

func newQuestion(seed uint64) *question {
	q := &question{r: rand.New(rand.NewPCG(seed, 3)), model: map[string][]sample{}}
	start := int64(1_700_000_000_000_000_000)
	q.env = Env{From: start, To: start + 100e9}
	q.keys = make([]string, q.r.IntN(3))
	if len(q.keys) == 0 {
		q.order, q.model["k"] = []string{"k"}, nil
	}
	for f := range Functions() {
		c := Call{Func: f, Args: []string{"", "x"}[q.r.IntN(2)]}
		if f == &medianFunc {
			c.Quantile = 0.5
		}
		q.add(c, f.Min == 1 || q.r.IntN(2) == 0)
	}
	for _, p := range []string{"p0", "p7", "p29", "p95", "p99.9", "p100"} {
		c, _ := Lookup(p)
		c.Args = "x"
		q.add(c, true)
	}
	return q
}

func (q *question) add(c Call, hasArg bool) {
	if !hasArg {
		c.Args = ""
	}
	q.calls = append(q.calls, c)
	q.hasArg = append(q.hasArg, hasArg)
	q.names = append(q.names, fmt.Sprint(c, len(q.names)))
}

func (q *question) table() *Table { return NewTable(q.keys, q.calls, q.names, q.env) }

// batch is random rows as Add takes them.
type batch struct {
	keys []row.Column
	args [][]row.Column
	n    int
	// alike says that all rows have the same keys.
	alike bool
}

func (b *batch) addTo(t *Table) {
	if b.alike {
		t.AddAlike(b.keys, b.args, b.n)
	} else {
		t.Add(b.keys, b.args, b.n)
	}
}

func (q *question) batch(kinds []row.Kind) batch {
	b := batch{n: q.r.IntN(80)}
	b.keys = make([]row.Column, len(q.keys))
	b.alike = b.n > 0 && q.r.IntN(3) == 0
	for k := range b.keys {
		if b.alike {
			b.keys[k] = randomColumn(q.r, []row.Kind{row.Const, row.Const, row.Const, row.Missing}[q.r.IntN(4)], b.n)
		} else {
			b.keys[k] = randomColumn(q.r, []row.Kind{row.Int, row.Dict, row.Bool, row.Const, row.Text}[q.r.IntN(5)], b.n)
		}
	}
	x := randomColumn(q.r, kinds[q.r.IntN(len(kinds))], b.n)
	times := randomColumn(q.r, row.Time, b.n)
	for i := range times.Nums {
		times.Nums[i] = q.env.From + q.r.Int64N(50)*2e9
	}
	for c, call := range q.calls {
		b.args = append(b.args, nil)
		if q.hasArg[c] {
			b.args[c] = append(b.args[c], x)
		}
		if call.Func.Time {
			b.args[c] = append(b.args[c], times)
		}
	}
	for i := range b.n {
		k := "k"
		if len(b.keys) > 0 {
			if k = key(b.keys, i); k == "" {
				continue
			}
		}
		if _, ok := q.model[k]; !ok {
			q.order = append(q.order, k)
		}
		q.model[k] = append(q.model[k], sample{x.Value(i), times.Value(i)})
	}
	return b
}

func (q *question) check(t *testing.T, what string, out *row.Batch) {
	t.Helper()
	if out.Len != len(q.order) {
		t.Fatalf("%s: %d groups, want %d", what, out.Len, len(q.order))
	}
	for i := range out.Len {
		k := "k"
		if len(q.keys) > 0 {
			k = key(out.Cols[:len(q.keys)], i)
		}
		rows := q.model[k]
		for c, call := range q.calls {
			want, loose := naive(call, q.hasArg[c], rows, q.env)
			if got := out.Cols[len(q.keys)+c].Value(i); !same(got, want, loose) {
				t.Errorf("%s: %s of group %s (%d rows) is %s %q, want %s %q", what, out.Cols[len(q.keys)+c].Name,
					show(out.Cols[:len(q.keys)], i), len(rows), got.Kind, got.Text(), want.Kind, want.Text())
			}
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// mixtures of kinds that a field has in life, and one of all.
var mixtures = [][]row.Kind{
	{row.Int}, {row.Decimal}, {row.Int, row.Decimal}, {row.Float}, {row.Decimal, row.Float}, {row.Time},
	{row.Dict}, {row.Dict, row.Int}, {row.Text}, {row.Bool}, {row.Hex}, {row.UUID}, {row.Mixed}, kinds,
}

// Every aggregate is that of the model, in one table and when rows are split
// over tables that are merged in a random tree.
func TestTableAsModel(t *testing.T) {
	for seed := range uint64(60) {
		q := newQuestion(seed)
		mixture := mixtures[q.r.IntN(len(mixtures))]
		whole := q.table()
		parts := []*Table{q.table()}
		for range q.r.IntN(8) {
			b := q.batch(mixture)
			b.addTo(whole)
			if q.r.IntN(2) == 0 {
				parts = append(parts, q.table())
			}
			b.addTo(parts[len(parts)-1])
		}
		q.check(t, fmt.Sprintf("seed %d %v", seed, mixture), whole.Batch())
		q.check(t, fmt.Sprintf("seed %d %v again", seed, mixture), whole.Batch())
		for len(parts) > 1 { // neighbours, because first, last and list want order
			i := q.r.IntN(len(parts) - 1)
			parts[i].Merge(parts[i+1])
			parts = append(parts[:i+1], parts[i+2:]...)
		}
		q.check(t, fmt.Sprintf("seed %d %v, %d parts merged", seed, mixture, len(parts)), parts[0].Batch())
	}
}

// Tables that go on after they were merged and asked answer for all rows.
func TestTableGoesOn(t *testing.T) {
	for seed := range uint64(12) {
		q := newQuestion(seed + 10_000)
		mixture := mixtures[q.r.IntN(len(mixtures))]
		all := q.table()
		for range 5 {
			part := q.table()
			b, c := q.batch(mixture), q.batch(mixture)
			b.addTo(part)
			all.Merge(part)
			c.addTo(all)
			q.check(t, fmt.Sprintf("seed %d %v", seed, mixture), all.Batch())
		}
	}
}

func TestTableWithoutRows(t *testing.T) {
	q := newQuestion(1)
	q.keys, q.model, q.order = nil, map[string][]sample{"k": nil}, []string{"k"}
	q.check(t, "no rows", q.table().Batch())
}
