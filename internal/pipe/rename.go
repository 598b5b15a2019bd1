package pipe

import (
	"context"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// rename gives fields other names.
type rename struct{ pairs []renaming }

type renaming struct{ from, to string }

var renameKind = &Kind{
	Name:    "rename",
	Cleanup: true,
	Aliases: []string{"mv"},
	Syntax:  "rename <field> as <name> [, <field> as <name> …]",
	Summary: "gives fields other names",
	Doc: `Of a field that has the new name already, rows that have no other value for it
keep theirs. A field that is missing everywhere is no error.

	canonical-log-line | rename http_status as status, duration as seconds
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &rename{}
		for {
			from, err := r.FieldName("the name of a field")
			if err != nil {
				return nil, err
			}
			if !r.TakeWord("as") {
				return nil, r.Fail(r.Offset(), "expected “as” and the new name of "+from+", found "+r.Found(), "rename a as b")
			}
			to, err := r.FieldName("the new name of " + from)
			if err != nil {
				return nil, err
			}
			p.pairs = append(p.pairs, renaming{from, to})
			if r.Take(","); r.Done() {
				return p, nil
			}
		}
	},
}

func (p *rename) String() string {
	parts := make([]string, len(p.pairs))
	for i, x := range p.pairs {
		parts[i] = expr.QuoteField(x.from) + " as " + expr.QuoteField(x.to)
	}
	return "rename " + strings.Join(parts, ", ")
}

func (p *rename) Reads(after Need) Need {
	for _, x := range slices.Backward(p.pairs) {
		if after.Names(x.to) || after.All {
			after = after.With(x.from)
		}
	}
	return after
}

func (p *rename) Order() Order { return KeepsOrder }

func (p *rename) Split() (lane, rest Pipe) { return p, nil }

func (p *rename) Run(ctx context.Context, _ *Env, in row.Rows) row.Rows {
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		for _, x := range p.pairs {
			b = renamed(b, x)
		}
		return b, nil
	})
}

// renamed is the batch with the field moved to its new name. A row without it
// keeps what it has under that name, so that an answer does not depend on
// which other rows are in its batch.
func renamed(b *row.Batch, x renaming) *row.Batch {
	c := *b.Col(x.from)
	if c.Kind == row.Missing || x.from == x.to {
		return b
	}
	if own := b.Find(x.to); own != nil {
		if gaps := missing(&c, b.Len); gaps.Any() {
			c = keepOwn(own, &c, gaps, b.Len)
		}
	}
	c.Name = x.to
	out := &row.Batch{Dataset: b.Dataset, Len: b.Len, Cols: make([]row.Column, 0, len(b.Cols))}
	placed := false
	for _, o := range b.Cols {
		switch o.Name {
		case x.from:
			out.Cols = append(out.Cols, c)
			placed = true
		case x.to:
		default:
			out.Cols = append(out.Cols, o)
		}
	}
	if !placed { // the dataset, which is no column yet
		out.Cols, out.Dataset = append(out.Cols, c), ""
	}
	return out
}

// missing are the rows, of n, that have no value.
func missing(c *row.Column, n int) row.Bitmap {
	m := row.FullBitmap(n)
	m.AndNot(c.Present(n))
	return m
}
