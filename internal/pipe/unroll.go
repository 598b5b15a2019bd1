package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// unroll gives a row for each element of a list.
type unroll struct{ field string }

var unrollKind = &Kind{
	Name:    "unroll",
	Aliases: []string{"mvexpand"},
	Syntax:  "unroll <field>",
	Summary: "gives a row for each element of a list",
	Doc: `A text that is a JSON array counts as a list. Rows whose field is no list, or an
empty one, stay as they are.

	permissions_used=* | unroll permissions_used | top permissions_used
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		f, err := r.FieldName("the name of a field that is a list")
		return &unroll{f}, err
	},
}

func (p *unroll) String() string { return "unroll " + expr.QuoteField(p.field) }

func (p *unroll) Reads(after Need) Need { return after.With(p.field) }

func (p *unroll) Order() Order { return KeepsOrder }

func (p *unroll) Split() (lane, rest Pipe) { return p, nil }

// manyRows is how many rows a pipe that makes several of one hands on at once.
const manyRows = 1 << 16

func (p *unroll) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return grown(ctx, env, in, p.rows)
}

// rows are the rows made of those from the given one on.
func (p *unroll) rows(g *growth, b *row.Batch, from int) (out *row.Batch, next int, err error) {
	c, others := b.Col(p.field), b.With(row.Column{Name: p.field})
	var rows []uint32
	var values []row.Value
	plain := true // no row has a list
	for next = from; next < b.Len && len(rows) < manyRows && !g.full(); next++ {
		v := c.Value(next)
		list := elements(v)
		if len(list) == 0 {
			list = []row.Value{v}
		} else {
			plain = false
		}
		bytes := len(list) * others.RowBytes(next)
		for _, e := range list {
			rows, values = append(rows, uint32(next)), append(values, e)
			bytes += e.MemBytes()
		}
		if err := g.take(bytes); err != nil {
			return nil, next, err
		}
	}
	if plain && len(rows) == b.Len {
		return b, next, nil
	}
	return others.Pick(rows).With(row.Column{Name: p.field, Kind: row.Mixed, Values: values}), next, nil
}

// elements are those of a list, or of a text that is a JSON array.
func elements(v row.Value) []row.Value {
	if v.Kind == row.List {
		return v.List()
	}
	if v.Kind != row.Text || len(v.Str()) < 2 || v.Str()[0] != '[' {
		return nil
	}
	token, err := keyval.ScanValue([]byte(v.Str()))
	if err != nil || token.Kind != keyval.Array {
		return nil
	}
	return row.ValueOfJSON(token).List()
}
