package health

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
)

// state of a check: what its findings amount to, after hysteresis.
type state uint8

const (
	unknown state = iota // nothing found yet
	passed
	failed
)

// finding is what is known of a check. It does not change.
type finding struct {
	state  state
	reason string // of the last failure, while it is down
	at     time.Time
}

// check is a Check under way.
type check struct {
	Check
	labels [2]metric.Label
	found  atomic.Pointer[finding]

	// Its own goroutine's affair.
	inRow   int        // findings in a row that differ from the state
	pending chan error // a run that has not returned
	since   time.Time  // when it began
}

// errStuck is what a run that does not return amounts to.
var errStuck = errors.New("stuck")

// run runs the check until ctx ends, or until it has passed where once is enough.
func (c *check) run(ctx context.Context, h *Health) {
	for {
		c.settle(h, c.ask(ctx, h.options.Now))
		if ctx.Err() != nil || c.Probe == Startup && c.found.Load().state == passed {
			return
		}
		timer := time.NewTimer(jittered(c.Every))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// jittered keeps the instances of a service from asking all at once.
func jittered(every time.Duration) time.Duration {
	const share = 10 // a tenth, either way
	return every - every/share + rand.N(2*every/share+1)
}

// ask runs the check once and waits no longer than its time-out.
func (c *check) ask(ctx context.Context, now func() time.Time) error {
	if c.pending != nil {
		select {
		case <-c.pending:
			c.pending = nil
		default:
			return fmt.Errorf("%w for %v", errStuck, now().Sub(c.since).Round(time.Millisecond))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	answer := make(chan error, 1)
	c.since = now()
	go func() { answer <- guarded(ctx, c.Run) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	}
	select { // both at once: the answer counts
	case err := <-answer:
		return err
	default:
		c.pending = answer
		return fmt.Errorf("no answer within %v", c.Timeout)
	}
}

// guarded makes a panic of a check its failure.
func guarded(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return run(ctx)
}

// settle draws the conclusion of one answer. The first decides at once, later
// ones need company.
func (c *check) settle(h *Health, err error) {
	held, next := c.found.Load(), finding{state: passed, at: h.options.Now()}
	if err != nil {
		next.state, next.reason = failed, readable(err.Error())
	}
	if next.state == held.state {
		c.inRow = 0
		if next.reason != held.reason {
			c.found.Store(&next)
			h.again()
		}
		return
	}
	c.inRow++
	if needed := c.needed(next.state); held.state != unknown && c.inRow < needed {
		return
	}
	c.inRow = 0
	c.found.Store(&next)
	h.mu.Lock()
	h.note(Change{Probe: c.Probe, Check: c.Name, Up: next.state == passed, Reason: next.reason})
	h.mu.Unlock()
	h.again()
}

func (c *check) needed(next state) int {
	if next == passed {
		return c.Passes
	}
	return c.Fails
}

// readable keeps a reason on one line of a page.
func readable(s string) string {
	const most = 500 // a screen's width or three; drivers put whole queries there
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// Beat is the pulse of a loop: while it beats, its service lives.
type Beat struct {
	last atomic.Int64
	now  func() time.Time
}

// Tick is called by the loop each time around.
func (b *Beat) Tick() { b.last.Store(b.now().UnixNano()) }

// Beat adds a check of Live for a loop that ticks at least as often as within.
func (h *Health) Beat(name string, within time.Duration) (*Beat, error) {
	b := &Beat{now: h.options.Now}
	b.Tick()
	err := h.Add(Check{Name: name, Probe: Live, Every: max(within/4, time.Millisecond), Fails: 1, Run: func(context.Context) error {
		if since := b.now().Sub(time.Unix(0, b.last.Load())); since > within {
			return fmt.Errorf("no beat for %v", since.Round(time.Millisecond))
		}
		return nil
	}})
	return b, err
}
