package app

import (
	"context"
	"log/slog"
	"maps"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
)

const (
	// sayEvery is how often a server that ends says what it waits for.
	sayEvery = 5 * time.Second
	// endWithin is how long the end may take. Whatever is left is left then: what was
	// acknowledged is in the log, from which the next start takes it. It is counted in
	// looks, so that a machine that stood still for a while costs none of it.
	endWithin = 45 * time.Second
)

// ending watches over the end of a server, which nothing may hold up for ever: not a
// disk that hangs, nor a receiver of notices.
type ending struct {
	log           *slog.Logger
	every, within time.Duration

	mu   sync.Mutex
	open map[string]int // what has begun and not ended, and how often
}

// begin notes that something is under way; the function it gives, that it has ended.
func (e *ending) begin(what string) (end func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open == nil {
		e.open = map[string]int{}
	}
	e.open[what]++
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.open[what]--; e.open[what] == 0 {
			delete(e.open, what)
		}
	}
}

// left is what has not ended.
func (e *ending) left() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(e.open)), ", ")
}

// watch runs a life to its end, which may take so long once ctx has ended. Beyond
// that it gives an error, and says where everything stood.
func (e *ending) watch(ctx context.Context, life func() error) error {
	over := make(chan error, 1)
	go func() { over <- life() }()
	select {
	case err := <-over:
		return err
	case <-ctx.Done():
	}
	look := time.NewTicker(e.every)
	defer look.Stop()
	for range e.within / e.every {
		select {
		case err := <-over:
			return err
		case <-look.C:
			e.log.Warn("the server ends, and waits", "for", e.left())
		}
	}
	left := e.left()
	var stacks strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1) // a builder takes everything
	e.log.Error("the server ends without what it waited for", "for", left, "goroutines", stacks.String())
	return fault.New(fault.Internal, "after %s these had not ended and were left: %s; what was acknowledged is in the log", e.within, left)
}
