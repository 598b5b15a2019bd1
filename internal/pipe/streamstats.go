package pipe

import (
	"context"
	"strconv"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// streamstats puts beside every row the aggregates of the rows so far.
type streamstats struct {
	window  int // rows looked back on, this one included; 0: all
	current bool
	grouping
}

var streamstatsKind = &Kind{
	Name:    "streamstats",
	Syntax:  "streamstats [window=<n>] [current=true|false] <aggregate> [as <name>] … [by <field> …]",
	Summary: "puts beside every row the aggregates of the rows so far, or of the last n",
	Doc: `Rows are taken in the order they come: newest first after a search, so put sort
_time in front to go forward in time. The row itself counts unless current=false;
window= counts rows of the same group. A row that lacks a field named after by gets
no aggregates.

	canonical-log-line | timechart span=1m count | streamstats window=5 avg(count) as smooth
	canonical-log-line | sort _time | streamstats count as nth by user_id
`,
	Parse: parseStreamstats,
}

// maxWindow bounds the rows held for each group.
const maxWindow = 10_000

func parseStreamstats(r *expr.Reader, _ string) (Pipe, error) {
	p := &streamstats{current: true}
	r.Space()
	at := r.Offset()
	opts, err := r.Options("window", "current")
	if err != nil {
		return nil, err
	}
	if text, ok := opts["window"]; ok {
		if p.window, err = positive("window", text); err != nil || p.window > maxWindow {
			return nil, r.Fail(at, "window= is a number of rows from 1 to "+countText(maxWindow), "")
		}
	}
	if text, ok := opts["current"]; ok {
		if p.current, err = strconv.ParseBool(text); err != nil {
			return nil, r.Fail(at, "current= is true or false, not “"+text+"”", "")
		}
	}
	p.grouping, err = parseGrouping(r)
	return p, err
}

func (p *streamstats) String() string {
	s := "streamstats "
	if p.window > 0 {
		s += "window=" + strconv.Itoa(p.window) + " "
	}
	if !p.current {
		s += "current=false "
	}
	return s + p.grouping.String()
}

func (p *streamstats) Reads(after Need) Need {
	for _, a := range p.aggs {
		after = after.Without(a.as)
	}
	return needs(after.With(p.by...), p.aggs)
}

// running is what streamstats holds of one group.
type running struct {
	states []agg.State  // without a window
	last   []*row.Batch // with one: the arguments of the last rows, one row each
}

func (p *streamstats) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	groups := agg.NewGroups(len(p.by))
	var held []*running
	list, places := p.args()
	ev := env.Evaluator()
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		of := groups.Assign(keyColumns(b, p.by), b.Len, nil)
		args := columns(ev, b, list, places)
		out := make([]row.Column, len(p.aggs))
		for k, a := range p.aggs {
			out[k] = row.Column{Name: a.as, Kind: row.Mixed, Values: make([]row.Value, b.Len)}
		}
		for i := range b.Len {
			g := of[i]
			if g == agg.None {
				continue
			}
			for int(g) >= len(held) {
				if err := env.Budget.Take(mapEntryBytes * (len(p.aggs) + p.window)); err != nil {
					return nil, err
				}
				held = append(held, &running{states: newStates(env, p.aggs)})
			}
			p.step(env, held[g], args, i, out)
		}
		for _, c := range out {
			b = b.With(c)
		}
		return b, nil
	})
}

// step takes row i into its group and sets its aggregates.
func (p *streamstats) step(env *Env, g *running, args [][]row.Column, i int, out []row.Column) {
	if p.current {
		p.take(g, args, i)
	}
	states := g.states
	if p.window > 0 {
		states = newStates(env, p.aggs)
	}
	for k := range states {
		states[k].Grow(1)
		for _, b := range g.last {
			states[k].Add(b.Cols[p.first(k):p.first(k+1)], 1, nil)
		}
		out[k].Values[i] = states[k].Finish(1)[0].Value(0)
	}
	if !p.current {
		p.take(g, args, i)
	}
}

// first is the place of the first argument of aggregate k in a held row.
func (p *streamstats) first(k int) int {
	n := 0
	for _, a := range p.aggs[:k] {
		n += len(a.args)
		if a.call.Func.Time {
			n++
		}
	}
	return n
}

// take adds row i to what a group holds.
func (p *streamstats) take(g *running, args [][]row.Column, i int) {
	b := &row.Batch{Len: 1}
	for k, cols := range args {
		one := make([]row.Column, len(cols))
		for c := range cols {
			one[c] = row.ConstColumn("", cols[c].Value(i))
		}
		if p.window == 0 {
			g.states[k].Grow(1)
			g.states[k].Add(one, 1, nil)
		}
		b.Cols = append(b.Cols, one...)
	}
	if p.window == 0 {
		return
	}
	if g.last = append(g.last, b); len(g.last) > p.window {
		g.last = g.last[1:]
	}
}
