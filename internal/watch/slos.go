package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline/plumbline/internal/rule"
)

// Budget is how a promise stands.
type Budget struct {
	Name      string  `json:"name"`
	Text      string  `json:"text"`
	Question  string  `json:"question"` // of its indicator
	Objective float64 `json:"objective"`
	Total     int64   `json:"total"` // lines of the period
	Good      int64   `json:"good"`
	Left      float64 `json:"left"` // share of the budget; negative: the promise is broken
	Burns     []Burn  `json:"burns"`
	Error     string  `json:"error,omitempty"`
}

// Burn is how fast the budget goes in a window; 1 spends it exactly in its
// period.
type Burn struct {
	Window string  `json:"window"`
	Rate   float64 `json:"rate"`
	Factor float64 `json:"factor"` // above it somebody is told
}

// Budgets says how each promise stands now. It asks the lines of whole periods.
func (w *Watch) Budgets(ctx context.Context) ([]Budget, error) {
	rules, err := w.Rules(ctx)
	if err != nil {
		return nil, err
	}
	out := []Budget{}
	seen := map[string]bool{}
	for _, r := range rules {
		if r.Burn == nil || seen[r.Burn.Name] {
			continue
		}
		seen[r.Burn.Name] = true
		b, err := w.budget(ctx, r.Burn)
		if err != nil {
			b.Error = err.Error()
		}
		out = append(out, b)
	}
	return out, nil
}

func (w *Watch) budget(ctx context.Context, slo *rule.SLO) (Budget, error) {
	b := Budget{
		Name: slo.Name, Text: slo.Text, Objective: slo.Objective, Burns: []Burn{},
		Question: fmt.Sprintf("%s | timechart count(%s) as good, count as total", slo.Search, slo.Good),
	}
	now := w.opts.Now().UnixNano()
	all, err := w.count(ctx, slo, now, time.Duration(slo.Over))
	if err != nil {
		return b, err
	}
	b.Total, b.Good, b.Left = all.Total, all.Good, slo.Left(all)
	for _, x := range rule.Windows() {
		c, err := w.count(ctx, slo, now, x.Long)
		if err != nil {
			return b, err
		}
		b.Burns = append(b.Burns, Burn{rule.Duration(x.Long).String(), slo.Burnt(c), slo.Factor(x)})
	}
	return b, nil
}

// count counts the lines of a promise over the last so long.
func (w *Watch) count(ctx context.Context, slo *rule.SLO, now int64, over time.Duration) (rule.Counts, error) {
	text := fmt.Sprintf("%s | stats count as total, count(%s) as good", slo.Search, slo.Good)
	rows, err := ask(ctx, w.opts.Ask(), text, now-int64(over), now, 1)
	if err != nil || rows.Len == 0 {
		return rule.Counts{}, err
	}
	return rule.Counts{Total: rows.Col("total").Value(0).Nums(), Good: rows.Col("good").Value(0).Nums()}, nil
}
