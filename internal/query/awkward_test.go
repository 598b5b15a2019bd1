package query_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// awkward is a store that does what a store may do and few will: the
// specification holds on it too.
type awkward struct {
	specStore
	r *rand.Rand

	refuse bool // fits nothing: no filter, order, limit
	whole  bool // hands out all fields, asked for or not
	groups bool // aggregates by itself
}

// awkwardStages are the laws of plans and pipes: an answer does not depend on
// how rows are cut into batches and lanes, in which form their columns are, in
// which order they come where that is left open, what the store does itself,
// or which fields come along unasked.
func awkwardStages() []specStage {
	stage := func(name string, set func(*awkward)) specStage {
		return specStage{name, func(t *testing.T, batches []*row.Batch) specStore {
			a := &awkward{specStore: memoryStage().open(t, batches), r: rand.New(rand.NewPCG(uint64(len(batches)), 7))}
			set(a)
			return a
		}}
	}
	return []specStage{
		stage("in lanes", func(a *awkward) {}),
		stage("nothing fits", func(a *awkward) { a.refuse = true }),
		stage("whole rows", func(a *awkward) { a.whole = true }),
		stage("groups", func(a *awkward) { a.groups = true }),
	}
}

func (a *awkward) Fit(want scan.Scan) scan.Scan {
	if !a.groups {
		want.Group = nil
	}
	if a.refuse {
		want.Limit, want.Order = 0, scan.Any
		// A filter is left to a pipe, which makes the other names of fields that it
		// asks for fields of the rows: a store that refuses those changes lines.
		if fields, _ := expr.Fields(want.Where); len(dataset.New("app").Resolve(fields)) == len(fields) {
			want.Where = nil
		}
	}
	return want
}

func (a *awkward) Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error) {
	group := will.Group
	will.Group = nil
	will.All = will.All || a.whole || group != nil // who aggregates itself reads what it needs
	streams, err := a.specStore.Scan(ctx, will, read)
	if err != nil {
		return nil, err
	}
	var rows []*row.Batch
	for _, s := range streams {
		for b, err := range s {
			if err != nil {
				return nil, err
			}
			for i := range b.Len {
				rows = append(rows, b.Slice(i, i+1))
			}
		}
	}
	lanes := 1
	if will.Order == scan.Any {
		a.r.Shuffle(len(rows), func(i, k int) { rows[i], rows[k] = rows[k], rows[i] })
		lanes += a.r.IntN(4)
	}
	return a.deal(rows, lanes, &will, group), nil
}

