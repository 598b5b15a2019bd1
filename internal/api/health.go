package api

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
)

// healthz is 200 while the process can answer at all.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	s.health(w, func(Component) bool { return true })
}

// readyz is 200 when lines can be taken and questions asked; else 503 with the
// reasons.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	s.health(w, func(c Component) bool { return c.Ready })
}

func (s *Server) health(w http.ResponseWriter, well func(Component) bool) {
	parts := s.opts.Health()
	status, state := http.StatusOK, "ok"
	for _, c := range parts {
		if !well(c) {
			status, state = http.StatusServiceUnavailable, "not ready"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer(w, map[string]any{"status": state, "components": parts, "version": s.opts.Version})
}

// labels are the labels of a reading, its dataset first.
func (g Gauge) labels() string {
	switch {
	case g.Dataset == "":
		return g.Label
	case g.Label == "":
		return fmt.Sprintf("dataset=%q", g.Dataset)
	}
	return fmt.Sprintf("dataset=%q,%s", g.Dataset, g.Label)
}

// calls counts requests by route.
type calls struct {
	mu      sync.Mutex
	byRoute map[string]callCount
}

type callCount struct {
	n    int64
	took time.Duration
}

func (c *calls) add(route string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byRoute == nil {
		c.byRoute = map[string]callCount{}
	}
	x := c.byRoute[route]
	c.byRoute[route] = callCount{x.n + 1, x.took + took}
}

// metrics gives the server's readings as Prometheus reads them; of datasets those
// that the caller may read.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	var list []Gauge
	if s.opts.Gauges != nil {
		who := callerOf(r)
		list = slices.DeleteFunc(s.opts.Gauges(), func(g Gauge) bool { return g.Dataset != "" && !who.may(g.Dataset) })
	}
	s.calls.mu.Lock()
	for route, c := range s.calls.byRoute {
		label := fmt.Sprintf("route=%q", route)
		list = append(list,
			Gauge{Name: "api_requests_total", Help: "HTTP requests answered", Type: "counter", Label: label, Value: float64(c.n)},
			Gauge{Name: "api_seconds_total", Help: "time spent on HTTP requests", Type: "counter", Label: label, Value: c.took.Seconds()})
	}
	s.calls.mu.Unlock()
	for i := range list {
		list[i].Label = list[i].labels()
	}
	slices.SortStableFunc(list, func(a, b Gauge) int {
		return strings.Compare(a.Name+a.Label, b.Name+b.Label)
	})
	var out bytes.Buffer
	last := ""
	for _, g := range list {
		if g.Name != last {
			fmt.Fprintf(&out, "# HELP plumbline_%s %s\n# TYPE plumbline_%s %s\n", g.Name, g.Help, g.Name, g.Type)
			last = g.Name
		}
		label := g.Label
		if label != "" {
			label = "{" + label + "}"
		}
		fmt.Fprintf(&out, "plumbline_%s%s %v\n", g.Name, label, g.Value)
	}
	if s.opts.Metrics != nil {
		var text metric.Text
		text.Page(s.opts.Metrics)
		out.Write(text.Bytes())
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(out.Bytes()) // the client has gone; there is nobody to tell
}
