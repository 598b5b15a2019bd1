package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/store/memory"
)

var start = time.Date(2026, 3, 28, 22, 0, 0, 0, time.UTC).UnixNano()

// traffic is an engine over lines of some routes, in waves of errors.
func traffic(t testing.TB, r *rand.Rand, length time.Duration, routes, lines int) *query.Engine {
	t.Helper()
	store := memory.Open(expr.Env{Zone: time.UTC})
	b := row.NewBuilder("app")
	for i := range lines {
		at := start + int64(i)*int64(length)/int64(lines) + r.Int64N(int64(time.Second))
		route := r.IntN(routes)
		status := int64(200)
		if wave := i * 20 / lines; r.IntN(10) < (wave+route)%5*2 {
			status = 500
		}
		b.Begin(at)
		b.Text([]byte("_msg"), []byte("canonical-log-line"))
		b.Text([]byte("http_route"), fmt.Appendf(nil, "/v1/r%d", route))
		b.Value([]byte("http_status"), row.IntOf(status))
		b.Value([]byte("duration"), row.DecimalOf(r.Int64N(3000), 3))
	}
	if err := store.Append(context.Background(), b.Batch()); err != nil {
		t.Fatal(err)
	}
	return query.New(query.Options{Source: store, Budget: pipe.NewBudget(2 << 30)})
}

// live steps a rule over the range as it would have been driven, a step at a
// time.
func live(t *testing.T, a Asker, r rule.Rule, from, to int64) (changes []rule.Change, notices []incident.Notice) {
	t.Helper()
	c, err := Compile(&r)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk([]*Ready{c}, incident.DefaultPolicy())
	d.last[r.Name] = from
	for c, at := d.next(); at <= to; c, at = d.next() {
		list, err := d.step(t.Context(), a, c, at)
		if err != nil {
			t.Fatal(err)
		}
		d.book.Tick(at)
		_, told := d.book.Take()
		changes, notices = append(changes, list...), append(notices, told...)
	}
	return changes, notices
}

