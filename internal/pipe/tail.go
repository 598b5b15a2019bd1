package pipe

import (
	"context"
	"strconv"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// tail gives the last rows, the last one first.
type tail struct{ n int }

var tailKind = &Kind{
	Name:    "tail",
	Syntax:  "tail [<n>]",
	Summary: "gives the last n rows, 10 when no number is said",
	Doc: `Lines come newest first, so tail after a search gives the oldest lines, in the
same order. All rows before them are read.

	service=billing | tail 5
`,
	Parse: func(r *expr.Reader, name string) (Pipe, error) {
		n, err := parseCount(r, name, defaultHead)
		return &tail{n}, err
	},
}

func (p *tail) String() string { return "tail " + strconv.Itoa(p.n) }

func (p *tail) Reads(after Need) Need { return after }

func (p *tail) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		kept := &pile{budget: env.Budget}
		for b, err := range each(ctx, in, same) {
			if err == nil {
				err = kept.add(b)
			}
			if err != nil {
				return nil, err
			}
			for kept.rows-kept.list[0].Len >= p.n && len(kept.list) > 1 {
				kept.dropFirst()
			}
		}
		if kept.rows > p.n {
			kept.list[0] = kept.list[0].Slice(kept.rows-p.n, kept.list[0].Len)
		}
		return kept.list, nil
	})
}
