package pipe

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// chart is the rows of the chart: a row for each step of the range. The first
// column of the table's groups is the step, the second the field to split by.
func (p *timechart) chart(env *Env, t *agg.Table, span when.Span) ([]*row.Batch, error) {
	groups := &row.Batch{Len: t.Len(), Cols: t.Keys()}
	if p.by != "" { // the aggregates say which lines are the greatest
		groups = t.Batch()
	}
	starts := &groups.Cols[0]
	steps, err := p.steps(env, starts, groups.Len, span)
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	place := make(map[int64]uint32, len(steps))
	for i, s := range steps {
		place[s] = uint32(i)
	}
	l := &lines{names: []string{""}, of: make([]uint32, groups.Len)}
	if p.by != "" {
		l = p.split(env, groups)
	}
	if len(l.names)*len(steps) > maxCells {
		return nil, &fault.Limit{Name: "cells of a timechart", Bound: strconv.Itoa(maxCells) + " (a longer span= or a smaller limit= has fewer)"}
	}
	to := make([]uint32, groups.Len)
	for g := range to {
		to[g] = row.None
		if l.of[g] != row.None {
			to[g] = l.of[g]*uint32(len(steps)) + place[starts.Value(g).Nums()]
		}
	}
	cols := t.Regroup(to, len(l.names)*len(steps))
	for k, a := range p.aggs {
		if a.call.Func.Name == "rate" {
			cols[k] = perSecond(&cols[k], len(l.names), covered(env, steps, span))
		}
	}
	b := &row.Batch{Len: len(steps), Cols: []row.Column{{Name: row.FieldTime, Kind: row.Time, Nums: steps}}}
	for s, name := range l.names {
		rows := make([]uint32, len(steps))
		for i := range rows {
			rows[i] = uint32(s*len(steps) + i)
		}
		for k := range cols {
			c := cols[k].Pick(rows)
			c.Name = p.column(name, p.aggs[k].as)
			b.Cols = append(b.Cols, c)
		}
	}
	if last := steps[len(steps)-1]; span.Next(last, env.Zone) > min(env.Now, env.AskedTo) {
		b.Cols = append(b.Cols, lastOnly(len(steps)))
	}
	return []*row.Batch{b}, nil
}

// covered is how many seconds of each step lie in the range asked and are not to
// come; of a step that only rows with a time of their own making lie in, all.
func covered(env *Env, steps []int64, span when.Span) []float64 {
	out := make([]float64, len(steps))
	for i, s := range steps {
		next := span.Next(s, env.Zone)
		from, to := max(s, env.AskedFrom), min(next, env.AskedTo, env.Now)
		if from >= to {
			from, to = s, next
		}
		out[i] = float64(to-from) / 1e9
	}
	return out
}

// perSecond divides the amounts of each line by the seconds of their steps.
func perSecond(c *row.Column, lines int, seconds []float64) row.Column {
	vals := make([]row.Value, lines*len(seconds))
	for i := range vals {
		amount, _ := c.Value(i).Float()
		vals[i] = row.FloatOf(amount / seconds[i%len(seconds)])
	}
	return row.Column{Kind: row.Mixed, Values: vals}
}

// FieldPartial marks the row of a step of time that is not over.
const FieldPartial = "_partial"

// lastOnly is the column of that mark, in the last of n rows.
func lastOnly(n int) row.Column {
	c := row.Column{Name: FieldPartial, Kind: row.Bool, Bits: row.NewBitmap(n), Nulls: row.FullBitmap(n)}
	c.Bits.Set(n - 1)
	c.Nulls.Unset(n - 1)
	return c
}

// column is the name of the column of one line of one aggregate. A value that
// is named as a column of another meaning gets the aggregate in front.
func (p *timechart) column(line, aggregate string) string {
	switch {
	case p.by == "":
		return aggregate
	case len(p.aggs) == 1 && line != row.FieldTime && line != FieldPartial:
		return line
	}
	return aggregate + ": " + line
}

const (
	// maxBuckets bounds what a short span over a long range can ask for.
	maxBuckets = 100_000
	// maxCells bounds what many lines over many steps can ask for.
	maxCells = 5_000_000
)

// steps are the starts of all steps of the range. Rows beyond the range, which
// an eval of _time can make, widen it.
func (p *timechart) steps(env *Env, times *row.Column, groups int, span when.Span) ([]int64, error) {
	from, to := env.From, env.To
	for g := range groups {
		t := times.Value(g).Nums()
		from, to = min(from, t), max(to, t+1)
	}
	var steps []int64
	for s := span.Floor(from, env.Zone); s < to; s = span.Next(s, env.Zone) {
		if len(steps) == maxBuckets {
			return nil, &fault.Limit{Name: "steps of a timechart", Bound: strconv.Itoa(maxBuckets) + " (a longer span= has fewer)"}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// lines are the lines of a chart that is split by a field.
type lines struct {
	names []string
	sums  []float64 // of the first aggregate
	of    []uint32  // the line of each group; row.None when it is left out
}

// split gives each value of the field a line, and keeps the greatest.
func (p *timechart) split(env *Env, groups *row.Batch) *lines {
	at := map[string]uint32{}
	l := &lines{of: make([]uint32, groups.Len)}
	values, first := &groups.Cols[1], &groups.Cols[2]
	for g := range l.of {
		name := values.Value(g).Text()
		i, ok := at[name]
		if !ok {
			i = uint32(len(l.names))
			at[name] = i
			l.names, l.sums = append(l.names, name), append(l.sums, 0)
		}
		if f, ok := first.Value(g).Float(); ok {
			l.sums[i] += f
		}
		l.of[g] = i
	}
	if len(l.names) > p.limit {
		p.cut(env, l)
	}
	l.sort(min(len(l.names), p.limit))
	return l
}

// cut keeps the greatest lines and joins the others, or drops them.
func (p *timechart) cut(env *Env, l *lines) {
	order := make([]int, len(l.names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(l.sums[b], l.sums[a]), row.Compare(row.TextOf(l.names[a]), row.TextOf(l.names[b])))
	})
	kept, rest := order[:p.limit], uint32(row.None)
	names := make([]string, 0, p.limit+1)
	for _, i := range kept {
		names = append(names, l.names[i])
	}
	if p.other {
		rest = uint32(len(names))
		name := "other"
		if slices.Contains(names, name) {
			name = "all other"
		}
		names = append(names, name)
	} else {
		env.Note(Note{Truncated, fmt.Sprintf("%d values of %s have no column: limit=%d other=false", len(order)-p.limit, p.by, p.limit)})
	}
	place := make([]uint32, len(order))
	for k, i := range order {
		if place[i] = uint32(k); k >= p.limit {
			place[i] = rest
		}
	}
	l.rename(names, place)
}

// sort puts the first n lines in the order of their names.
func (l *lines) sort(n int) {
	order := make([]int, len(l.names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order[:n], func(a, b int) int {
		return row.Compare(row.TextOf(l.names[a]), row.TextOf(l.names[b]))
	})
	names, place := make([]string, len(order)), make([]uint32, len(order))
	for k, i := range order {
		names[k], place[i] = l.names[i], uint32(k)
	}
	l.rename(names, place)
}

// rename gives the lines new names and places.
func (l *lines) rename(names []string, place []uint32) {
	l.names = names
	for g, i := range l.of {
		if i != row.None {
			l.of[g] = place[i]
		}
	}
}
