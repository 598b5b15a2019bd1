package pipe

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/when"
)

// timechart aggregates by steps of time, and by a field if one is named.
type timechart struct {
	span  when.Span // zero: chosen from the range
	bins  int       // steps at most, for a chosen span
	limit int       // series at most; the rest become "other"
	other bool
	aggs  []aggregate
	by    string    // "" for none
	made  expr.Expr // what makes by, when it is no field
	part  part
}

const (
	// defaultBins is how many steps a chart as wide as a page shows well.
	defaultBins = 100
	// defaultSeries is how many lines of different colour people tell apart.
	defaultSeries = 10
)

var timechartKind = &Kind{
	Name:    "timechart",
	Syntax:  "timechart [span=<length>] [bins=<n>] [limit=<n>] [other=true|false] <aggregate> … [by <field>]",
	Summary: "aggregates by steps of time: a chart",
	Doc: `Without span= a step is chosen so that the range has at most 100 of them (bins=).
Every step of the range has a row: without lines a count is 0 and a percentile is
missing, and a rate is per second of the step, as far as the range covers it and it is
not to come. The last row has ` + "`_partial`" + ` while its step is not over. By a field there is a
column for each of its values, the ten greatest (limit=) by the sum of the first
aggregate; all others together are ` + "`other`" + `, counted from their rows. Rows without the
field leave. It may also be made by a function. Options may also stand behind the aggregates or at the end.

	canonical-log-line | timechart span=5m p50(duration) p95(duration) p99(duration)
	canonical-log-line | timechart count by http_status
	level=error | timechart count by pattern(_msg)
`,
	Parse: parseTimechart,
}

func parseTimechart(r *expr.Reader, _ string) (Pipe, error) {
	p := &timechart{bins: defaultBins, limit: defaultSeries, other: true}
	err := p.parseOptions(r)
	if err != nil {
		return nil, err
	}
	if p.aggs, err = parseAggregates(r, timechartOptions, row.FieldTime, FieldPartial); err != nil {
		return nil, err
	}
	if err := p.parseOptions(r); err != nil {
		return nil, err
	}
	if r.TakeWord("by") {
		if p.by, p.made, err = parseMadeKey(r); err != nil {
			return nil, err
		}
	}
	return p, p.parseOptions(r)
}

// timechartOptions may stand in front of the aggregates, behind them, and
// behind the field to split by.
var timechartOptions = []string{"span", "bins", "limit", "other", "useother"}

func (p *timechart) parseOptions(r *expr.Reader) error {
	for _, name := range timechartOptions {
		text, at, ok, err := r.Option(name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := p.set(name, text); err != nil {
			return r.Fail(at, err.Error(), "")
		}
		r.Take(",")
		return p.parseOptions(r)
	}
	return nil
}

func (p *timechart) set(name, text string) (err error) {
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
	return err
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
		keys := grouping{by: []string{p.by}}
		if p.made != nil {
			keys.made = []assignment{{p.by, p.made}}
		}
		b.WriteString(" by " + keys.printKeys())
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
	switch {
	case p.made != nil:
		need = need.WithExpr(p.made)
	case p.by != "":
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

func (p *timechart) grouping() *grouping {
	g := &grouping{aggs: p.aggs, by: p.keys(), part: p.part, amounts: true}
	if p.made != nil {
		g.made = []assignment{{p.by, p.made}}
	}
	return g
}

// step is the length of a step.
func (p *timechart) step(env *Env) when.Span {
	if p.span != (when.Span{}) {
		return p.span
	}
	return when.AutoSpan(env.From, env.To, p.bins)
}

// Group is the part a store may do.
func (p *timechart) Group(env *Env) *scan.Group {
	g := p.grouping().asked(env)
	g.Keys[0] = &expr.Step{Field: row.FieldTime, Span: p.step(env)}
	return g
}

func (p *timechart) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		span := p.step(env)
		if p.part != restHalf {
			in = p.stepped(ctx, env, in, span)
		}
		t, err := p.grouping().fold(ctx, env, in)
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
		c := expr.Steps(b.Col(row.FieldTime), b.Len, span, env.Zone)
		c.Name = fieldStep
		return b.With(c), nil
	})
}

// fieldStep holds the start of the step a row lies in, while a chart is made.
const fieldStep = "_step"
