package query

import (
	"context"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// scan reads lines for a pipe of a question, with the rights of who asked it.
// What is read counts for the answer.
func (e *Engine) scan(ctx context.Context, a *Answer, req Request, search expr.Expr, want scan.Scan) (row.Rows, error) {
	_, want.Datasets = e.reach(req, search)
	want.Lanes, want.Fresh, want.Urgent = e.opts.Lanes, req.Fresh, req.Urgent
	want.Env = a.Plan.Scan.Env
	p := fit(want, nil, nil, e.opts.Source)
	env := &pipe.Env{Now: want.Env.Now, Zone: e.opts.Zone, Budget: a.budget, Note: a.note, Done: want.Env.Done}
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

// reach is all that a question may read, whatever datasets its search names:
// the extents, and the names, nil for all there are.
func (e *Engine) reach(req Request, search expr.Expr) ([]scan.Extent, []string) {
	extents := e.opts.Source.Extents(req.Datasets)
	if req.Datasets == nil && e.passesBy(search) {
		return without(extents, e.opts.Apart)
	}
	return extents, req.Datasets
}

// readable are the datasets that whoever asks may read.
func (e *Engine) readable(req Request, search expr.Expr) []dataset.Dataset {
	var list []dataset.Dataset
	extents, _ := e.reach(req, search)
	for _, x := range extents {
		list = append(list, e.opts.Dataset(x.Dataset))
	}
	return list
}

// permitted is links of which only rows of some datasets may be seen.
type permitted struct {
	links    related.Need
	datasets []string
}

// Find asks for all and lets through what is permitted. A row of another server
// has its site before its dataset.
func (p permitted) Find(ctx context.Context, hop *related.Hop) error {
	hop.Allow = func(r related.Row) bool {
		return slices.Contains(p.datasets, r.Dataset[strings.LastIndexByte(r.Dataset, '/')+1:])
	}
	defer func() { hop.Allow = nil }()
	return p.links.Find(ctx, hop)
}

// links are the links that whoever asks may see; nil when there are none.
func (e *Engine) links(req Request) related.Need {
	if e.opts.Links == nil || req.Datasets == nil {
		return e.opts.Links
	}
	return permitted{e.opts.Links, req.Datasets}
}
