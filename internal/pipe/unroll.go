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

func (p *unroll) Run(ctx context.Context, _ *Env, in row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		for b, err := range each(ctx, in, same) {
			for next := 0; err == nil && next < b.Len; {
				if err = ctx.Err(); err != nil {
					break
				}
				var part *row.Batch
				if part, next = p.rows(b, next); !yield(part, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// rows are the rows made of those from the given one on, until there are many,
// and the row to go on with.
func (p *unroll) rows(b *row.Batch, from int) (out *row.Batch, next int) {
	c := b.Col(p.field)
	var rows []uint32
	var values []row.Value
	for next = from; next < b.Len && len(rows) < manyRows; next++ {
		v := c.Value(next)
		list := elements(v)
		if len(list) == 0 {
			list = []row.Value{v}
		}
		for _, e := range list {
			rows, values = append(rows, uint32(next)), append(values, e)
		}
	}
	if len(rows) == b.Len && c.Kind != row.List && c.Kind != row.Mixed {
		return b, next
	}
	return b.Pick(rows).With(row.Column{Name: p.field, Kind: row.Mixed, Values: values}), next
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
