// Package health answers whether a service lives, has started, and is ready for
// work – at once, from what was found in the background, so that a probe never
// waits for a database.
//
//	h := health.New(health.Options{})
//	h.Add(health.Check{Name: "db", Run: db.PingContext})                       // ready
//	h.Add(health.Check{Name: "cache", Run: cache.Ping, Warn: true})            // ready without it
//	h.Add(health.Check{Name: "warm", Probe: health.Startup, Run: warm})        // once
//	go h.Run(ctx)
//	mux.Handle("/readyz", h) // and /livez, /startupz, /healthz
//
// A check has its time-out; one that does not return is reported as stuck and
// not run again beside itself. It takes several failures in a row to be down and
// several passes to be up again, so that one lost packet moves no traffic.
package health

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
)

// Probe is the question a check helps to answer.
type Probe uint8

const (
	Ready   Probe = iota // send me work
	Live                 // do not restart me
	Startup              // I have started: asked until it passes once
	Overall              // live and ready
	probes
)

func (p Probe) String() string {
	return [...]string{"readyz", "livez", "startupz", "healthz"}[p]
}

// Check is one thing to find out in the background.
type Check struct {
	Name    string // letters, digits, - _ and .
	Run     func(ctx context.Context) error
	Probe   Probe         // Ready
	Every   time.Duration // 10 s
	Timeout time.Duration // 2 s
	Fails   int           // in a row until it is down; 2, where it was up
	Passes  int           // in a row until it is up again; 1
	Warn    bool          // a failure is told, but decides nothing
}

// Options of a service's health; the zero value is ready for use.
type Options struct {
	Service string
	Release string
	Status  int // of a failed probe; 503, or 500 as Kubernetes' own servers have

	// Reasons tells who may read why a check failed: its text can hold addresses
	// and names. Nil: callers from this machine that came through no proxy.
	Reasons func(*http.Request) bool

	Changed func(Change)     // told when a check or a probe goes up or down
	Writer  *notice.Writer   // is said the same, as kind health
	Now     func() time.Time // time.Now
}

// Change is a check, or the probe it belongs to, going up or down.
type Change struct {
	Probe  Probe
	Check  string // empty: the probe itself
	Up     bool
	Reason string
	Time   time.Time
}

// String says what changed: readyz down, or check db of readyz down.
func (c Change) String() string {
	what, state := c.Probe.String(), " down"
	if c.Check != "" {
		what = "check " + c.Check + " of " + what
	}
	if c.Up {
		state = " up"
	}
	return what + state
}

// Health of one service. It is safe for use by many goroutines at once.
type Health struct {
	options  Options
	draining atomic.Bool
	answers  atomic.Pointer[[probes]answer]
	added    chan struct{}

	mu      sync.Mutex
	checks  []*check // replaced, never written
	changes []Change // to be told once the lock is free
}

// New makes the health of a service. Until Run has found out about its checks it
// lives and is not ready; without checks it is ready.
func New(o Options) *Health {
	if o.Status < 500 || o.Status > 599 {
		o.Status = http.StatusServiceUnavailable
	}
	if o.Reasons == nil {
		o.Reasons = FromHere
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Health{options: o, added: make(chan struct{}, 1)}
	h.decide(h.list())
	return h
}

const (
	// As often as a probe asks in most clusters.
	defaultEvery = 10 * time.Second
	// A database that takes longer to say one is of no use to a request either.
	defaultTimeout = 2 * time.Second
	defaultFails   = 2
	defaultPasses  = 1
)

// Add takes a check in; Run runs it at once.
func (h *Health) Add(c Check) error {
	if c.Run == nil || c.Name == "" || strings.ContainsFunc(c.Name, unfit) || c.Probe > Startup {
		return fmt.Errorf("health: a check needs a name of letters, digits, -_. and something to run, %q has not", c.Name)
	}
	if c.Every <= 0 {
		c.Every = defaultEvery
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Fails <= 0 {
		c.Fails = defaultFails
	}
	if c.Passes <= 0 {
		c.Passes = defaultPasses
	}
	h.mu.Lock()
	for _, held := range h.checks {
		if held.Name == c.Name {
			h.mu.Unlock()
			return fmt.Errorf("health: a check %q is there already", c.Name)
		}
	}
	one := &check{Check: c}
	one.labels = [2]metric.Label{{Name: "check", Value: c.Name}, {Name: "probe", Value: c.Probe.String()}}
	one.found.Store(&finding{})
	h.checks = append(h.checks[:len(h.checks):len(h.checks)], one)
	h.decide(h.checks)
	h.mu.Unlock()
	h.tell()
	select {
	case h.added <- struct{}{}:
	default: // told already
	}
	return nil
}

func unfit(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
}

func (h *Health) list() []*check {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.checks
}

// Run runs the checks, each in a goroutine of its own, until ctx ends.
func (h *Health) Run(ctx context.Context) {
	var wait sync.WaitGroup
	defer wait.Wait()
	started := 0
	for {
		checks := h.list()
		for _, c := range checks[started:] {
			wait.Go(func() { c.run(ctx, h) })
		}
		started = len(checks)
		select {
		case <-ctx.Done():
			return
		case <-h.added:
		}
	}
}

// Drain makes the service not ready, and gives those who send it work the time to
// notice. It returns early where ctx ends. A server is shut down after it:
//
//	h.Drain(ctx, 5*time.Second)
//	server.Shutdown(ctx)
func (h *Health) Drain(ctx context.Context, wait time.Duration) error {
	h.draining.Store(true)
	h.again()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Up tells whether a probe passes now.
func (h *Health) Up(p Probe) bool { return p < probes && h.answers.Load()[p].up }

// again decides anew, after a check changed.
func (h *Health) again() {
	h.mu.Lock()
	h.decide(h.checks)
	h.mu.Unlock()
	h.tell()
}

// note keeps a change until the lock is free; the caller holds it.
func (h *Health) note(c Change) {
	c.Time = h.options.Now()
	h.changes = append(h.changes, c)
}

// tell hands on the changes that were noted, without the lock: whoever is told
// may ask.
func (h *Health) tell() {
	h.mu.Lock()
	changes := h.changes
	h.changes = nil
	h.mu.Unlock()
	for _, c := range changes {
		fields := []slog.Attr{slog.String("probe", c.Probe.String()), slog.Bool("up", c.Up)}
		if c.Check != "" {
			fields = append(fields, slog.String("check", c.Check))
		}
		if c.Reason != "" {
			fields = append(fields, slog.String("reason", c.Reason))
		}
		h.options.Writer.Say("health", c.String(), fields...)
		if h.options.Changed != nil {
			h.options.Changed(c)
		}
	}
}

// Metrics implements metric.Source: 1 is up, 0 is down.
func (h *Health) Metrics(to metric.Visitor) {
	to.Family(metric.Family{Name: "health_up", Help: "Whether a probe passes."})
	answers := h.answers.Load()
	for p := range answers {
		to.Sample(answers[p].labels[:], one(answers[p].up))
	}
	to.Family(metric.Family{Name: "health_check_up", Help: "Whether a check passes."})
	for _, c := range h.list() {
		to.Sample(c.labels[:], one(c.found.Load().state == passed))
	}
}

func one(up bool) float64 {
	if up {
		return 1
	}
	return 0
}
