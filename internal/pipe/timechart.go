package pipe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// timechart aggregates by steps of time, and by a field if one is named.
type timechart struct {
	span  when.Span // zero: chosen from the range
	bins  int       // steps at most, for a chosen span
	limit int       // series at most; the rest become "other"
	other bool
	aggs  []aggregate
	by    string // "" for none
	part  part
}

const (
	// defaultBins is how many steps a chart as wide as a page shows well.
	defaultBins = 100
	// defaultSeries is how many lines of different colour people tell apart.
	defaultSeries = 10
	// maxBuckets bounds what a short span over a long range can ask for.
	maxBuckets = 100_000
)

var timechartKind = &Kind{
	Name:    "timechart",
	Syntax:  "timechart [span=<length>] [bins=<n>] [limit=<n>] [other=true|false] <aggregate> … [by <field>]",
	Summary: "aggregates by steps of time: a chart",
	Doc: `Without span= a step is chosen so that the range has at most 100 of them (bins=).
Every step of the range has a row: without lines a count is 0 and a percentile is
missing. The last row has ` + "`_partial`" + ` while its step is not over. By a field there is a
column for each of its values, the ten greatest (limit=) by the sum of the first
aggregate; all others together are ` + "`other`" + `, counted from their rows. Rows without the
field leave.

	canonical-log-line | timechart span=5m p50(duration) p95(duration) p99(duration)
	canonical-log-line | timechart count by http_status
`,
	Parse: parseTimechart,
}

func parseTimechart(r *expr.Reader, _ string) (Pipe, error) {
	p := &timechart{bins: defaultBins, limit: defaultSeries, other: true}
	r.Space()
	at := r.Offset()
	opts, err := r.Options("span", "bins", "limit", "other", "useother")
	if err != nil {
		return nil, err
	}
	if err := p.set(opts); err != nil {
		return nil, r.Fail(at, err.Error(), "")
	}
	if p.aggs, err = parseAggregates(r); err != nil {
		return nil, err
	}
	if r.TakeWord("by") {
		p.by, err = r.FieldName("the name of a field to split by")
	}
	return p, err
}

func (p *timechart) set(opts map[string]string) error {
	var err error
	for name, text := range opts {
		switch name {
		case "span":
			p.span, err = when.ParseSpan(text)
		case "bins":
			p.bins, err = positive("bins", text)
		case "limit":
			p.limit, err = positive("limit", text)
		default:
			if p.other, err = strconv.ParseBool(text); err != nil {
				err = fmt.Errorf("%s= is true or false, not “%s”", name, text)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// positive reads a whole number above 0.
func positive(name, text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s= is a whole number above 0, not “%s”", name, text)
	}
	return n, nil
}

func (p *timechart) String() string {
	var b strings.Builder
	b.WriteString("timechart ")
	if p.span != (when.Span{}) {
		b.WriteString("span=" + p.span.String() + " ")
	}
	if p.bins != defaultBins {
		fmt.Fprintf(&b, "bins=%d ", p.bins)
	}
	if p.limit != defaultSeries {
		fmt.Fprintf(&b, "limit=%d ", p.limit)
	}
	if !p.other {
		b.WriteString("other=false ")
	}
	b.WriteString(printAggregates(p.aggs))
	if p.by != "" {
		b.WriteString(" by " + expr.QuoteField(p.by))
	}
	return b.String()
}

func (p *timechart) keys() []string {
	if p.by == "" {
		return []string{fieldStep}
	}
	return []string{fieldStep, p.by}
}

func (p *timechart) Reads(Need) Need {
	need := Only(row.FieldTime)
	if p.by != "" {
		need = need.With(p.by)
	}
	return needs(need, p.aggs)
}

func (p *timechart) Order() Order { return ordered(p.aggs) }

func (p *timechart) Shape() Shape { return Timechart }

func (p *timechart) Split() (lane, rest Pipe) {
	a, b := *p, *p
	a.part, b.part = laneHalf, restHalf
	return &a, &b
}

func (p *timechart) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		span := p.span
		if span == (when.Span{}) {
			span = when.AutoSpan(env.From, env.To, p.bins)
		}
		if p.part != restHalf {
			in = p.stepped(ctx, env, in, span)
		}
		g := &grouping{aggs: p.aggs, by: p.keys(), part: p.part}
		t, err := g.fold(ctx, env, in)
		if err != nil {
			return nil, err
		}
		if p.part == laneHalf {
			return unfinished(t), nil
		}
		return p.chart(env, t, span)
	})
}

