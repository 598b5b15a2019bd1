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
Fields a row has already stay. The rows of the question in brackets are held in
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
}

func (p *join) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	var right *partners
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		if right == nil {
			var err error
			if right, err = p.load(ctx, env); err != nil {
				return nil, err
			}
		}
		return p.match(b, right), nil
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
	out := &partners{batch: &row.Batch{}, rows: map[string][]uint32{}}
	if len(list) == 0 {
		return out, nil
	}
	out.batch = row.Concat(list)
	var key []byte
	for i := range out.batch.Len {
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

func (p *join) match(b *row.Batch, right *partners) *row.Batch {
	var mine, theirs []uint32
	var alone row.Bitmap
	var key []byte
	for i := range b.Len {
		var found []uint32
		var ok bool
		if key, ok = p.key(key[:0], b, i); ok {
			found = right.rows[string(key)]
		}
		for _, k := range found {
			mine, theirs = append(mine, uint32(i)), append(theirs, k)
		}
		if len(found) == 0 && p.left {
			for len(alone) <= len(mine)>>6 {
				alone = append(alone, 0)
			}
			alone.Set(len(mine))
			mine, theirs = append(mine, uint32(i)), append(theirs, 0)
		}
	}
	out := b.Pick(mine)
	if len(mine) == 0 || right.batch.Len == 0 {
		return out
	}
	for i := range right.batch.Cols {
		c := &right.batch.Cols[i]
		if own := b.Find(c.Name); own != nil && own.Kind != row.Missing {
			continue
		}
		picked := c.Pick(theirs)
		out.Cols = append(out.Cols, blank(picked, alone, len(mine)))
	}
	return out
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
