package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// fillnull puts a value where fields have none.
type fillnull struct {
	text   string
	fields []string // none: all fields that some row of the batch has
}

var fillnullKind = &Kind{
	Name:    "fillnull",
	Cleanup: true,
	Syntax:  "fillnull [value=<value>] [<field> …]",
	Summary: "puts a value, 0 when none is said, where fields have none",
	Doc: `Without fields it fills every field that another row has.

	canonical-log-line | fillnull value=none team | stats count by team
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &fillnull{text: "0"}
		text, _, ok, err := r.Option("value")
		if err != nil {
			return nil, err
		}
		if ok {
			p.text = text
		}
		if !r.Done() {
			p.fields, err = r.FieldNames("the name of a field")
		}
		return p, err
	},
}

func (p *fillnull) String() string {
	s := "fillnull"
	if p.text != "0" {
		s += " value=" + expr.QuoteValue(p.text)
	}
	if len(p.fields) > 0 {
		s += " " + expr.QuoteFields(p.fields)
	}
	return s
}

func (p *fillnull) Reads(after Need) Need { return after.With(p.fields...) }

func (p *fillnull) Order() Order { return KeepsOrder }

func (p *fillnull) Split() (lane, rest Pipe) {
	if len(p.fields) > 0 {
		return p, nil
	}
	return nil, nil
}

func (p *fillnull) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	value, ok := expr.ParseNumber(p.text)
	if !ok {
		value = row.TextOf(p.text)
	}
	if len(p.fields) == 0 {
		return whole(func() ([]*row.Batch, error) {
			held, err := gather(ctx, env, in)
			if err != nil {
				return nil, err
			}
			b, err := held.one()
			if err != nil {
				return nil, err
			}
			for _, c := range b.Cols {
				if c.Present(b.Len).Any() {
					b = b.With(filled(&c, b.Len, value))
				}
			}
			return []*row.Batch{b}, nil
		})
	}
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		for _, f := range p.fields {
			b = b.With(filled(b.Col(f), b.Len, value))
		}
		return b, nil
	})
}

// filled is the column with a value where it has none.
func filled(c *row.Column, n int, value row.Value) row.Column {
	if c.Kind == row.Missing {
		return row.ConstColumn(c.Name, value)
	}
	present := c.Present(n)
	if present.Count() == n {
		return *c
	}
	out := row.Column{Name: c.Name, Kind: row.Mixed, Values: make([]row.Value, n)}
	for i := range n {
		out.Values[i] = value
		if present.Has(i) {
			out.Values[i] = c.Value(i)
		}
	}
	return out
}