// deal puts rows into lanes.
func (a *awkward) deal(rows []*row.Batch, lanes int, will *scan.Scan, group *scan.Group) []row.Rows {
	piles := make([][]*row.Batch, lanes)
	for len(rows) > 0 {
		n := 1 + a.r.IntN(min(len(rows), 5))
		for i := 1; i < n; i++ { // a batch is of one dataset
			if rows[i].Dataset != rows[0].Dataset {
				n = i
			}
		}
		k := a.r.IntN(lanes)
		piles[k] = append(piles[k], a.other(row.Concat(rows[:n])))
		if a.r.IntN(8) == 0 {
			piles[k] = append(piles[k], &row.Batch{Dataset: rows[0].Dataset})
		}
		rows = rows[n:]
	}
	out := make([]row.Rows, lanes)
	for k, pile := range piles {
		if group != nil {
			pile = []*row.Batch{{Partial: grouped(pile, will, group)}}
		}
		out[k] = func(yield func(*row.Batch, error) bool) {
			for _, b := range pile {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
	return out
}

// other is the batch with its columns in other forms.
func (a *awkward) other(b *row.Batch) *row.Batch {
	out := &row.Batch{Dataset: b.Dataset, Len: b.Len}
	for _, c := range b.Cols {
		if c.Name != row.FieldTime && c.Name != row.FieldSeq && c.Kind != row.Missing {
			c = a.reformed(c, b.Len)
		}
		out.Cols = append(out.Cols, c)
	}
	a.r.Shuffle(len(out.Cols), func(i, k int) { out.Cols[i], out.Cols[k] = out.Cols[k], out.Cols[i] })
	return out
}

// reformed is a column in another form, or as it is.
func (a *awkward) reformed(c row.Column, n int) row.Column {
	if c.Present(n).Count() == 0 {
		return emptied(c.Name, n, row.Kind(a.r.IntN(int(row.Mixed)+1)))
	}
	values, texts := make([]row.Value, n), true
	for i := range values {
		values[i] = c.Value(i)
		texts = texts && (values[i].IsMissing() || values[i].Kind == row.Text)
	}
	switch form := a.r.IntN(6); {
	case form < 2:
		return row.Column{Name: c.Name, Kind: row.Mixed, Values: values}
	case form == 2 && texts:
		return a.coded(c.Name, values, row.Dict)
	case form == 3 && texts:
		return a.coded(c.Name, values, row.Shape)
	}
	return c
}

// coded is a column of texts, or of their shapes, whose dictionary is in any order and
// begins with what no row has.
func (a *awkward) coded(name string, values []row.Value, kind row.Kind) row.Column {
	c := row.Column{Name: name, Kind: kind, Codes: make([]uint32, len(values)), Offs: make([]uint32, 1), Nulls: row.NewBitmap(len(values))}
	list, codes := []string{"of no row"}, map[string]uint32{}
	for _, i := range a.r.Perm(len(values)) {
		text := values[i].Str()
		if kind == row.Shape {
			shape, _ := row.SplitShape(nil, nil, []byte(text))
			text = string(shape)
		}
		code, known := codes[text]
		switch {
		case values[i].IsMissing():
			c.Nulls.Set(i)
			continue
		case !known:
			code = uint32(len(list))
			codes[text], list = code, append(list, text)
		}
		c.Codes[i] = code
	}
	for _, v := range values {
		if kind == row.Shape && !v.IsMissing() {
			_, fill := row.SplitShape(nil, nil, []byte(v.Str()))
			c.Bytes = append(c.Bytes, fill...)
		}
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	if c.Dict = row.NewDictionary(list); !c.Nulls.Any() {
		c.Nulls = nil
	}
	return c
}

// emptied is a column without any value, whose dictionary holds nothing either.
func emptied(name string, n int, kind row.Kind) row.Column {
	c := row.Column{Name: name, Kind: kind}
	switch kind {
	case row.Missing:
		return c
	case row.Const:
		c.One = row.TextOf("of no row")
	case row.List, row.Mixed:
		c.Values = make([]row.Value, n)
		return c
	}
	c.Nulls, c.Bits = row.NewBitmap(n), row.NewBitmap(n)
	c.Nulls.Fill(n)
	c.Codes, c.Dict, c.Offs = make([]uint32, n), row.NewDictionary(nil), make([]uint32, n+1)
	c.Nums, c.Digits, c.Floats = make([]int64, n), make([]uint8, n), make([]float64, n)
	c.Width, c.Bytes = 16, make([]byte, 16*n)
	return c
}

// grouped is the table of some batches.
func grouped(batches []*row.Batch, will *scan.Scan, g *scan.Group) *agg.Table {
	ev := expr.NewEvaluator(will.Env)
	keys, names := make([]string, len(g.Keys)), make([]string, len(g.Aggs))
	calls := make([]agg.Call, len(g.Aggs))
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	for i, a := range g.Aggs {
		calls[i] = a.Call
	}
	t := agg.NewTable(keys, calls, names, g.Env)
	for _, b := range batches {
		by := make([]row.Column, len(g.Keys))
		for i, k := range g.Keys {
			by[i] = ev.Eval(k, b)
		}
		args := make([][]row.Column, len(g.Aggs))
		for i, a := range g.Aggs {
			for _, e := range a.Args {
				args[i] = append(args[i], ev.Eval(e, b))
			}
		}
		t.Add(by, args, b.Len)
	}
	return t
}
