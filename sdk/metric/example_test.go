package metric_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/plumbline/plumbline/sdk/metric"
)

// mails is a source of numbers.
type mails struct{ waiting int }

// Metrics implements metric.Source.
func (m mails) Metrics(to metric.Visitor) {
	to.Family(metric.Family{Name: metric.Name("Mails-Waiting"), Help: "Mails that wait."})
	to.Sample([]metric.Label{{Name: "queue", Value: "out"}}, float64(m.waiting))
	to.Family(metric.Family{Name: "mail_seconds", Kind: metric.Buckets})
	to.Histogram(nil, &metric.Histogram{Bounds: []float64{0.1}, Counts: []uint64{2, 1}, Sum: 0.9})
}

// The page that Prometheus reads, written again into the same memory.
func ExampleText() {
	var text metric.Text
	for range 2 {
		text.Reset()
		text.Page(mails{7})
	}
	fmt.Printf("%s\n%s", text.Type(), text.Bytes())
	// Output:
	// text/plain; version=0.0.4; charset=utf-8
	// # HELP mails_waiting Mails that wait.
	// # TYPE mails_waiting gauge
	// mails_waiting{queue="out"} 7
	// # TYPE mail_seconds histogram
	// mail_seconds_bucket{le="0.1"} 2
	// mail_seconds_bucket{le="+Inf"} 3
	// mail_seconds_sum 0.9
	// mail_seconds_count 3
}

func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metric.Handler(mails{7}))

	r := httptest.NewRequest("GET", "/metrics", nil)
	r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(metric.WantsOpenMetrics(r), w.Header().Get("Content-Type"))
	// Output: true application/openmetrics-text; version=1.0.0; charset=utf-8
}

func ExampleHistogram() {
	h := metric.Histogram{Bounds: []float64{0.1}, Counts: []uint64{2, 1}}
	fmt.Println(h.Count())
	// Output: 3
}
