package columnar

import (
	"context"
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// lane is what one stream of a question works with.
type lane struct {
	ctx    context.Context
	s      *Store
	will   *scan.Scan
	read   *scan.Read
	ev     *expr.Evaluator
	use    colfile.Usage
	newest int // so many rows of a group are wanted at most, the newest; 0: all
	// asker asks groups as ev does batches.
	asker *colfile.Asker
	// renamed keeps the filters of datasets with aliases put in, by which of
	// the aliases were; a node that stays the same is compiled once.
	renamed map[renaming]expr.Expr
	// whole answers for a part that was not opened, if it can; nil: never.
	whole func(it *item) bool
	// opened is told of the row groups of a part that was opened; nil: nobody is.
	opened func(it *item, groups []item)
	// asking is what a clause was asked about last; its memory is used again.
	asking row.Batch
	// inField keeps the terms that stand for one to be found in any field.
	inField map[fieldTerm]*expr.Term
	// equals keeps which fields of a view must have which texts.
	equals map[*view][]equal
	// wanted keeps lists asked by the letter as groups are asked for them.
	wanted map[*expr.In]*colfile.Wanted
}

func newLane(ctx context.Context, s *Store, will *scan.Scan, read *scan.Read) *lane {
	ev := expr.NewEvaluator(will.Env)
	return &lane{ctx: ctx, s: s, will: will, read: read, ev: ev, asker: colfile.NewAsker(ev), renamed: map[renaming]expr.Expr{}, inField: map[fieldTerm]*expr.Term{}}
}

// found is the rows of an item that a question wants.
type found struct {
	group *colfile.Group // rows of a part
	batch *row.Batch     // rows of a buffer
	rows  row.Bitmap     // nil: all
	n     int
}

// groupsOf opens a part and lists its row groups in the range asked.
func (l *lane) groupsOf(it *item) []item {
	groups, err := l.locateGroups(it)
	if err != nil {
		l.damaged(it, err)
		return nil
	}
	return groups
}

// locateGroups lists row groups with what the indices of the part know.
func (l *lane) locateGroups(it *item) ([]item, error) {
	open, err := l.s.reader(it.part)
	if err != nil {
		return nil, err
	}
	at, listed, err := l.locate(it.view, open)
	if err != nil {
		return nil, err
	}
	var equal located
	if !listed {
		var ok bool
		if equal, ok, err = l.locateEqual(it.view, open); !ok || err != nil {
			return nil, err
		}
	}
	spans, err := open.Spans()
	if err != nil {
		return nil, err
	}
	out := make([]item, 0, len(spans))
	for i, span := range spans {
		if span.MinTime < l.will.To && span.MaxTime >= l.will.From && (!listed || at.may(i)) && equal.must(i) {
			out = append(out, item{view: it.view, part: it.part, group: i, at: at, minTime: span.MinTime, maxTime: span.MaxTime})
		}
	}
	return out, nil
}

// batchOf is the rows of an item that the question wants, with the fields it
// wants; nil when there are none.
func (l *lane) batchOf(it *item) *row.Batch {
	f, err := l.find(it)
	var b *row.Batch
	if err == nil && f.n > 0 {
		b, err = l.columns(it.view, &f, f.rows)
	}
	l.count()
	if err != nil {
		l.damaged(it, err)
		return nil
	}
	return b
}

// damaged leaves out an item that cannot be read: the answer is partial, and
// says so.
func (l *lane) damaged(it *item, err error) {
	if it.assembly != nil {
		it.assembly.doubt()
	}
	if l.ctx.Err() != nil {
		return // the file may be gone because nobody waits for the answer
	}
	from, to := it.group, it.group+1
	if it.group == wholePart {
		from, to = 0, max(1, it.part.groups)
	}
	for group := from; group < to; group++ {
		l.read.Damaged.Add(it.part.place(group))
	}
	l.s.partDamaged(it.part, from, to, err)
}

// count hands on what was read since the last time.
func (l *lane) count() {
	l.read.SawColumns(l.use.Columns)
	l.read.Bytes.Add(l.use.Bytes)
	l.use = colfile.Usage{}
}

// find looks for the rows of an item, reading only the fields its filter
// needs.
func (l *lane) find(it *item) (found, error) {
	if it.chunk != nil {
		return l.findInBuffer(it), nil
	}
	open, err := l.s.reader(it.part)
	if err != nil {
		return found{}, err
	}
	g, err := open.Group(it.group)
	if err != nil {
		return found{}, err
	}
	rows, err := l.findInGroup(it.view, g, it.at)
	if err != nil {
		return found{}, err
	}
	f := found{group: g, rows: rows, n: g.Rows}
	if rows != nil {
		f.n = rows.Count()
	}
	return f, nil
}

func (l *lane) findInBuffer(it *item) found {
	b := it.chunk.batch
	l.read.Groups.Add(1)
	l.read.Rows.Add(int64(b.Len))
	f := found{batch: b, n: b.Len}
	if it.minTime < l.will.From || it.maxTime >= l.will.To {
		f.rows = row.NewBitmap(b.Len)
		for i, t := range b.Col(row.FieldTime).Nums {
			if t >= l.will.From && t < l.will.To {
				f.rows.Set(i)
			}
		}
	}
	if _, every := it.view.where.(*expr.Every); !every {
		yes := l.ev.Filter(it.view.where, it.view.Alias(b, it.view.aliases))
		if f.rows != nil {
			yes.And(f.rows)
		}
		f.rows = yes
	}
	if f.rows != nil {
		f.n = f.rows.Count()
	}
	return f
}

// findInGroup looks for rows in a row group: first with what the group knows
// without its pages, then clause by clause, each reading its fields only for
// the rows that are left. nil stands for all rows.
func (l *lane) findInGroup(v *view, g *colfile.Group, at located) (row.Bitmap, error) {
	if at != nil {
		return l.findHolders(g, at)
	}
	where := expr.Simplify(l.rename(v, g), func(e expr.Expr) expr.Verdict {
		if v.merges(g, e) {
			return expr.Maybe
		}
		return g.Judge(e, l.ev, &l.use)
	})
	if _, none := where.(*expr.None); none {
		return row.Bitmap{}, nil
	}
	l.read.Groups.Add(1)
	rows, err := l.within(g)
	if err != nil {
		return nil, err
	}
	if rows, err = (&sieve{lane: l, view: v, group: g}).look(where, rows); err == nil {
		err = l.ctx.Err() // a regular expression may have been cut short
	}
	return rows, err
}

// within is the rows of a group in the range of time.
func (l *lane) within(g *colfile.Group) (row.Bitmap, error) {
	if g.MinTime >= l.will.From && g.MaxTime < l.will.To {
		return nil, nil
	}
	from, to, err := g.TimeRows(l.will.From, l.will.To, &l.use)
	if err != nil {
		return nil, err
	}
	rows := row.NewBitmap(g.Rows)
	for i := from; i < to; i++ {
		rows.Set(i)
	}
	return rows, nil
}

// columns reads the fields asked for, for some of the rows of an item; but for
// those of a part that are known.
func (l *lane) columns(v *view, f *found, rows row.Bitmap, known ...row.Column) (*row.Batch, error) {
	names := v.fields
	if l.will.All {
		names = nil
	}
	b, err := l.readFields(v, f, rows, names, &row.Batch{}, known...)
	if err != nil {
		return nil, err
	}
	return l.asked(v, b), nil
}

// readFields reads fields, all when names is nil, for some of the rows of an
// item; those of a part in the memory of into.
func (l *lane) readFields(v *view, f *found, rows row.Bitmap, names []string, into *row.Batch, known ...row.Column) (*row.Batch, error) {
	if f.group != nil {
		return into, f.group.BatchInto(into, names, rows, &l.use, known...)
	}
	b := &row.Batch{Dataset: v.Name, Len: f.batch.Len}
	for _, c := range f.batch.Cols {
		if names == nil || slices.Contains(names, c.Name) {
			b.Cols = append(b.Cols, c)
		}
	}
	if rows != nil {
		b = b.Keep(rows)
	}
	return b, nil
}

// asked is the batch with the fields asked for, under the names asked.
func (l *lane) asked(v *view, b *row.Batch) *row.Batch {
	own := len(b.Cols)
	b = v.Alias(b, l.will.Fields) // puts its columns behind those of the rows, or in place of them
	if l.will.All && len(b.Cols) == own {
		return b
	}
	out := &row.Batch{Dataset: v.Name, Len: b.Len, Cols: make([]row.Column, 0, len(b.Cols))}
	for i, c := range b.Cols {
		if l.will.All && i < own || slices.Contains(l.will.Fields, c.Name) || c.Name == row.FieldTime || c.Name == row.FieldSeq {
			out.Cols = append(out.Cols, c)
		}
	}
	return out
}
