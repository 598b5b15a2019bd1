package colfile

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// Facts are what is known of a field of a group before any of its pages is
// read.
type Facts struct {
	Kind     row.Kind  // as what Column hands it out; Missing: no row has it
	Present  int       // rows that have a value
	One      row.Value // Const: the value
	Distinct int       // different values; 0: not known
	// Low ≤ every value ≤ High: numbers by size, texts by their bytes; missing
	// when not known. A long text is cut, an upper bound then raised.
	Low, High row.Value
	Indexed   bool  // MayHold can tell
	Bytes     int64 // of its pages in the file
}

// Facts gives what is known of a field.
func (g *Group) Facts(field string) Facts {
	chunks := g.chunks(field)
	if len(chunks) == 0 {
		return Facts{}
	}
	c := &chunks[0]
	f := Facts{
		Kind: c.kind, Present: c.present, One: c.value, Distinct: c.count, Low: c.low, High: c.high,
		Indexed: c.indexed, Bytes: c.bytes(),
	}
	for i := range chunks[1:] {
		c := &chunks[1+i]
		f = Facts{Kind: row.Mixed, Present: f.Present + c.present, Indexed: f.Indexed && c.indexed, Bytes: f.Bytes + c.bytes()}
	}
	return f
}

// bytes is what the pages of a chunk take in the file.
func (c *chunk) bytes() int64 {
	n := int64(c.table.stored) + int64(c.list.stored) + int64(c.usual.stored)
	for _, s := range [...]stream{c.pages, c.fills} {
		for _, b := range s.pages {
			n += int64(b.stored)
		}
	}
	return n
}

// FieldFacts are what is known of a field of a whole part.
type FieldFacts struct {
	Name      string
	Kinds     []row.Kind // of its values, as the groups hand them out; a constant counts by its value
	Rows      int64      // that have a value
	Low, High row.Value  // as in Facts
	Texts     int        // texts in its dictionary
	Numbers   int        // numbers in its dictionary
	Shapes    int        // shapes in its dictionary
}

// Fields are the fields of the part, in the order they were first seen.
func (p *Part) Fields() ([]FieldFacts, error) {
	f, err := p.footer()
	if err != nil {
		return nil, err
	}
	out := make([]FieldFacts, 0, len(f.fields))
	for i := range f.fields {
		if e := &f.fields[i]; !isInner(e.name) {
			out = append(out, e.facts())
		}
	}
	return out, nil
}

// Field gives what is known of one field; false when no row of the part has it.
func (p *Part) Field(name string) (FieldFacts, bool, error) {
	e, err := p.field(name)
	if e == nil || err != nil {
		return FieldFacts{Name: name}, false, err
	}
	return e.facts(), true, nil
}

func (e *fieldEntry) facts() FieldFacts {
	f := FieldFacts{Name: e.name, Rows: e.rows, Low: e.low, High: e.high, Texts: e.texts.count, Numbers: e.nums.count, Shapes: e.shapes.count}
	for k := row.Missing; k <= row.Mixed; k++ {
		if e.kinds&(1<<k) != 0 {
			f.Kinds = append(f.Kinds, k)
		}
	}
	return f
}

// Counts gives the different values of a field and how many rows of the part
// have each: texts in their order, numbers by size, truth values. ok is false
// when the part does not know, because some values are not counted.
func (p *Part) Counts(field string) (values []row.Value, rows []uint64, ok bool, err error) {
	e, err := p.field(field)
	if e == nil || err != nil {
		return nil, nil, e == nil && err == nil, err
	}
	total := uint64(0)
	add := func(v row.Value, n uint64) {
		if n > 0 {
			values, rows = append(values, v), append(rows, n)
			total += n
		}
	}
	if n, err := p.rowCounts(&e.texts, e.name); err != nil {
		return nil, nil, false, err
	} else if n != nil {
		d, err := p.dictionary(&e.texts, e.name)
		if err != nil {
			return nil, nil, false, err
		}
		for i := range n {
			add(row.TextOf(d.At(uint32(i))), n[i])
		}
	}
	if n, err := p.rowCounts(&e.nums, e.name); err != nil {
		return nil, nil, false, err
	} else if n != nil {
		nums, err := p.numbers(e)
		if err != nil {
			return nil, nil, false, err
		}
		for i := range n {
			add(row.IntOf(nums[i]), n[i])
		}
	}
	for i, n := range e.bools {
		add(row.BoolOf(i == 1), n)
	}
	return values, rows, total == uint64(e.rows), nil
}

