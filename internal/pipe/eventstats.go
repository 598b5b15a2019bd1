package pipe

import (
	"context"
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// eventstats puts the aggregates of its group beside every row.
type eventstats struct{ grouping }

var eventstatsKind = &Kind{
	Name:    "eventstats",
	Syntax:  "eventstats <aggregate> [as <name>] … [by <field> …]",
	Summary: "puts the aggregates of all rows, or of its group, beside every row",
	Doc: `The rows stay. A row that lacks a field named after by gets no aggregates.

	canonical-log-line | eventstats p95(duration) as usual by http_route | where duration > 3 * usual
`,
	Parse: func(r *expr.Reader, name string) (Pipe, error) {
		g, err := parseGrouping(r)
		return &eventstats{g}, err
	},
}

func (p *eventstats) String() string { return "eventstats " + p.grouping.String() }

func (p *eventstats) Reads(after Need) Need {
	for _, a := range p.aggs {
		after = after.Without(a.as)
	}
	return needs(after.With(p.by...), p.aggs)
}

func (p *eventstats) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		held, err := gather(ctx, env, in)
		if err != nil {
			return nil, err
		}
		t := p.fill(env)
		of := make([][]uint32, len(held.list)) // the group of each row of each batch
		for i, b := range held.list {
			groups, err := t.add(b)
			if err != nil {
				return nil, err
			}
			of[i] = slices.Clone(groups)
		}
		table, err := t.done()
		if err != nil {
			return nil, err
		}
		values := table.Aggregates()
		for i, b := range held.list {
			for k := range values {
				c := pickGroups(&values[k], of[i])
				c.Name = p.aggs[k].as
				b = b.With(c)
			}
			held.list[i] = b
		}
		return held.list, nil
	})
}

// pickGroups is the value of its group for each row; rows without a group have
// none.
func pickGroups(values *row.Column, groups []uint32) row.Column {
	rows := make([]uint32, len(groups))
	var none row.Bitmap
	for i, g := range groups {
		if rows[i] = g; g == row.None {
			rows[i] = 0
			if none == nil {
				none = row.NewBitmap(len(groups))
			}
			none.Set(i)
		}
	}
	if none != nil && none.Count() == len(groups) {
		return row.Column{}
	}
	c := values.Pick(rows)
	switch {
	case none == nil:
	case c.Kind == row.Mixed || c.Kind == row.List:
		for i := range none.Rows {
			c.Values[i] = row.Value{}
		}
	case c.Nulls == nil:
		c.Nulls = none
	default:
		c.Nulls.Or(none)
	}
	return c
}