// bare is a change or notice without what a backtest does not keep: the values
// of other columns.
func bare(t *testing.T, v any) string {
	t.Helper()
	switch x := v.(type) {
	case []rule.Change:
		for i := range x {
			x[i].Values = nil
		}
	case []incident.Notice:
		for i := range x {
			x[i].Lines = nil
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parted shows two texts from where they differ.
func parted(backtest, live string) string {
	at := 0
	for at < min(len(backtest), len(live)) && backtest[at] == live[at] {
		at++
	}
	from := max(0, at-200)
	return fmt.Sprintf("backtest …%.600s\nlive     …%.600s", backtest[from:], live[from:])
}

// TestBacktestIsLive: for rules of every form, a backtest gives the changes and
// notices that driving the rule live gives.
func TestBacktestIsLive(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 3))
	a := traffic(t, r, 3*time.Hour, 4, 3000)
	for _, question := range []string{
		"canonical-log-line http_status=5* | stats count by http_route | where count > 3",
		"canonical-log-line | stats p95(duration) as p95, count by http_route | where p95 > 2.9 and count > 2",
		"canonical-log-line | eval bad = if(http_status >= 500, 1, 0) | stats sum(bad) as bad, count | eval share = bad / count | where share > 0.4",
		"canonical-log-line http_status=5* | stats dc(http_route) as routes | where routes >= 3",
		"canonical-log-line http_status=5* | top 1 http_route",
		"canonical-log-line duration>2.9 | stats count | where count < 1",
		"canonical-log-line http_route=/v1/r1 http_status=5* duration>2.5",
	} {
		for range 2 {
			u := rule.Rule{
				Name: "x", Question: question, Every: rule.Duration(time.Minute), Severity: rule.Severity(1 + r.IntN(2)),
				Over: rule.Duration(time.Duration(1+r.IntN(7)) * time.Minute), For: rule.Duration(time.Duration(r.IntN(4)) * time.Minute),
				KeepFor: rule.Duration(time.Duration(r.IntN(4)) * time.Minute), NoData: rule.NoData(r.IntN(3)),
				Except: []map[string]string{{"http_route": "/v1/r3"}},
			}
			from, to := start+r.Int64N(int64(time.Hour)), start+int64(2*time.Hour)+r.Int64N(int64(time.Hour))
			past, err := Remember(t.Context(), a, &u, from, to)
			if err != nil {
				t.Fatal(err)
			}
			got, err := past.Replay(incident.DefaultPolicy(), nil)
			if err != nil {
				t.Fatal(err)
			}
			changes, notices := live(t, a, u, from, to)
			if g, w := bare(t, got.Changes), bare(t, changes); g != w {
				t.Fatalf("seed %d: %+v\n%s", seed, u, parted(g, w))
			}
			if g, w := bare(t, got.Notices), bare(t, notices); g != w {
				t.Fatalf("seed %d: %+v\n%s", seed, u, parted(g, w))
			}
		}
	}
}

// TestSlider: another threshold gives what a rule with it would have given, and
// the reverse finds one that is quiet enough – whether the condition is the
// threshold alone or wants something beside it.
func TestSlider(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{"", " and slowest > 2"} {
		t.Run(rest, func(t *testing.T) {
			t.Parallel()
			slide(t, rest)
		})
	}
}

func slide(t *testing.T, rest string) {
	r := rand.New(rand.NewPCG(rand.Uint64(), 4))
	a := traffic(t, r, 2*time.Hour, 6, 3200)
	with := func(limit float64) rule.Rule {
		return rule.Rule{
			Name: "x", Question: fmt.Sprintf("canonical-log-line http_status=5* | stats count, max(duration) as slowest by http_route | where count > %g"+rest, limit),
			Every: rule.Duration(time.Minute), Over: rule.Duration(2 * time.Minute), Severity: rule.Critical,
		}
	}
	from, to := start, start+int64(2*time.Hour)
	u := with(3)
	past, err := Remember(t.Context(), a, &u, from, to)
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []float64{0, 1, 2, 4, 7} {
		got, err := past.Replay(incident.DefaultPolicy(), &limit)
		if err != nil {
			t.Fatal(err)
		}
		changes, _ := live(t, a, with(limit), from, to)
		if g, w := bare(t, got.Changes), bare(t, changes); g != w {
			t.Errorf("threshold %g: %s", limit, parted(g, w))
		}
	}
	count := func(limit float64) (int, error) {
		got, err := past.Replay(incident.DefaultPolicy(), &limit)
		if err != nil {
			return 0, err
		}
		return len(got.Notices), nil
	}
	for most := range 5 {
		limit, err := past.Reverse(count, most)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := count(limit); n > most {
			t.Errorf("threshold %g gives %d notices, at most %d were wanted", limit, n, most)
		}
	}
}

// TestBurn: an SLO whose budget burns fires its critical rule; one whose lines
// are good does not.
func TestBurn(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(rand.Uint64(), 5))
	a := traffic(t, r, 5*time.Hour, 4, 6000)
	for _, c := range []struct {
		text  string
		fires bool
	}{
		{"99% of canonical-log-line over 30d good http_status<500", true},
		{"99% of canonical-log-line over 30d good http_status<600", false},
	} {
		slo, err := rule.ParseSLO("api", c.text)
		if err != nil {
			t.Fatal(err)
		}
		u := slo.Rules(nil)[0]
		from, to := start+int64(time.Hour), start+int64(4*time.Hour)
		past, err := Remember(t.Context(), a, &u, from, to)
		if err != nil {
			t.Fatal(err)
		}
		got, err := past.Replay(incident.DefaultPolicy(), nil)
		if err != nil {
			t.Fatal(err)
		}
		changes, _ := live(t, a, u, from, to)
		if bare(t, got.Changes) != bare(t, changes) || (len(changes) > 0) != c.fires {
			t.Errorf("%s: %s", c.text, parted(bare(t, got.Changes), bare(t, changes)))
		}
	}
}

// BenchmarkBacktest: seven days at one-minute steps over a thousand groups.
func BenchmarkBacktest(b *testing.B) {
	a := traffic(b, rand.New(rand.NewPCG(1, 2)), 7*24*time.Hour, 1000, 1_000_000)
	u := rule.Rule{
		Name: "x", Question: "canonical-log-line | stats count by http_route | where count > 2",
		Every: rule.Duration(time.Minute), Over: rule.Duration(time.Minute), Severity: rule.Critical,
	}
	from, to := start, start+int64(7*24*time.Hour)
	past, err := Remember(b.Context(), a, &u, from, to)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ask", func(b *testing.B) {
		for b.Loop() {
			if past, err = Remember(b.Context(), a, &u, from, to); err != nil {
				b.Fatal(err)
			}
		}
	})
	// Few instances cross the higher one, all of them for half of the time the
	// lower one.
	for _, limit := range []float64{8, 6, 3} {
		b.Run(fmt.Sprint("slide to ", limit), func(b *testing.B) {
			for b.Loop() {
				got, err := past.Replay(incident.DefaultPolicy(), &limit)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(got.Changes)), "changes")
				b.ReportMetric(float64(got.Instances), "groups")
			}
		})
	}
}