// ShapeCounts gives the shapes of a field and how many rows of the part have
// each, of those for which a filter about the field alone is true. ok is false
// when some values of the field are not kept as shapes, or when the filter asks
// for the digits in them.
func (p *Part) ShapeCounts(field string, where expr.Expr, ev *expr.Evaluator) (shapes *row.Dictionary, rows []uint64, ok bool, err error) {
	e, err := p.field(field)
	if e == nil || e.shapes.count == 0 || err != nil {
		return nil, nil, false, err
	}
	if shapes, err = p.dictionary(&e.shapes, e.name); err != nil {
		return nil, nil, false, err
	}
	if rows, err = p.rowCounts(&e.shapes, e.name); err != nil {
		return nil, nil, false, err
	}
	total := uint64(0)
	for _, n := range rows {
		total += n
	}
	if total != uint64(e.rows) {
		return nil, nil, false, nil
	}
	all := counting(shapes.Len())
	for from := 0; from < len(all); from += someShapes {
		some := all[from:min(from+someShapes, len(all))]
		verdicts, ok := shapeVerdicts(where, ev, shapes, some)
		if !ok || slices.Contains(verdicts, expr.Maybe) {
			return nil, nil, false, nil
		}
		for i, v := range verdicts {
			if v == expr.No {
				rows[some[i]] = 0
			}
		}
	}
	return shapes, rows, true, nil
}

// someShapes are asked about at once: where digits decide, some of the first
// mostly show it.
const someShapes = 64

// shapeVerdicts are what a filter says of the messages of some shapes; ok is
// false where it asks for more than one field.
func shapeVerdicts(e expr.Expr, ev *expr.Evaluator, shapes *row.Dictionary, some []uint32) (out []expr.Verdict, ok bool) {
	out = make([]expr.Verdict, len(some))
	fold := func(list []expr.Expr, start expr.Verdict, both func(a, b expr.Verdict) expr.Verdict) bool {
		for i := range out {
			out[i] = start
		}
		for _, e := range list {
			one, ok := shapeVerdicts(e, ev, shapes, some)
			if !ok {
				return false
			}
			for i, v := range one {
				out[i] = both(out[i], v)
			}
		}
		return true
	}
	lesser := func(a, b expr.Verdict) expr.Verdict { return min(a, b) }
	switch x := e.(type) {
	case *expr.Every:
		return out, fold(nil, expr.Yes, lesser)
	case *expr.And:
		return out, fold(x.List, expr.Yes, lesser)
	case *expr.Or:
		return out, fold(x.List, expr.No, func(a, b expr.Verdict) expr.Verdict { return max(a, b) })
	case *expr.Not:
		return out, fold([]expr.Expr{x.X}, expr.Yes, func(_, v expr.Verdict) expr.Verdict { return expr.Yes - v })
	}
	return out, ev.Entries(e, row.Shape, shapes, some, out)
}

// TimeRows gives the rows of the group with from ≤ _time < to, as from row lo
// up to row hi. It reads two pages of times at most.
func (g *Group) TimeRows(from, to int64, use *Usage) (lo, hi int, err error) {
	if lo, err = g.firstAt(from, use); err != nil {
		return 0, 0, err
	}
	hi, err = g.firstAt(to, use)
	return lo, max(lo, hi), err
}

// firstAt is the first row whose time is t or later.
func (g *Group) firstAt(t int64, use *Usage) (int, error) {
	switch {
	case t <= g.MinTime:
		return 0, nil
	case t > g.MaxTime:
		return g.Rows, nil
	}
	lo, hi := 0, pagesOf(g.Rows) // the page is in [lo, hi)
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		first, err := g.timesOf(row.Bitmap{1}, mid, use)
		if err != nil {
			return 0, err
		}
		if first[0] < t {
			lo = mid
		} else {
			hi = mid
		}
	}
	times, err := g.timesOf(nil, lo, use)
	if err != nil {
		return 0, err
	}
	at := 0
	for at < len(times) && times[at] < t {
		at++
	}
	return lo*PageRows + at, nil
}

// timesOf are the times of a page, or of its first row.
func (g *Group) timesOf(first row.Bitmap, page int, use *Usage) ([]int64, error) {
	set := row.NewBitmap(g.Rows)
	if first != nil {
		set.Set(page * PageRows)
	} else {
		for i := page * PageRows; i < min((page+1)*PageRows, g.Rows); i++ {
			set.Set(i)
		}
	}
	c, err := g.Column(row.FieldTime, set, use)
	if err != nil {
		return nil, err
	}
	times, ok := numbersOf(&c, row.Time, set.Count())
	if !ok {
		return nil, g.part.corrupt("group %d has rows without a time", g.index)
	}
	return times, nil
}
