package plumbline

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/internal/series"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

// traffic counts and times every unit of work as it ends, by what it was and how
// it ended, and files it among the traces. It learns all from the lines, so that
// a request, its line, its trace and its sample never disagree.
//
//	http_requests_total{method="POST",route="/v1/charges",outcome="ok"}
//	http_request_seconds_bucket{method="POST",route="/v1/charges",le="0.008192"}
//	jobs_total{kind="job",operation="invoice.close",outcome="error"}
type traffic struct {
	tracer   *trace.Tracer
	flight   *trace.Flight // nil: none
	slow     time.Duration
	text     bool // lines are readable, and shown with their trace
	http     string
	inFlight *atomic.Int64 // requests

	requests series.Map[requestLabels, series.Once[site]]
	jobs     series.Map[jobLabels, series.Once[site]]
}

// Labels have few values: a method nobody knows is other, and a path is never one.
type (
	requestLabels struct{ Method, Route string }
	jobLabels     struct{ Kind, Operation string }
)

// outcomes are those counted apart; one of a program's own comes last.
var outcomes = [...]line.Outcome{line.OK, line.ClientError, line.ServerError, line.Failed, line.Panic,
	line.ClientAbort, line.Timeout, line.Hijacked, line.Interrupted, "other"}

func ordinal(o line.Outcome) int {
	if i := slices.Index(outcomes[:], o); i >= 0 {
		return i
	}
	return len(outcomes) - 1
}

// site is one kind of work: a route and method, or an operation.
type site struct {
	family *trace.Family
	took   *delay.Counter
	ended  [len(outcomes)]status.Counter
}

func (t *traffic) site(family string) *site {
	return &site{family: t.tracer.Family(family), took: delay.New("", delay.Options{Trace: traceOf})}
}

// Began implements line.Watcher.
func (t *traffic) Began(*line.Line) {}

// Ended implements line.Watcher.
func (t *traffic) Ended(l *line.Line, outcome line.Outcome, took time.Duration) {
	v := l.View()
	at, title := t.place(v)
	at.ended[ordinal(outcome)].Inc()
	at.took.Observe(l, took)

	ids := l.Trace()
	w := trace.Work{Title: title, ID: ids.ID, Span: ids.Span, Start: v.Start(), Took: took}
	if t.text {
		w.Text = v.Written()
	}
	if outcome.Fails() {
		w.Failed = true
		if w.Failure = v.Text(line.Error); w.Failure == "" {
			w.Failure = string(outcome)
		}
	}
	at.family.Add(w)
	switch {
	case t.flight == nil:
	case outcome == line.Panic:
		t.flight.Trigger("panic " + at.family.Name())
	case took >= t.slow:
		t.flight.Trigger("slow " + at.family.Name())
	}
}

// place finds where a unit of work is counted, and what it is called among those.
func (t *traffic) place(v line.View) (at *site, title string) {
	if kind := v.Kind(); kind != t.http {
		operation := v.Text(line.Operation)
		once := t.jobs.At(jobLabels{kind, operation})
		if at = once.Load(); at == nil {
			at = once.Do(func() *site { return t.site(kind + " " + operation) })
		}
		return at, operation
	}
	method, route := knownMethod(v.Text(line.HTTPMethod)), v.Text(line.HTTPRoute)
	once := t.requests.At(requestLabels{method, route})
	if at = once.Load(); at == nil {
		at = once.Do(func() *site { return t.site(method + " " + named(route)) })
	}
	return at, v.Text(line.HTTPPath)
}

func named(route string) string {
	if route == "" {
		return "(no route)"
	}
	return route
}

// knownMethod keeps what a client may invent out of labels.
func knownMethod(m string) string {
	switch m {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE":
		return m
	}
	return "other"
}

// Metrics implements metric.Source.
func (t *traffic) Metrics(to metric.Visitor) {
	to.Family(metric.Family{Name: "http_in_flight", Help: "Requests under way."})
	to.Sample(nil, float64(t.inFlight.Load()))
	requests, jobs := t.requests.All(), t.jobs.All()
	tellCounts(to, metric.Family{Name: "http_requests", Help: "Requests answered, by how they ended.", Kind: metric.Counter}, requests)
	tellDelays(to, metric.Family{Name: "http_request_seconds", Help: "How long requests took.", Kind: metric.Buckets}, requests)
	if len(jobs) > 0 {
		tellCounts(to, metric.Family{Name: "jobs", Help: "Units of work that are no requests, by how they ended.", Kind: metric.Counter}, jobs)
		tellDelays(to, metric.Family{Name: "job_seconds", Help: "How long units of work took that are no requests.", Kind: metric.Buckets}, jobs)
	}
}

type sites = []*series.Series[series.Once[site]]

func tellCounts(to metric.Visitor, f metric.Family, all sites) {
	to.Family(f)
	for _, one := range all {
		s := one.Value.Load()
		for i := range outcomes {
			if s == nil || s.ended[i].Value() == 0 {
				continue
			}
			labels := append(one.Labels[:len(one.Labels):len(one.Labels)], metric.Label{Name: "outcome", Value: string(outcomes[i])})
			to.Sample(labels, float64(s.ended[i].Value()))
		}
	}
}

func tellDelays(to metric.Visitor, f metric.Family, all sites) {
	to.Family(f)
	for _, one := range all {
		if s := one.Value.Load(); s != nil {
			s.took.Tell(one.Labels, to)
		}
	}
}
