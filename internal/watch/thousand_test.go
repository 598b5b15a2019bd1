package watch

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
	"github.com/plumbline/plumbline/internal/store"
)

// columnarTraffic fills the store that servers use with canonical lines of a thousand
// routes, sealed, and gives an engine over it.
func columnarTraffic(b *testing.B, over time.Duration, groups, lines int, now func() time.Time) Asker {
	b.Helper()
	s, err := store.Open(disk.Real(), b.TempDir(), store.Options{
		Dataset: func(name string) dataset.Dataset { return dataset.Dataset{Name: name} }, DiskShare: 1, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	r := rand.New(rand.NewPCG(1, 2))
	const batch = 50_000
	for from := 0; from < lines; from += batch {
		rows := row.NewBuilder("app")
		for i := from; i < min(from+batch, lines); i++ {
			rows.Begin(start + int64(over)/int64(lines)*int64(i))
			rows.Text([]byte("_msg"), []byte("canonical-log-line"))
			rows.Text([]byte("http_route"), fmt.Appendf(nil, "/v1/r%d", r.IntN(groups)))
			rows.Value([]byte("http_status"), row.IntOf(200+300*int64(r.IntN(20)/19)))
			rows.Value([]byte("duration"), row.FloatOf(r.ExpFloat64()))
		}
		if err := s.Append(b.Context(), rows.Batch()); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	return query.New(query.Options{Source: s, Budget: pipe.NewBudget(1 << 30), Now: now})
}

// BenchmarkBacktestColumnar: seven days at one-minute steps over a thousand groups,
// a million lines at rest.
func BenchmarkBacktestColumnar(b *testing.B) {
	a := columnarTraffic(b, 7*24*time.Hour, 1000, 1_000_000, time.Now)
	u := rule.Rule{Name: "x", Question: "canonical-log-line | stats count by http_route | where count > 2", Severity: rule.Critical}
	for b.Loop() {
		if _, err := Remember(b.Context(), a, &u, start, start+int64(7*24*time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkThousandRules: a thousand rules over a minute of a hundred lines a second;
// an operation is what all of them cost each minute.
func BenchmarkThousandRules(b *testing.B) {
	now := time.Unix(0, start).Add(10 * time.Minute)
	a := columnarTraffic(b, time.Hour, 200, 360_000, func() time.Time { return now })
	var rules []rule.Rule
	for i := range 1000 {
		rules = append(rules, rule.Rule{
			Name:     fmt.Sprint("rule-", i),
			Question: fmt.Sprintf("canonical-log-line http_route=/v1/r%d | stats count as total, count(http_status >= 500) as bad by http_route | where bad > %d", i%200, 5+i/200),
			Over:     rule.Duration(5 * time.Minute), For: rule.Duration(2 * time.Minute),
		})
	}
	st, err := state.Open(b.Context(), filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	w, err := New(Options{Ask: func() Asker { return a }, State: st, Rules: rules, Policy: incident.DefaultPolicy(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	lead, err := st.Lead(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	t, err := w.begin(b.Context(), lead)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for more := true; more; {
			if more, err = t.round(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if len(t.last) != len(rules) {
			b.Fatal("not every rule was evaluated")
		}
		if now = now.Add(time.Minute); now.After(time.Unix(0, start).Add(time.Hour)) {
			b.Fatal("the lines end here; ask for fewer iterations by -benchtime 20x")
		}
	}
}
