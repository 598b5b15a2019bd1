package bench

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	victoria "github.com/VictoriaMetrics/metrics"
	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/status"
)

func BenchmarkCounter(b *testing.B) {
	var ours status.Counter
	theirs := client.NewCounter(client.CounterOpts{Name: "c"})
	vm := victoria.NewSet().NewCounter("c")
	sideBySide(b, map[string]func(){"plumbline": ours.Inc, "client_golang": theirs.Inc, "victoria": vm.Inc})
}

// Parallel counting is what RunParallel makes of it: GOMAXPROCS times eight
// goroutines on one counter.
func BenchmarkCounterParallel(b *testing.B) {
	var ours status.Counter
	theirs := client.NewCounter(client.CounterOpts{Name: "c"})
	for name, count := range map[string]func(){"plumbline": ours.Inc, "client_golang": theirs.Inc} {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					count()
				}
			})
		})
	}
}

func BenchmarkGauge(b *testing.B) {
	var ours status.Gauge
	theirs := client.NewGauge(client.GaugeOpts{Name: "g"})
	sideBySide(b, map[string]func(){"plumbline": ours.Inc, "client_golang": theirs.Inc})
}

type answer struct{ Proto, Class, Route string }

func BenchmarkLabelled3(b *testing.B) {
	var ours status.CounterVec[answer]
	bound := ours.With(answer{"h2", "5xx", "/v1/charges"})
	theirs := client.NewCounterVec(client.CounterOpts{Name: "c"}, []string{"proto", "class", "route"})
	theirBound := theirs.WithLabelValues("h2", "5xx", "/v1/charges")
	sideBySide(b, map[string]func(){
		"plumbline/looked_up":     func() { ours.With(answer{"h2", "5xx", "/v1/charges"}).Inc() },
		"client_golang/looked_up": func() { theirs.WithLabelValues("h2", "5xx", "/v1/charges").Inc() },
		"plumbline/bound":         bound.Inc,
		"client_golang/bound":     theirBound.Inc,
	})
}

func BenchmarkDelay(b *testing.B) {
	ours := delay.New("d", delay.Options{})
	linear := delay.New("d", delay.Options{Buckets: delay.Linear(time.Millisecond, 10)})
	theirs := client.NewHistogram(client.HistogramOpts{Name: "h", Buckets: client.ExponentialBuckets(1e-6, 2, 32)})
	vm := victoria.NewSet().NewHistogram("h")
	const d = 3 * time.Millisecond
	sideBySide(b, map[string]func(){"plumbline": func() { ours.Add(d) }, "plumbline_linear": func() { linear.Add(d) },
		"client_golang": func() { theirs.Observe(d.Seconds()) }, "victoria": func() { vm.Update(d.Seconds()) }})
}

type pair struct{ Proto, Class string }

// row is five of forty families: a struct within a struct lends its name.
type row struct{ A, B, C, D, E status.CounterVec[pair] }

func (r *row) all() [5]*status.CounterVec[pair] {
	return [...]*status.CounterVec[pair]{&r.A, &r.B, &r.C, &r.D, &r.E}
}

// A thousand series of forty families with two labels, as one page.
func BenchmarkPage1000(b *testing.B) {
	var vars struct{ R1, R2, R3, R4, R5, R6, R7, R8 row }
	registry, vm := client.NewRegistry(), victoria.NewSet()
	set, err := status.New("proxy", &vars, status.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i, r := range []*row{&vars.R1, &vars.R2, &vars.R3, &vars.R4, &vars.R5, &vars.R6, &vars.R7, &vars.R8} {
		for j, ours := range r.all() {
			name := "proxy_r" + strconv.Itoa(i) + "_" + strconv.Itoa(j) + "_total"
			theirs := client.NewCounterVec(client.CounterOpts{Name: name}, []string{"proto", "class"})
			registry.MustRegister(theirs)
			for s := range 25 {
				class := strconv.Itoa(s)
				ours.With(pair{"h2", class}).Add(12345)
				theirs.WithLabelValues("h2", class).Add(12345)
				vm.NewCounter(name + `{proto="h2",class="` + class + `"}`).Set(12345)
			}
		}
	}
	var text metric.Text
	var page bytes.Buffer
	sideBySide(b, map[string]func(){
		"plumbline": func() { text.Reset(); text.Page(set) },
		"client_golang": func() {
			page.Reset()
			families, err := registry.Gather()
			if err != nil {
				b.Fatal(err)
			}
			encoder := expfmt.NewEncoder(&page, expfmt.NewFormat(expfmt.TypeTextPlain))
			for _, f := range families {
				if err := encoder.Encode(f); err != nil {
					b.Fatal(err)
				}
			}
		},
		"victoria": func() { page.Reset(); vm.WritePrometheus(&page) },
	})
}

// sideBySide measures each in turn, by name, so that neighbours in the output are
// rivals. The call through f costs each the same nanosecond or two.
func sideBySide(b *testing.B, runners map[string]func()) {
	for _, name := range slices.Sorted(maps.Keys(runners)) {
		b.Run(name, func(b *testing.B) { measure(b, runners[name]) })
	}
}
