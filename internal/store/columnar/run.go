package columnar

import (
	"context"
	"errors"
	"time"
)

const (
	// tickEvery is how often the store looks for buffers that have grown old.
	tickEvery = time.Second
	// tendEvery is how often it looks at what changes by the hour: retention,
	// partitions to be made ahead, names to be forgotten.
	tendEvery = 10 * time.Second
	// retryAfter a failed merge the next one is tried.
	retryAfter = time.Minute
)

// Run seals, merges, drops and makes partitions until ctx ends. Without it the
// store works, but nothing moves on by itself.
func (s *Store) Run(ctx context.Context) error {
	merges := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.runMerges(ctx, merges)
	}()
	defer func() { <-done }()
	tick, tend := time.NewTicker(tickEvery), time.NewTicker(tendEvery)
	defer tick.Stop()
	defer tend.Stop()
	s.tend(ctx)
	for {
		s.report(ctx, sealing, s.sealDue(ctx))
		select {
		case merges <- struct{}{}:
		default:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		case <-tend.C:
			s.tend(ctx)
		}
	}
}

// tend does what is due now and then. What fails is tried again the next time.
func (s *Store) tend(ctx context.Context) {
	s.report(ctx, retaining, s.retain(ctx))
	s.report(ctx, preparing, s.ahead())
	s.report(ctx, ballasting, s.layBallast())
	s.report(ctx, naming, s.names.expire(s.opts.Now().UnixNano()))
	s.tidy()
}

// runMerges merges whenever it is told that something may be due.
func (s *Store) runMerges(ctx context.Context, due <-chan struct{}) {
	var failed time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-due:
		}
		if time.Since(failed) < retryAfter {
			continue
		}
		err := s.merge(ctx, false)
		if s.report(ctx, merging, err); err != nil {
			failed = time.Now()
		}
	}
}

// report notes how a step went, and says so when that has changed.
func (s *Store) report(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && s.state.note(what, err) && err != nil {
		s.opts.Log.Error("the store could not "+what+"; it is tried again", "error", err)
	}
}

// Flush seals everything, merges, and returns when the store is at rest.
func (s *Store) Flush(ctx context.Context) error {
	s.mu.RLock()
	closed := s.closed
	s.mu.RUnlock()
	if closed {
		return ErrClosed
	}
	return errors.Join(s.sealAll(ctx), s.merge(ctx, true))
}
