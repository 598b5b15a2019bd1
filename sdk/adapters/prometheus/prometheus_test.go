package prometheus_test

import (
	"context"
	"strings"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/plumbline/plumbline/sdk/adapters/prometheus"
	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/status"
)

type answer struct{ Proto, Class string }

// sources are a set and a delay with something in each.
func sources(t *testing.T) []metric.Source {
	t.Helper()
	var vars struct {
		Served  status.Counter `help:"Requests served."`
		Mode    status.State
		Answers status.CounterVec[answer]
	}
	set, err := status.New("proxy", &vars, status.Options{})
	if err != nil {
		t.Fatal(err)
	}
	vars.Served.Add(3)
	vars.Mode.Set("on")
	vars.Answers.With(answer{"h2", "5xx"}).Inc()
	wait := delay.New("wait", delay.Options{Buckets: delay.Bounds(time.Millisecond, time.Second),
		Trace: func(context.Context) [16]byte { return [16]byte{1} }})
	wait.Observe(t.Context(), 5*time.Millisecond)
	wait.Add(time.Minute)
	return []metric.Source{set, wait}
}

const want = `# HELP proxy_served_total Requests served.
# TYPE proxy_served_total counter
proxy_served_total 3
# HELP proxy_mode 
# TYPE proxy_mode gauge
proxy_mode{state="on"} 1
# HELP proxy_answers_total 
# TYPE proxy_answers_total counter
proxy_answers_total{class="5xx",proto="h2"} 1
# HELP wait_seconds 
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.001"} 0
wait_seconds_bucket{le="1"} 1
wait_seconds_bucket{le="+Inf"} 2
wait_seconds_sum 60.005
wait_seconds_count 2
`

func TestCollector(t *testing.T) {
	registry := client.NewPedanticRegistry()
	if err := registry.Register(prometheus.NewCollector(sources(t)...)); err != nil {
		t.Fatal(err)
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, b := range m.GetHistogram().GetBucket() {
				found = found || b.GetExemplar().GetLabel() != nil && b.GetExemplar().GetLabel()[0].GetValue() == "01000000000000000000000000000000"
			}
		}
	}
	if !found {
		t.Error("the exemplar is lost")
	}
}

// What goes through a registry and back is what was told directly, but for the
// order of families and labels, which a registry sorts.
func TestThereAndBack(t *testing.T) {
	all := sources(t)
	registry := client.NewRegistry()
	registry.MustRegister(prometheus.NewCollector(all...))
	direct, back := string(new(metric.Text).Page(all...)), string(new(metric.Text).Page(prometheus.Source(registry)))
	direct = strings.Replace(direct, `proto="h2",class="5xx"`, `class="5xx",proto="h2"`, 1)
	for line := range strings.Lines(direct) {
		if !strings.Contains(back, line) {
			t.Errorf("no line %sin\n%s", line, back)
		}
	}
	if len(back) != len(direct) {
		t.Errorf("got\n%s\nwant the lines of\n%s", back, direct)
	}
}

func TestSummary(t *testing.T) {
	registry := client.NewRegistry()
	s := client.NewSummary(client.SummaryOpts{Name: "s", Objectives: map[float64]float64{0.5: 0.01}})
	g := client.NewUntypedFunc(client.UntypedOpts{Name: "u"}, func() float64 { return 7 })
	registry.MustRegister(s, g)
	s.Observe(2)
	got := string(new(metric.Text).Page(prometheus.Source(registry)))
	for _, line := range []string{`s{quantile="0.5"} 2`, "s_sum 2", "s_count 1", "u 7"} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
}

func ExampleNewCollector() {
	var vars struct{ Served status.Counter }
	set, _ := status.New("proxy", &vars, status.Options{})
	client.NewRegistry().MustRegister(prometheus.NewCollector(set))
}
