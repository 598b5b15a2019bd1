package colfile

import (
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// mostJudged bounds the values of a group that a clause is asked about one by
// one to judge the group as a whole: of more, Select finds out as cheaply that
// none matches.
const mostJudged = 1024

// Judge says what the group knows of a clause without reading pages of rows:
// from constants, from its lists of values, from bounds, from indices. It is
// made for expr.Simplify. What cannot be read is Maybe: the pages will tell.
func (g *Group) Judge(e expr.Expr, ev *expr.Evaluator, use *Usage) expr.Verdict {
	names, all := expr.Fields(e)
	if all {
		return expr.Maybe
	}
	if b, ok := g.constants(names); ok {
		return verdict(ev.Filter(e, b), 1)
	}
	if len(names) != 1 {
		return expr.Maybe
	}
	return g.judgeField(g.chunks(names[0]), e, ev, use)
}

// judgeField puts together what the chunks of a field say. With several of
// them, all rows match only if all have a value.
func (g *Group) judgeField(chunks []chunk, e expr.Expr, ev *expr.Evaluator, use *Usage) expr.Verdict {
	if len(chunks) == 1 {
		return g.judgeChunk(&chunks[0], e, ev, use)
	}
	for i := range chunks {
		if g.judgeChunk(&chunks[i], e, ev, use) != expr.No {
			return expr.Maybe
		}
	}
	return expr.No
}

func (g *Group) judgeChunk(c *chunk, e expr.Expr, ev *expr.Evaluator, use *Usage) expr.Verdict {
	switch {
	case c.form == formConst:
		b := &row.Batch{Len: 2, Cols: []row.Column{{Name: g.nameOf(c), Kind: row.Const, One: c.value, Nulls: row.Bitmap{2}}}}
		if c.mask == 0 {
			b.Len, b.Cols[0].Nulls = 1, nil
		}
		return verdict(ev.Filter(e, b), b.Len)
	case c.form.coded() && c.form != formShape && c.count <= mostJudged:
		if c.indexed && g.judgeIndex(c, e, use) == expr.No {
			return expr.No
		}
		return g.judgeValues(c, e, ev)
	case c.form == formNums && !c.low.IsMissing():
		return g.judgeBounds(c, e, ev)
	case c.indexed:
		return g.judgeIndex(c, e, use)
	}
	return expr.Maybe
}

// verdict is that of rows which stand for all of a group.
func verdict(yes row.Bitmap, rows int) expr.Verdict {
	switch yes.Count() {
	case 0:
		return expr.No
	case rows:
		return expr.Yes
	}
	return expr.Maybe
}

// constants is one row of these fields, if all rows of the group are like it.
func (g *Group) constants(names []string) (*row.Batch, bool) {
	b := &row.Batch{Dataset: g.footer.dataset, Len: 1}
	for _, name := range names {
		chunks := g.chunks(name)
		if len(chunks) == 0 {
			continue
		}
		if chunks[0].form != formConst || chunks[0].mask != 0 {
			return nil, false
		}
		b.Cols = append(b.Cols, row.ConstColumn(name, chunks[0].value))
	}
	return b, true
}

// judgeValues asks about each value of the group, and about none if rows lack
// it.
func (g *Group) judgeValues(c *chunk, e expr.Expr, ev *expr.Evaluator) expr.Verdict {
	col, err := g.distinct(c)
	if err != nil {
		return expr.Maybe
	}
	n := c.count
	if c.mask != 0 {
		n++
	}
	return verdict(ev.Filter(e, &row.Batch{Len: n, Cols: []row.Column{col}}), n)
}

// distinct is a column of the different values of a chunk; a row without one
// follows if there are such rows.
func (g *Group) distinct(c *chunk) (row.Column, error) {
	d := &decoder{g: g, c: c, rows: c.count}
	codes := make([]uint32, c.count, c.count+1)
	for i := range codes {
		codes[i] = uint32(i)
	}
	if c.mask != 0 {
		codes = append(codes, uint32(c.count))
		d.rows++
		d.set = row.Bitmap{}
	}
	col := row.Column{Name: g.nameOf(c)}
	err := d.decoded(&col, codes)
	return col, err
}

// judgeBounds decides comparisons with a number: of a range beyond it, or all
// of it on one side.
func (g *Group) judgeBounds(c *chunk, e expr.Expr, ev *expr.Evaluator) expr.Verdict {
	ends := &row.Batch{Len: 2, Cols: []row.Column{{
		Name: g.nameOf(c), Kind: row.Mixed, Values: []row.Value{c.low, c.high},
	}}}
	ask := func(e expr.Expr) (low, high bool) {
		yes := ev.Filter(e, ends)
		return yes.Has(0), yes.Has(1)
	}
	with, op, ok := comparison(e)
	if !ok {
		return expr.Maybe
	}
	switch op {
	case expr.Lt, expr.Le, expr.Gt, expr.Ge: // true on one side of a number: the ends tell
		low, high := ask(e)
		switch {
		case low && high && c.mask == 0:
			return expr.Yes
		case !low && !high:
			return expr.No
		}
	case expr.Eq, expr.Is:
		low, _ := ask(with(expr.Le))
		_, high := ask(with(expr.Ge))
		if !low || !high {
			return expr.No
		}
	}
	return expr.Maybe
}

// comparison is a comparison of a field with a number, and how to make it with
// another operator.
func comparison(e expr.Expr) (with func(expr.Op) expr.Expr, op expr.Op, ok bool) {
	switch x := e.(type) {
	case *expr.Compare:
		literal, plain := x.Pattern.Literal()
		if !plain {
			return nil, 0, false
		}
		if n, ok := expr.ParseNumber(literal); !ok || n.IsMissing() {
			return nil, 0, false
		}
		return func(op expr.Op) expr.Expr { return &expr.Compare{Field: x.Field, Op: op, Pattern: x.Pattern} }, x.Op, true
	case *expr.Binary:
		f, isField := x.L.(*expr.Field)
		l, isLiteral := x.R.(*expr.Literal)
		op, known := operators[x.Op]
		if !isField || !isLiteral || !known || l.Value.Kind != row.Int && l.Value.Kind != row.Decimal {
			return nil, 0, false
		}
		return func(op expr.Op) expr.Expr { return &expr.Binary{Op: op.String(), L: f, R: l} }, op, true
	}
	return nil, 0, false
}

var operators = map[string]expr.Op{"=": expr.Eq, "<": expr.Lt, "<=": expr.Le, ">": expr.Gt, ">=": expr.Ge}

// mostProbed is how many texts an index is asked about. It takes one in a
// thousand for there that is not, so that of more texts it mostly lets one pass.
const mostProbed = 512

// judgeIndex decides whether a text can be there at all.
func (g *Group) judgeIndex(c *chunk, e expr.Expr, use *Usage) expr.Verdict {
	texts, ok := Equals(e)
	if !ok {
		return expr.Maybe
	}
	at, err := g.part.Locate(g.nameOf(c), NewWanted(texts), use)
	if err != nil || at.in(g.index) != nil {
		return expr.Maybe
	}
	return expr.No
}

// Equals are the texts one of which a field must be for e to be true, where there
// are few.
func Equals(e expr.Expr) ([]string, bool) {
	texts, ok := equals(e)
	return texts, ok && len(texts) <= mostProbed
}

func equals(e expr.Expr) ([]string, bool) {
	switch x := e.(type) {
	case *expr.Compare:
		literal, plain := x.Pattern.Literal()
		return []string{literal}, plain && (x.Op == expr.Eq || x.Op == expr.Is)
	case *expr.In:
		if _, isField := x.X.(*expr.Field); !isField || x.Sub != nil {
			return nil, false
		}
		var texts []string
		for _, p := range x.List {
			literal, plain := p.Literal()
			if !plain {
				return nil, false
			}
			texts = append(texts, literal)
		}
		return texts, true
	case *expr.Binary:
		_, isField := x.L.(*expr.Field)
		l, isLiteral := x.R.(*expr.Literal)
		if x.Op != "=" || !isField || !isLiteral {
			return nil, false
		}
		return []string{l.Value.Text()}, true
	}
	return nil, false
}
