package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
)

// meters keep the counts of SLOs, a cell for each minute, so that three days are
// not counted again each minute. Two rules share the counts of one SLO.
type meters struct{ bySLO map[string]*meter }

func newMeters() *meters { return &meters{map[string]*meter{}} }

// meter is the counts of an SLO's lines up to a minute.
type meter struct {
	end   int64         // of the last minute counted
	cells []rule.Counts // the last one ends at end
}

// longestWindow is what the windows of all SLOs look back at most.
func longestWindow() int64 {
	var longest time.Duration
	for _, w := range rule.Windows() {
		longest = max(longest, w.Long)
	}
	return int64(longest)
}

const cell = int64(time.Minute)

// rows are the burn rates of an SLO at a step, a row for each pair of windows
// that belongs to the severity of the rule.
func (m *meters) rows(ctx context.Context, a Asker, c *Ready, step int64) (*row.Batch, error) {
	slo := c.Rule.Burn
	one := m.bySLO[slo.Text]
	if one == nil {
		one = &meter{end: floor(step-longestWindow(), cell)}
		m.bySLO[slo.Text] = one
	}
	if err := one.fill(ctx, a, slo, floor(step, cell)); err != nil {
		return nil, err
	}
	b := row.NewBuilder("")
	for _, w := range rule.Windows() {
		if w.Severity != c.Rule.Severity {
			continue
		}
		long := one.last(w.Long)
		b.BeginBare()
		b.Text([]byte(fieldWindow), []byte(rule.Duration(w.Long).String()))
		for _, f := range []struct {
			name  string
			value float64
		}{
			{"burn", slo.Burnt(long)}, {"burn_short", slo.Burnt(one.last(w.Short))}, {"factor", slo.Factor(w)},
			{"bad", float64(long.Total - long.Good)}, {"total", float64(long.Total)},
		} {
			b.Value([]byte(f.name), row.FloatOf(f.value))
		}
	}
	return b.Batch(), nil
}

// fill counts the minutes up to end that are not counted yet.
func (m *meter) fill(ctx context.Context, a Asker, slo *rule.SLO, end int64) error {
	if end <= m.end {
		return nil
	}
	from := max(m.end, end-longestWindow())
	fresh, err := counts(ctx, a, slo, from, end)
	if err != nil {
		return err
	}
	m.cells = append(m.cells, fresh...)
	if most := int(longestWindow() / cell); len(m.cells) > most {
		m.cells = append([]rule.Counts(nil), m.cells[len(m.cells)-most:]...)
	}
	m.end = end
	return nil
}

// counts are the lines of an SLO, minute by minute.
func counts(ctx context.Context, a Asker, slo *rule.SLO, from, to int64) ([]rule.Counts, error) {
	text := fmt.Sprintf("%s | bin span=1m _time as _minute | stats count as total, count(%s) as good by _minute", slo.Search, slo.Good)
	b, err := ask(ctx, a, text, from, to, 0)
	if err != nil {
		return nil, err
	}
	out := make([]rule.Counts, (to-from+cell-1)/cell)
	minute, total, good := b.Col("_minute"), b.Col("total"), b.Col("good")
	for i := range b.Len {
		at := (minute.Value(i).Nums() - floor(from, cell)) / cell
		if at >= 0 && at < int64(len(out)) {
			out[at] = rule.Counts{Total: total.Value(i).Nums(), Good: good.Value(i).Nums()}
		}
	}
	return out, nil
}

// last sums the counts of the last so long.
func (m *meter) last(window time.Duration) (sum rule.Counts) {
	n := min(int(int64(window)/cell), len(m.cells))
	for _, c := range m.cells[len(m.cells)-n:] {
		sum.Total += c.Total
		sum.Good += c.Good
	}
	return sum
}

func floor(t, step int64) int64 { return t - t%step }
