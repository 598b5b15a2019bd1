package watch

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
)

// Chart is what a rule measured over a range of time, beside what it was
// compared with. Times are nanoseconds since the Unix epoch.
type Chart struct {
	Rule      string       `json:"rule"`
	Field     string       `json:"field"`               // that is drawn
	Op        string       `json:"op,omitempty"`        // > >= < <=; none: every row fires
	Threshold *float64     `json:"threshold,omitempty"` // when it is one number
	From      int64        `json:"from"`
	To        int64        `json:"to"`
	Times     []int64      `json:"times"`
	Series    []ChartOfOne `json:"series"`    // the nearest to firing first
	Instances int          `json:"instances"` // that there are
}

// ChartOfOne is an instance of a rule, a value for each time; null where it had
// no row.
type ChartOfOne struct {
	Labels rule.Labels `json:"labels"`
	Values []*float64  `json:"values"`
	Limits []*float64  `json:"limits,omitempty"` // where the limit moves
	Fires  []bool      `json:"fires"`            // the whole condition was true
}

const (
	// chartPoints are as many as a screen has room for.
	chartPoints = 400
	// chartSeries are as many lines as a person tells apart.
	chartSeries = 12
	// longestChart bounds what a look at a rule reads.
	longestChart = rule.Duration(31 * 24 * time.Hour)
)

// Chart shows the past of a rule by name.
func (w *Watch) Chart(ctx context.Context, name string, from, to int64) (*Chart, error) {
	rules, err := w.Rules(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(rules, func(r rule.Rule) bool { return r.Name == name })
	switch {
	case at < 0:
		return nil, fault.New(fault.NotFound, "there is no rule %q", name)
	case from >= to:
		return nil, fault.New(fault.Invalid, "from lies not before to")
	case to-from > int64(longestChart):
		return nil, fault.New(fault.Invalid, "from and to are more than %s apart", longestChart)
	}
	to = min(to, w.opts.Now().UnixNano()) // what is to come has measured nothing
	r := rules[at]
	if r.Every, err = chartEvery(&r, to-from); err != nil {
		return nil, err
	}
	p, err := Remember(ctx, w.opts.Ask(), &r, from, to)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", name, err)
	}
	return p.chart(), nil
}

// chartEvery is how often a rule is measured for a chart: as often as live where
// one question answers for all windows, else as often as a screen can show.
func chartEvery(r *rule.Rule, span int64) (rule.Duration, error) {
	c, err := Compile(r)
	if err != nil {
		return 0, err
	}
	most := max(1, rule.Duration(span)/chartPoints/r.Every) // every so many evaluations
	p := &Past{ready: c}
	if _, windowed := p.windows(); !windowed {
		return (most + 1) * r.Every, nil
	}
	for ; most > 1; most-- {
		if r.Over%(most*r.Every) == 0 {
			break
		}
	}
	return most * r.Every, nil
}

// chart draws a past: of the steps that share a point the one nearest to firing.
func (p *Past) chart() *Chart {
	g := p.ready.gauge
	c := &Chart{Rule: p.ready.Rule.Name, Field: g.field, Op: g.op, From: p.from, To: p.to, Instances: len(p.instances), Times: []int64{}, Series: []ChartOfOne{}}
	if own, ok := g.number(); ok {
		c.Threshold = &own
	}
	steps := (p.steps + chartPoints - 1) / chartPoints // of one point
	for at := 0; at < p.steps; at += steps {
		c.Times = append(c.Times, p.first()+int64(at)*int64(p.ready.Rule.Every))
	}
	list := slices.Clone(p.instances)
	slices.SortStableFunc(list, func(x, y *track) int { return -cmp.Compare(x.worst(g), y.worst(g)) })
	for _, t := range list[:min(len(list), chartSeries)] {
		c.Series = append(c.Series, t.chart(g, steps))
	}
	return c
}

func (t *track) chart(g gauge, steps int) ChartOfOne {
	one := ChartOfOne{Labels: t.labels}
	if one.Labels == nil {
		one.Labels = rule.Labels{}
	}
	for from := 0; from < len(t.sights); from += steps {
		best, fires := -1, false
		for at := from; at < min(from+steps, len(t.sights)); at++ {
			if t.sights[at] == byte(rule.Absent) {
				continue
			}
			fires = fires || t.sights[at] == byte(rule.Fires)
			if best < 0 || t.margin(g, at) > t.margin(g, best) {
				best = at
			}
		}
		one.Fires = append(one.Fires, fires)
		one.Values = append(one.Values, pointAt(t.values, best))
		if t.limits != nil {
			one.Limits = append(one.Limits, pointAt(t.limits, best))
		}
	}
	return one
}

// pointAt is a value as JSON can say it.
func pointAt(values []float64, at int) *float64 {
	if at < 0 || math.IsNaN(values[at]) || math.IsInf(values[at], 0) {
		return nil
	}
	return &values[at]
}

// margin is how far a step is beyond its limit, where that moves, or how far up,
// or down, its value is; -Inf where there is none.
func (t *track) margin(g gauge, at int) float64 {
	m := t.values[at]
	if math.IsNaN(m) {
		return math.Inf(-1)
	}
	if t.limits != nil && !math.IsNaN(t.limits[at]) {
		m -= t.limits[at]
	}
	if !g.upward() {
		m = -m
	}
	return m
}

// worst is how near an instance came to firing.
func (t *track) worst(g gauge) float64 {
	worst := math.Inf(-1)
	for at, s := range t.sights {
		if s != byte(rule.Absent) {
			worst = max(worst, t.margin(g, at))
		}
	}
	return worst
}
