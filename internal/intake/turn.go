package intake

import (
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// turns are the rights to make rows. There is one for each processor: more doors
// than that would only push each other's tables out of its cache. Nobody keeps one
// while he waits for a sender or for the store.
type turns struct {
	free chan struct{}
	held atomic.Int64 // ns, of all that were taken

	mu     sync.Mutex
	looked time.Time
	before int64 // held then
	busy   bool
}

func newTurns() *turns { return &turns{free: make(chan struct{}, runtime.GOMAXPROCS(0))} }

const (
	// busyEvery is how long what is held is summed up, many chunks.
	busyEvery = 100 * time.Millisecond
	// busyShare of the processors make rows when sealing, merging and who sends them
	// need about as much again and the rest is wanted too.
	busyShare = 1. / 8
)

// isBusy reports whether making rows took a good share of the processors lately.
func (t *turns) isBusy(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if past := now.Sub(t.looked); past >= busyEvery {
		held := t.held.Load()
		t.busy = float64(held-t.before) > busyShare*float64(past)*float64(cap(t.free))
		t.looked, t.before = now, held
	}
	return t.busy
}

// turn is one of turns, or none.
type turn struct {
	of    *turns
	held  bool
	since time.Time
}

func (t *turn) take() {
	t.of.free <- struct{}{}
	t.held, t.since = true, time.Now()
}

func (t *turn) leave() {
	t.of.held.Add(int64(time.Since(t.since)))
	<-t.of.free
	t.held = false
}

// yielding is a body that is waited for without a turn.
type yielding struct {
	io.Reader
	turn *turn
}

func (y *yielding) Read(p []byte) (int, error) {
	if y.turn.held {
		y.turn.leave()
		defer y.turn.take()
	}
	return y.Reader.Read(p)
}
