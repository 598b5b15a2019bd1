package columnar

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// mostTableBytes of a lane's table are handed on and begun anew: who merges
// the tables counts their memory and has the limits.
const mostTableBytes = 16 << 20

// groupFields are the fields that an aggregate reads; ok is false when it
// looks into all of them.
func groupFields(g *scan.Group) (names []string, ok bool) {
	var list []expr.Expr
	list = append(list, g.Keys...)
	for _, a := range g.Aggs {
		list = append(list, a.Args...)
	}
	seen := map[string]bool{}
	for _, e := range list {
		fields, all := expr.Fields(e)
		if all {
			return nil, false
		}
		for _, name := range fields {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names, true
}

// tabler folds the rows of a lane into tables.
type tabler struct {
	*lane
	group *scan.Group
	names []string   // of the fields it reads
	own   *agg.Table // of the lane
	// table is what rows go into: own, or a piece of a part whose table is to be kept.
	table    *agg.Table
	assembly *assembly // that the piece is for; nil: it is own
	// reading is what was folded last; its memory is used again, for a table
	// keeps nothing of it.
	reading row.Batch
	shapes  []row.Column
	placed  []placedKey // by key
}

// placedKey is the codes of a key as a row group has them, and what they stand for.
type placedKey struct {
	codes  row.Column
	places []uint32
}

func (t *tabler) begin() {
	keys := make([]string, len(t.group.Keys))
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	calls, names := make([]agg.Call, len(t.group.Aggs)), make([]string, len(t.group.Aggs))
	for i, a := range t.group.Aggs {
		calls[i] = a.Call
	}
	t.own = agg.NewTable(keys, calls, names, t.group.Env)
	t.placed = make([]placedKey, len(keys))
	if t.assembly == nil {
		t.table = t.own
	}
}

// add folds the rows that an item has for the question.
func (t *tabler) add(it *item) {
	f, err := t.find(it)
	if err == nil && f.n > 0 {
		err = t.fold(it, &f)
	}
	t.count()
	if err != nil {
		t.damaged(it, err)
	}
}

// fold reads what the question wants of the rows found, and folds it.
func (t *tabler) fold(it *item, f *found) error {
	n := t.needs(it.view, f)
	b, err := t.readFields(it.view, f, f.rows, n.fields, &t.reading)
	if err != nil {
		return err
	}
	if len(n.shapes) > 0 { // whose memory is not that of the columns beside them
		b = &row.Batch{Dataset: b.Dataset, Len: b.Len, Cols: slices.Clip(b.Cols)}
	}
	for i, name := range n.shapes {
		if err := f.group.ShapesInto(&t.shapes[i], name, f.rows, &t.use); err != nil {
			return err
		}
		b.Cols = append(b.Cols, t.shapes[i])
	}
	b = it.view.Alias(b, t.names)
	args := make([][]row.Column, len(t.group.Aggs))
	for i := range t.group.Aggs {
		if !slices.Contains(n.later, i) {
			args[i] = t.args(i, b)
		}
	}
	if len(n.later) == 0 && f.group != nil && t.foldSteps(b, args) {
		return nil
	}
	keys, places, err := t.keys(f, b, n.placed)
	if err != nil {
		return err
	}
	if len(n.later) == 0 {
		t.table.AddPlaced(keys, places, args, b.Len)
		return nil
	}
	t.table.AddLater(keys, args, b.Len, agg.Later{Times: b.Col(row.FieldTime).Nums, Args: func(call int, rows []uint32) []row.Column {
		return t.argsOf(call, it, f, rows)
	}})
	return nil
}

// keys are what the rows of b are grouped by. places say of those that are placed what
// their codes stand for.
func (t *tabler) keys(f *found, b *row.Batch, placed []string) (keys []row.Column, places [][]uint32, err error) {
	keys, places = make([]row.Column, len(t.group.Keys)), make([][]uint32, len(t.group.Keys))
	for i, e := range t.group.Keys {
		if placed == nil || placed[i] == "" {
			keys[i] = t.ev.Eval(e, b)
			continue
		}
		k := &t.placed[i]
		if k.places, err = f.group.CodesInto(&k.codes, k.places[:0], placed[i], f.rows, &t.use); err != nil {
			return nil, nil, err
		}
		keys[i], places[i] = k.codes, k.places
	}
	return keys, places, nil
}

// args are the arguments of an aggregate.
func (t *tabler) args(i int, b *row.Batch) []row.Column {
	var out []row.Column
	for _, e := range t.group.Aggs[i].Args {
		out = append(out, t.ev.Eval(e, b))
	}
	return out
}

// grouped is one lane of a question that wants aggregates.
func (s *Store) grouped(ctx context.Context, snap *snapshot, feed *feed, will *scan.Scan, read *scan.Read) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		defer snap.ended()
		t := &tabler{lane: newLane(ctx, s, will, read), group: will.Group}
		t.names, _ = groupFields(will.Group)
		t.whole = func(it *item) bool { return t.addWhole(it) || t.addKept(it) }
		t.opened = t.assemble
		t.begin()
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			began := time.Now()
			it := feed.next(t.lane)
			if it == nil {
				t.handOn()
				yield(&row.Batch{Partial: t.own}, nil)
				return
			}
			t.turnTo(it.assembly)
			t.add(it)
			t.folded(it.assembly)
			s.pace.rest(ctx, will.Urgent, time.Since(began))
			if t.own.MemBytes() > mostTableBytes {
				if !yield(&row.Batch{Partial: t.own}, nil) {
					return
				}
				t.begin()
			}
		}
	}
}
