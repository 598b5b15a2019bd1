package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// stats aggregates all rows, or each group of rows.
type stats struct {
	grouping
	unsorted bool // whoever comes behind puts the groups in order, or does not mind it
}

var statsKind = &Kind{
	Name:    "stats",
	Syntax:  "stats <aggregate> [as <name>] … [by <field> …]",
	Summary: "aggregates all rows, or the rows of each group",
	Doc: `Rows that lack a field named after by leave. Without by there is always one row,
even when nothing was found. Groups come in the order of their fields. A group may
also be made by a function, with a name of its own if one is said.

	"Request finished" | stats count p50(duration) p95(duration) p99(duration)
	canonical-log-line | stats count, count(http_status >= 500) as errors by http_route
	level=error | stats count by pattern(_msg) as pattern, service
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		aggs, err := parseAggregates(r, nil)
		p := &stats{grouping: grouping{aggs: aggs}}
		if err == nil && r.TakeWord("by") {
			err = p.parseMadeKeys(r)
		}
		return p, err
	},
}

func (p *stats) String() string { return "stats " + p.grouping.String() }

func (p *stats) Reads(Need) Need { return p.reads() }

func (p *stats) Order() Order { return ordered(p.aggs) }

func (p *stats) Shape() Shape { return Table }

func (p *stats) Split() (lane, rest Pipe) {
	l, r := p.halves()
	return &stats{grouping: l}, &stats{r, p.unsorted}
}

// Unsorted is the pipe for whoever does not mind the order of its groups.
func (p *stats) Unsorted() Pipe {
	out := *p
	out.unsorted = true
	return &out
}

// arranger is a pipe that puts its rows in an order.
type arranger interface{ Unsorted() Pipe }

// Behind asks for no order of the pipe in front when it does not matter here.
func (p *stats) Behind(front Pipe) (before, self Pipe, ok bool) {
	a, ok := front.(arranger)
	if !ok || p.Order() != IgnoresOrder {
		return nil, nil, false
	}
	return a.Unsorted(), p, true
}

// Group is the part a store may do.
func (p *stats) Group(env *Env) *scan.Group { return p.asked(env) }

func (p *stats) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		t, err := p.fold(ctx, env, in)
		if err != nil {
			return nil, err
		}
		if p.part == laneHalf {
			return unfinished(t), nil
		}
		t.SortedKeys = !p.unsorted
		return []*row.Batch{t.Batch()}, nil
	})
}
