package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/state"
)

// Deploy is a new version of a service.
type Deploy struct {
	At      int64  `json:"at"`
	Service string `json:"service"`
	Release string `json:"release"`
	By      string `json:"by,omitempty"`
	Link    string `json:"link,omitempty"`
	Seen    bool   `json:"seen,omitempty"` // first seen in lines, not told

	// First is set of the release a service had when it was first seen: it is kept,
	// so that the next one is known as new, and is no deploy.
	First bool `json:"first,omitempty"`
}

func (d *Deploy) key() string { return d.Service + " " + d.Release }

// Told keeps a deploy; the same service and release told again moves it.
func (w *Watch) Told(ctx context.Context, d Deploy) (Deploy, error) {
	d.Service, d.Release = strings.TrimSpace(d.Service), strings.TrimSpace(d.Release)
	if d.Service == "" || d.Release == "" {
		return d, fault.New(fault.Invalid, "a deploy wants a service and a release")
	}
	if d.Link != "" && !strings.HasPrefix(d.Link, "https://") && !strings.HasPrefix(d.Link, "http://") {
		return d, fault.New(fault.Invalid, "link is no http address: %q", d.Link)
	}
	if d.At == 0 {
		d.At = w.opts.Now().UnixNano()
	}
	return d, w.opts.State.Put(ctx, state.Deploys, d.key(), d.At, d)
}

// Deploys are those of a range of time, the oldest first.
func (w *Watch) Deploys(ctx context.Context, from, to int64) ([]Deploy, error) {
	list, err := state.Records[Deploy](ctx, w.opts.State, state.Deploys, from, to)
	return slices.DeleteFunc(list, func(d Deploy) bool { return d.First }), err
}

// Span is a range of time, in nanoseconds since the Unix epoch.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Effect is what was different after a deploy.
type Effect struct {
	Deploy   Deploy    `json:"deploy"`
	Before   Span      `json:"before"`
	After    Span      `json:"after"`    // shorter than before when time, or the next deploy of the service, came sooner
	Services []Shift   `json:"services"` // the deployed one first, then by requests
	Patterns []Changed `json:"patterns"` // of all services, the gravest first
	Notes    []string  `json:"notes"`    // what could not be found out
}

// Shift is one service before and after.
type Shift struct {
	Service string `json:"service"`
	Before  Work   `json:"before"`
	After   Work   `json:"after"`
}

// Work is what a service did in a span of time, by its canonical lines.
type Work struct {
	Requests int64   `json:"requests"`
	Errors   int64   `json:"errors"`
	P95      float64 `json:"p95"` // seconds
}

const (
	// DefaultSpan shows what a deploy did within a coffee, and is long enough for
	// a p95 of a quiet service.
	DefaultSpan = 30 * time.Minute
	// maxSpan is the longest before and after: behind a day other things changed too.
	maxSpan = 24 * time.Hour
	// maxShifts bounds the services that are compared.
	maxShifts = 100
	// compareWithin bounds each of the questions that before and after take.
	compareWithin = 10 * time.Second
)

// Effect compares so long before a deploy with as long after it.
func (w *Watch) Effect(ctx context.Context, service, release string, over time.Duration) (*Effect, error) {
	if over < time.Minute || over > maxSpan {
		return nil, fault.New(fault.Invalid, "before and after are from 1m to 24h long, not %s", over)
	}
	d, err := state.Record[Deploy](ctx, w.opts.State, state.Deploys, (&Deploy{Service: service, Release: release}).key())
	if err != nil {
		return nil, err
	}
	now := w.opts.Now().UnixNano()
	e := &Effect{Deploy: d, Before: Span{d.At - int64(over), d.At}, After: Span{d.At, min(d.At+int64(over), max(now, d.At))}, Notes: []string{}}
	if err := w.untilNext(ctx, e); err != nil {
		return nil, err
	}
	if e.Services, err = w.shifts(ctx, e); err != nil {
		return nil, fmt.Errorf("compare the services: %w", err)
	}
	e.Patterns, err = w.changed(ctx, e.Before, e.After)
	if err != nil {
		e.Patterns = []Changed{}
		e.Notes = append(e.Notes, "patterns were not compared: "+err.Error())
	}
	return e, ctx.Err()
}

// untilNext lets after end where the next deploy of the service is: what comes
// then is not of this one.
func (w *Watch) untilNext(ctx context.Context, e *Effect) error {
	list, err := w.Deploys(ctx, e.After.From+1, e.After.To)
	for _, d := range list {
		if d.Service == e.Deploy.Service {
			e.After.To = d.At
			e.Notes = append(e.Notes, fmt.Sprintf("after ends where %s followed", d.Release))
			break
		}
	}
	return err
}

