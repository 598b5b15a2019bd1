package query

import (
	"context"
	"sync"

	"github.com/plumbline/plumbline/internal/row"
)

// merged runs each stream on a goroutine of its own and gives their batches as
// they come. The goroutines have ended when the merged stream has.
func merged(ctx context.Context, cancel context.CancelFunc, lanes []row.Rows) row.Rows {
	if len(lanes) == 1 {
		return lanes[0]
	}
	return func(yield func(*row.Batch, error) bool) {
		type item struct {
			batch *row.Batch
			err   error
		}
		out := make(chan item)
		var running sync.WaitGroup
		for _, lane := range lanes {
			running.Go(func() {
				for b, err := range lane {
					select {
					case out <- item{b, err}:
					case <-ctx.Done():
						return
					}
					if err != nil {
						return
					}
				}
			})
		}
		go func() { running.Wait(); close(out) }()
		defer func() {
			cancel()
			for range out { // until all lanes have seen that nobody asks any more
			}
		}()
		for it := range out {
			if !yield(it.batch, it.err) || it.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}
