package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

const (
	// firstPause is short enough for a restart of the server, maxPause long enough
	// to leave a struggling one alone.
	firstPause = 100 * time.Millisecond
	maxPause   = 10 * time.Second
)

// run delivers until the queue is closed and empty, or cancelled.
func (q *Queue) run(ctx context.Context) {
	defer close(q.ended)
	defer q.cancel()
	if c, ok := q.delivery.(io.Closer); ok {
		defer c.Close() //nolint:errcheck // what was delivered is delivered
	}
	for {
		select {
		case <-q.wake:
			q.gather()
		case <-q.ending:
			q.drain(ctx)
			return
		}
		q.drain(ctx)
	}
}

// gather lets a first line wait for company.
func (q *Queue) gather() {
	timer := time.NewTimer(q.options.FlushEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.full:
	case <-q.ending:
	}
}

// drain delivers all that is queued.
func (q *Queue) drain(ctx context.Context) {
	for {
		c, name, ok := q.take()
		if !ok {
			return
		}
		rejected, err := q.persist(ctx, Batch{Name: name, Lines: c.lines, Bytes: c.bytes})
		if err != nil {
			q.dropped.Add(uint64(c.lines))
			q.report(fmt.Errorf("batch %s of %d lines dropped: %w", name, c.lines, err))
		} else {
			rejected = min(max(rejected, 0), c.lines)
			q.rejected.Add(uint64(rejected))
			q.delivered.Add(uint64(c.lines - rejected))
		}
		q.done(c, err == nil)
	}
}

// persist delivers one batch, again and again while the receiver is busy.
func (q *Queue) persist(ctx context.Context, b Batch) (rejected int, err error) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		rejected, err = q.attempt(ctx, b)
		var busy *Busy
		if !errors.As(err, &busy) {
			return rejected, err
		}
		q.report(fmt.Errorf("batch %s of %d lines waits: %w", b.Name, b.Lines, err))
		// Half of the pause is chance, so that many senders do not return at once.
		wait := pause/2 + rand.N(pause/2)
		if busy.After > 0 {
			wait = min(busy.After, maxPause)
		}
		select {
		case <-time.After(wait):
			q.retries.Add(1)
		case <-ctx.Done():
			return 0, fmt.Errorf("closed while waiting: %w", err)
		}
	}
}

// attempt keeps a delivery that panics from taking the service with it.
func (q *Queue) attempt(ctx context.Context, b Batch) (rejected int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("delivery panicked: %v", v)
		}
	}()
	return q.delivery.Deliver(ctx, b)
}

func (q *Queue) report(err error) {
	if q.options.Report == nil || (!q.reported.IsZero() && time.Since(q.reported) < reportEvery) {
		return
	}
	q.reported = time.Now()
	q.options.Report(err)
}
