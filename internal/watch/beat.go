package watch

import (
	"context"
	"time"
)

const (
	// beatEvery is how often a sign of life is sent. Whoever waits for it should
	// wait three times as long.
	beatEvery = 30 * time.Second
	// beatWithin is how long it may take.
	beatWithin = 10 * time.Second
)

// beatAll sends signs of life, each only when rules were evaluated and saved
// since the one before: a process that lives and does not watch is as good as
// dead.
func (w *Watch) beatAll(ctx context.Context) {
	if w.opts.Beat == nil {
		return
	}
	var told int64
	for {
		rest(ctx, beatEvery)
		if ctx.Err() != nil {
			return
		}
		told = w.beat(ctx, told)
	}
}

// beat sends a sign of life if a round was saved since told, and gives the round
// that was told.
func (w *Watch) beat(ctx context.Context, told int64) int64 {
	round := w.View().Round
	if round == told {
		return told
	}
	within, cancel := context.WithTimeout(ctx, beatWithin)
	defer cancel()
	if err := w.opts.Beat(within); err != nil && ctx.Err() == nil {
		w.opts.Log.Warn("the sign of life was not taken", "error", err)
		return told
	}
	return round
}
