package pipe

import (
	"context"
	"slices"
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
		var kept []*row.Batch
		held, rows := 0, 0
		for b, err := range each(ctx, in, func(b *row.Batch) (*row.Batch, error) { return b, nil }) {
			if err != nil {
				return nil, err
			}
			kept = append(kept, b)
			rows += b.Len
			for rows-kept[0].Len >= p.n && len(kept) > 1 {
				rows -= kept[0].Len
				kept = slices.Delete(kept, 0, 1)
			}
			now := 0
			for _, k := range kept {
				now += k.MemBytes()
			}
			if err := env.Budget.Take(now - held); err != nil {
				return nil, err
			}
			held = now
		}
		if len(kept) > 0 && rows > p.n {
			kept[0] = kept[0].Slice(rows-p.n, kept[0].Len)
		}
		return kept, nil
	})
}
