package query

import (
	"context"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// scan reads lines for a pipe of a question, with the rights of who asked it.
// What is read counts for the answer.
func (e *Engine) scan(ctx context.Context, a *Answer, req Request, want scan.Scan) (row.Rows, error) {
	want.Datasets, want.Lanes = req.Datasets, e.opts.Lanes
	want.Env = a.Plan.Scan.Env
	p := fit(want, nil, nil, e.opts.Source)
	env := &pipe.Env{Now: want.Env.Now, Zone: e.opts.Zone, Budget: a.budget, Note: a.note}
	return func(yield func(*row.Batch, error) bool) {
		laneCtx, stop := context.WithCancel(ctx)
		defer stop()
		rows, err := e.lanes(laneCtx, stop, &p, a, env)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, r := range p.Rest {
			rows = r.Run(ctx, env, rows)
		}
		rows(yield)
	}, nil
}

// readable are the datasets that whoever asks may read.
func (e *Engine) readable(req Request) []dataset.Dataset {
	var list []dataset.Dataset
	for _, x := range e.opts.Source.Extents(req.Datasets) {
		list = append(list, e.opts.Dataset(x.Dataset))
	}
	return list
}
