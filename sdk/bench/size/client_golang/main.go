// Command client_golang is bare with the metrics of requests, by Prometheus' library.
package main

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	took := promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "http_request_seconds"}, []string{"method", "code"})
	slog.Error("ended", "error", http.ListenAndServe("127.0.0.1:8080", promhttp.InstrumentHandlerDuration(took, mux)))
}