// fails is true of a canonical line whose work went wrong for a reason of ours:
// what failed for a client's mistake is no error. Jobs have an outcome and no
// status.
const fails = "http_status >= 500 or outcome in (error, panic, timeout, interrupted)"

// workText counts the work of services.
const workText = "canonical-log-line service=* | stats count as requests, count(" + fails + ") as errors, p95(duration) as p95 by service | sort -requests"

func (w *Watch) shifts(ctx context.Context, e *Effect) ([]Shift, error) {
	at := map[string]int{e.Deploy.Service: 0}
	out := []Shift{{Service: e.Deploy.Service}}
	for k, s := range []Span{e.Before, e.After} {
		b, err := w.compare(ctx, workText, s, maxShifts)
		if err != nil {
			return nil, err
		}
		service, requests, errors, p95 := b.Col("service"), b.Col("requests"), b.Col("errors"), b.Col("p95")
		for i := range b.Len {
			name := service.Value(i).Text()
			place, known := at[name]
			if !known {
				place, at[name] = len(out), len(out)
				out = append(out, Shift{Service: name})
			}
			one := Work{Requests: requests.Value(i).Nums(), Errors: errors.Value(i).Nums()}
			one.P95, _ = p95.Value(i).Float()
			if k == 0 {
				out[place].Before = one
			} else {
				out[place].After = one
			}
		}
	}
	return out, nil
}

// compare asks one side of a comparison; a span without time has no rows.
func (w *Watch) compare(ctx context.Context, text string, s Span, limit int) (*row.Batch, error) {
	if s.To <= s.From {
		return &row.Batch{}, nil
	}
	within, cancel := context.WithTimeout(ctx, compareWithin)
	defer cancel()
	return ask(within, w.opts.Ask(), text, s.From, s.To, limit)
}

// Changed is a pattern of messages that is new, or far more frequent than before.
type Changed struct {
	Service string `json:"service"`
	Pattern string `json:"pattern"`
	Example string `json:"example"` // the newest message
	Before  int64  `json:"before"`  // lines
	After   int64  `json:"after"`
}

const (
	// maxPatterns bounds the patterns of a span; what is rarer than so many others
	// is left out.
	maxPatterns = 20_000
	// maxChanged bounds those that are told: more than people read.
	maxChanged = 30
	// moreTimes and moreLines are what makes a known pattern worth a look: it comes
	// three times as often, and is no handful.
	moreTimes, moreLines = 3, 10
)

// changed are the patterns of after that were not there before, and those that
// make up a far greater share of all lines: when only the traffic grows, nothing
// has changed.
func (w *Watch) changed(ctx context.Context, before, after Span) ([]Changed, error) {
	was, total, err := w.patterns(ctx, before)
	if err != nil {
		return nil, err
	}
	is, now, err := w.patterns(ctx, after)
	if err != nil {
		return nil, err
	}
	known := map[string]int64{}
	for _, c := range was {
		known[c.key()] = c.After
	}
	out := []Changed{}
	for _, c := range is {
		c.Before = known[c.key()]
		usual := float64(c.Before) * float64(now) / float64(max(total, 1))
		if c.Before == 0 || c.After >= moreLines && float64(c.After) >= moreTimes*usual {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(x, y Changed) int {
		return cmp.Or(cmp.Compare(min(x.Before, 1), min(y.Before, 1)), cmp.Compare(y.After, x.After))
	})
	return out[:min(len(out), maxChanged)], nil
}

func (c *Changed) key() string { return c.Service + "\x00" + c.Pattern }

// patterns are those of a span, counted in After, and the lines of all of them.
func (w *Watch) patterns(ctx context.Context, s Span) (list []Changed, total int64, err error) {
	for _, text := range []string{"* | patterns by service", "NOT service=* | patterns"} {
		b, err := w.compare(ctx, text, s, maxPatterns)
		if err != nil {
			return nil, 0, err
		}
		service, pattern, example, count := b.Col("service"), b.Col("pattern"), b.Col("example"), b.Col("count")
		for i := range b.Len {
			c := Changed{Service: service.Value(i).Text(), Pattern: pattern.Value(i).Text(), Example: example.Value(i).Text(), After: count.Value(i).Nums()}
			list, total = append(list, c), total+c.After
		}
	}
	return list, total, nil
}
