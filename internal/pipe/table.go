package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// table gives just these fields, as a table.
type table struct{ names []expr.Pattern }

var tableKind = &Kind{
	Name:    "table",
	Aliases: []string{"project"},
	Syntax:  "table <field> [, <field> …]",
	Summary: "gives just these fields, as a table with these columns",
	Doc: `Unlike fields it keeps nothing that is not named, not even the time. A name may
have wildcards.

	canonical-log-line | table _time, http_path, http_status, duration
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		names, err := r.FieldPatterns("the name of a field")
		return &table{names}, err
	},
}

func (p *table) String() string { return "table " + quoteNames(p.names) }

func (p *table) Reads(Need) Need {
	var need Need
	for _, n := range p.names {
		name, ok := n.Literal()
		if !ok {
			return Everything()
		}
		need = need.With(name)
	}
	return need
}

func (p *table) Order() Order { return KeepsOrder }

func (p *table) Shape() Shape { return Table }

func (p *table) Split() (lane, rest Pipe) { return p, nil }

func (p *table) Run(ctx context.Context, _ *Env, in row.Rows) row.Rows {
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		out := &row.Batch{Len: b.Len}
		for _, n := range p.names {
			out.Cols = append(out.Cols, matching(b, n, out.Cols)...)
		}
		return out, nil
	})
}