// stepped is in with each time at the start of its step. What aggregates read
// of the time itself (earliest, rate) they read from the rows as they were.
func (p *timechart) stepped(ctx context.Context, env *Env, in row.Rows, span when.Span) row.Rows {
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		c := buckets(b.Col(row.FieldTime), b.Len, span, env.Zone)
		c.Name = fieldStep
		return b.With(c), nil
	})
}

// fieldStep holds the start of the step a row lies in, while a chart is made.
const fieldStep = "_step"

// chart is the rows of the chart: a row for each step of the range.
func (p *timechart) chart(env *Env, t *agg.Table, span when.Span) ([]*row.Batch, error) {
	groups := t.Batch()
	starts := groups.Col(fieldStep)
	steps, err := p.steps(env, starts, groups.Len, span)
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	place := make(map[int64]uint32, len(steps))
	for i, s := range steps {
		place[s] = uint32(i)
	}
	names := []string{""}
	series := make([]uint32, groups.Len) // of each group; None when it is left out
	if p.by != "" {
		names, series = p.series(env, groups)
	}
	to := make([]uint32, groups.Len)
	for g := range to {
		to[g] = agg.None
		if series[g] != agg.None {
			to[g] = series[g]*uint32(len(steps)) + place[starts.Value(g).Nums()]
		}
	}
	cols := t.Regroup(to, len(names)*len(steps))
	b := &row.Batch{Len: len(steps), Cols: []row.Column{{Name: row.FieldTime, Kind: row.Time, Nums: steps}}}
	for s, name := range names {
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
		partial := row.Column{Name: FieldPartial, Kind: row.Bool, Bits: row.NewBitmap(len(steps)), Nulls: row.FullBitmap(len(steps))}
		partial.Bits.Set(len(steps) - 1)
		partial.Nulls.Unset(len(steps) - 1)
		b.Cols = append(b.Cols, partial)
	}
	return []*row.Batch{b}, nil
}

// FieldPartial marks the row of a step of time that is not over.
const FieldPartial = "_partial"

// column is the name of the column of one series of one aggregate.
func (p *timechart) column(series, aggregate string) string {
	switch {
	case p.by == "":
		return aggregate
	case len(p.aggs) == 1:
		return series
	}
	return aggregate + ": " + series
}

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
			return nil, &fault.Limit{Name: "steps of a timechart", Setting: "a longer span=", Bound: strconv.Itoa(maxBuckets)}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// series chooses the values of the split field that get a column, and says to
// which column each group goes.
func (p *timechart) series(env *Env, groups *row.Batch) (names []string, of []uint32) {
	byKey := map[string]int{}
	var sums []float64
	of = make([]uint32, groups.Len)
	values, first := groups.Col(p.by), groups.Col(p.aggs[0].as)
	var key []byte
	for g := range of {
		v := values.Value(g)
		key = v.AppendKey(key[:0])
		s, ok := byKey[string(key)]
		if !ok {
			s = len(names)
			byKey[string(key)] = s
			names = append(names, v.Text())
			sums = append(sums, 0)
		}
		if f, ok := first.Value(g).Float(); ok {
			sums[s] += f
		}
		of[g] = uint32(s)
	}
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if sums[a] != sums[b] {
			if sums[a] > sums[b] {
				return -1
			}
			return 1
		}
		return row.Compare(row.TextOf(names[a]), row.TextOf(names[b]))
	})
	return p.cut(env, names, order, of)
}

// cut keeps the first of the series and joins the others.
func (p *timechart) cut(env *Env, names []string, order []int, of []uint32) ([]string, []uint32) {
	kept := order[:min(len(order), p.limit)]
	slices.SortFunc(kept, func(a, b int) int { return row.Compare(row.TextOf(names[a]), row.TextOf(names[b])) })
	place := make([]uint32, len(names))
	for i := range place {
		place[i] = agg.None
		if p.other {
			place[i] = uint32(len(kept))
		}
	}
	out := make([]string, 0, len(kept)+1)
	for i, s := range kept {
		place[s] = uint32(i)
		out = append(out, names[s])
	}
	if len(names) > len(kept) {
		if p.other {
			out = append(out, "other")
		} else {
			env.Note(Note{Truncated, fmt.Sprintf("%d series are left out: limit=%d other=false", len(names)-len(kept), p.limit)})
		}
	}
	for g := range of {
		of[g] = place[of[g]]
	}
	return out, of
}
