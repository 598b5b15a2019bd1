package watch

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
)

// TestReadyMade: each rule that comes along says why it is one and what to look
// at, and compares something with a threshold that a chart can show.
func TestReadyMade(t *testing.T) {
	t.Parallel()
	rules, err := rule.ReadyMade(Check)
	if err != nil {
		t.Fatal(err)
	}
	severities := map[rule.Severity]int{}
	for i := range rules {
		r := &rules[i]
		c, err := Compile(r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Why == "" || r.Look == "" || r.Summary == "" || c.gauge.field == "" {
			t.Errorf("%s lacks why, look, summary or a threshold: %+v", r.Name, r)
		}
		severities[r.Severity]++
	}
	if severities[rule.Critical] != 1 || severities[rule.Warning] >= severities[rule.Info] {
		t.Errorf("most are to be info, few warning, one critical: %v", severities)
	}
}

// TestDiskFilling: a disk that will be full in days is told of, one that fills for
// a moment, slowly or not at all is not.
func TestDiskFilling(t *testing.T) {
	t.Parallel()
	rules, err := rule.ReadyMade(Check)
	if err != nil {
		t.Fatal(err)
	}
	u := rules[slices.IndexFunc(rules, func(r rule.Rule) bool { return r.Name == "disk-filling" })]
	const gib = 1 << 30
	for name, c := range map[string]struct {
		free  float64 // GiB of 200 at first
		gone  float64 // GiB an hour
		wave  float64 // GiB up and down, as merges do
		fires bool
	}{"fast": {60, 2, 1, true}, "slowly": {60, 0.3, 1, false}, "much room": {150, 2, 1, false}, "emptied": {60, -2, 1, false}, "still": {60, 0, 3, false}} {
		s := newScene(t)
		b := row.NewBuilder(dataset.Own)
		for minute := range 8 * 60 {
			b.Begin(start + int64(minute)*int64(time.Minute))
			for _, f := range [][2]string{{"kind", "disk"}, {"host", "h"}, {"disk", "/data"}} {
				b.Text([]byte(f[0]), []byte(f[1]))
			}
			free := c.free - c.gone*float64(minute)/60 + c.wave*float64(minute%20)/20
			b.Value([]byte("disk_free"), row.IntOf(int64(free*gib)))
			b.Value([]byte("disk_total"), row.IntOf(200*gib))
		}
		if err := s.lines.Append(t.Context(), b.Batch()); err != nil {
			t.Fatal(err)
		}
		from, to := start, start+int64(8*time.Hour)
		p, err := Remember(t.Context(), s.ask, &u, from, to)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Replay(incident.DefaultPolicy(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if (len(got.Notices) > 0) != c.fires {
			t.Errorf("%s: %s, hours %v", name, got.Summary(), p.instances[0].values)
		}
		if changes, _ := live(t, s.ask, u, from, to); bare(t, changes) != bare(t, got.Changes) {
			t.Errorf("%s: %s", name, parted(bare(t, got.Changes), bare(t, changes)))
		}
	}
}

// TestChart: the value nearest to firing is kept of the steps that share a point,
// with its threshold, fixed or moving.
func TestChart(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails(), rule.Rule{
		Name: "moving", Question: "canonical-log-line | stats count as all, count(http_status >= 500) as bad | where bad >= all / 2 and all > 3",
		Over: rule.Duration(5 * time.Minute),
	}, rule.Rule{Name: "compared", Question: "canonical-log-line | stats count | compare 1d | where count < count_before / 4", Every: rule.Duration(5 * time.Minute), Over: rule.Duration(time.Hour)})
	if err := s.watch.Write(t.Context(), rule.Rule{Name: "slow", Question: "canonical-log-line | stats p95(http_status) as p95 | where p95 < 0.25"}); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(time.Minute)
	s.errors500(60)
	s.now = s.now.Add(23 * time.Hour)
	to := s.now.UnixNano()
	for _, c := range []struct {
		name            string
		fixed, moving   float64 // of the threshold; 0: none
		most            float64
		fires, complete bool
	}{{"api", 10, 0, 59, true, true}, {"moving", 0, 30, 60, true, false}, {"compared", 0, 0, 0, false, false}} {
		got, err := s.watch.Chart(t.Context(), c.name, start-int64(time.Hour), to)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Times) > chartPoints || len(got.Times) < chartPoints/4 || got.Times[0] < got.From || got.Times[len(got.Times)-1] > to {
			t.Errorf("%s: %d times from %d", c.name, len(got.Times), got.Times[0])
		}
		if (got.Threshold != nil) != (c.fixed != 0) || c.fixed != 0 && *got.Threshold != c.fixed {
			t.Errorf("%s: the threshold is %v", c.name, got.Threshold)
		}
		if c.most == 0 {
			continue
		}
		one := got.Series[0]
		most, limit, fires, absent := 0.0, 0.0, false, 0
		for i, v := range one.Values {
			if v == nil {
				absent++
				continue
			}
			fires = fires || one.Fires[i]
			if *v > most {
				most = *v
				if one.Limits != nil {
					limit = *one.Limits[i]
				}
			}
		}
		if most != c.most || limit != c.moving || fires != c.fires || absent > 0 {
			t.Errorf("%s: most %v, limit %v, fires %v, %d absent", c.name, most, limit, fires, absent)
		}
	}
	// Minutes without lines have a count, and no p95; what is to come has neither.
	got, err := s.watch.Chart(t.Context(), "slow", start-int64(time.Hour), to+int64(time.Hour))
	if err != nil || got.To != to || got.Times[len(got.Times)-1] > to {
		t.Fatalf("a chart into the future ends at %v, %v", got, err)
	}
	values := 0
	for i, v := range got.Series[0].Values {
		if v != nil {
			values++
		} else if got.Series[0].Fires[i] {
			t.Error("it fires without a value")
		}
	}
	if values != 1 {
		t.Errorf("one minute had lines, and %d points have a p95", values)
	}
	if _, err := s.watch.Chart(t.Context(), "nobody", 0, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown rule gives %v", err)
	}
	for _, to := range []int64{start, start - 1, start + 40*24*int64(time.Hour)} {
		if _, err := s.watch.Chart(t.Context(), "api", start, to); !fault.Is(err, fault.Invalid) {
			t.Errorf("a chart to %d gives %v", to, err)
		}
	}
}

// TestChartOfMany: the instances nearest to firing are drawn, and all are counted.
func TestChartOfMany(t *testing.T) {
	t.Parallel()
	a := traffic(t, rand.New(rand.NewPCG(rand.Uint64(), 7)), time.Hour, 40, 4000)
	for _, c := range []struct {
		condition string
		upward    bool
	}{{"count > 3", true}, {"count < 1", false}} {
		u := rule.Rule{Name: "x", Question: "canonical-log-line | stats count by http_route | where " + c.condition}
		p, err := Remember(t.Context(), a, &u, start, start+int64(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		got := p.chart()
		if got.Instances != 40 || len(got.Series) != chartSeries {
			t.Errorf("%d of %d instances are drawn", len(got.Series), got.Instances)
		}
		first, last := p.byKey[got.Series[0].Labels.String()], p.byKey[got.Series[chartSeries-1].Labels.String()]
		if first.worst(p.ready.gauge) < last.worst(p.ready.gauge) {
			t.Errorf("%s: the nearest to firing does not come first", c.condition)
		}
	}
}
