package pipe

import (
	"context"
	"fmt"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// join puts the fields of another question's rows beside rows with the same
// values.
type join struct {
	left   bool // keep rows that find no partner
	fields []string
	sub    *expr.Sub
}

var joinKind = &Kind{
	Name:    "join",
	Syntax:  "join [type=inner|left] <field> [, <field> …] [ <question> ]",
	Summary: "puts the fields of another question's rows beside rows with the same values",
	Doc: `Each row is given once for each partner; with type=left rows without one are kept.
Fields a row has already stay as they are. The rows of the question in brackets are held in
memory and bounded by --max-join-rows.

	canonical-log-line http_status=500 | join user_id [ plan=* | dedup user_id | fields user_id, plan ]
`,
	Parse: parseJoin,
}

func parseJoin(r *expr.Reader, _ string) (Pipe, error) {
	p := &join{}
	kind, at, ok, err := r.Option("type")
	if err != nil {
		return nil, err
	}
	if ok {
		switch kind {
		case "inner":
		case "left", "outer":
			p.left = true
		default:
			return nil, r.Fail(at, "type= is inner or left, not “"+kind+"”", "")
		}
	}
	for r.Peek() != '[' {
		f, err := r.FieldName("the name of a field both sides have, or a question in [ ]")
		if err != nil {
			return nil, err
		}
		p.fields = append(p.fields, f)
		r.Take(",")
	}
	if len(p.fields) == 0 {
		return nil, r.Fail(r.Offset(), "expected the name of a field both sides have, found “[”", "join user_id [ … ]")
	}
	p.sub, err = r.Subsearch()
	return p, err
}

func (p *join) String() string {
	s := "join "
	if p.left {
		s += "type=left "
	}
	return s + expr.QuoteFields(p.fields) + " " + p.sub.String()
}

func (p *join) Reads(after Need) Need { return after.With(p.fields...) }

// partners are the rows of the right side by key.
type partners struct {
	batch *row.Batch
	rows  map[string][]uint32
	bytes []int // of a row, once more; of a first one even where there is none
}

func (p *join) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	var right *partners
	return grown(ctx, env, in, func(g *growth, b *row.Batch, from int) (out *row.Batch, next int, err error) {
		if right == nil {
			if right, err = p.load(ctx, env); err != nil {
				return nil, from, err
			}
		}
		return p.match(g, b, from, right)
	})
}

// load holds the right side.
func (p *join) load(ctx context.Context, env *Env) (*partners, error) {
	rows, err := env.Sub(ctx, p.sub.Text, 0, 0)
	if err != nil {
		return nil, err
	}
	var list []*row.Batch
	n := 0
	for b, err := range rows {
		if err == nil {
			n += b.Len
			if max := env.Limits.JoinRows; max > 0 && n > max {
				err = &fault.Limit{Name: "rows of a join", Setting: "--max-join-rows", Bound: fmt.Sprint(max)}
			}
		}
		if err == nil {
			err = env.Budget.Take(b.MemBytes() + b.Len*mapEntryBytes)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	out := &partners{batch: &row.Batch{}, rows: map[string][]uint32{}, bytes: []int{0}}
	if len(list) == 0 {
		return out, nil
	}
	out.batch = row.Concat(list)
	var key []byte
	out.bytes = make([]int, max(1, out.batch.Len))
	for i := range out.batch.Len {
		out.bytes[i] = out.batch.RowBytes(i)
		var ok bool
		if key, ok = p.key(key[:0], out.batch, i); ok {
			out.rows[string(key)] = append(out.rows[string(key)], uint32(i))
		}
	}
	return out, nil
}

// key is what two rows must share; ok is false when a field is missing.
func (p *join) key(dst []byte, b *row.Batch, i int) (key []byte, ok bool) {
	for _, f := range p.fields {
		v := b.Col(f).Value(i)
		if v.IsMissing() {
			return dst, false
		}
		dst = v.AppendKey(dst)
	}
	return dst, true
}

// match gives the rows of b from the given one on with their partners, until
// there are many, and the row to go on with.
func (p *join) match(g *growth, b *row.Batch, from int, right *partners) (out *row.Batch, next int, err error) {
	var mine, theirs []uint32
	var alone row.Bitmap
	var key []byte
	nobody := []uint32{0}
	for next = from; next < b.Len && len(mine) < manyRows && !g.full(); next++ {
		var found []uint32
		var ok bool
		if key, ok = p.key(key[:0], b, next); ok {
			found = right.rows[string(key)]
		}
		if len(found) == 0 {
			if !p.left {
				continue
			}
			for len(alone) <= len(mine)>>6 {
				alone = append(alone, 0)
			}
			alone.Set(len(mine))
			found = nobody // the values of the first row are blanked afterwards
		}
		bytes := len(found) * b.RowBytes(next)
		for _, k := range found {
			mine, theirs = append(mine, uint32(next)), append(theirs, k)
			bytes += right.bytes[k]
		}
		if err := g.take(bytes); err != nil {
			return nil, next, err
		}
	}
	out = b.Pick(mine)
	if len(mine) == 0 || right.batch.Len == 0 {
		return out, next, nil
	}
	for i := range right.batch.Cols {
		c := &right.batch.Cols[i]
		if c.Name == row.FieldSeq || c.Name == row.FieldDataset {
			continue // they say where the other line lies
		}
		out = beside(out, blank(c.Pick(theirs), alone, len(mine)))
	}
	return out, next, nil
}

// beside adds a column to a batch; rows that have the field already keep it.
func beside(b *row.Batch, c row.Column) *row.Batch {
	own := b.Find(c.Name)
	if own == nil {
		return b.With(c)
	}
	if gaps := missing(own, b.Len); gaps.Any() {
		return b.With(keepOwn(&c, own, gaps, b.Len))
	}
	return b
}

// blank is the column without values in the rows of the set.
func blank(c row.Column, rows row.Bitmap, n int) row.Column {
	if !rows.Any() || c.Kind == row.Missing {
		return c
	}
	if c.Kind == row.Mixed || c.Kind == row.List {
		for i := range rows.Rows {
			c.Values[i] = row.Value{}
		}
		return c
	}
	nulls := row.NewBitmap(n)
	nulls.Or(c.Nulls)
	nulls.Or(rows)
	c.Nulls = nulls
	return c
}
