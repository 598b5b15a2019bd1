package columnar

import (
	"context"
	"errors"
	"time"
)

// tickEvery is how often the store looks whether something is to be done: age
// of buffers, retention, partitions to be made.
const tickEvery = time.Second

// Run seals, merges, drops and makes partitions until ctx ends. Without it the
// store works, but nothing moves on by itself.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		s.step(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// step does what is due. What fails is tried again at the next step.
func (s *Store) step(ctx context.Context) {
	if err := s.sealDue(ctx); err != nil && ctx.Err() == nil {
		_ = s.state.sealFailed(err)
		s.opts.Log.Error("rows could not be sealed and stay in the log", "error", err)
	} else {
		_ = s.state.sealFailed(nil)
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
	return errors.Join(s.sealAll(ctx))
}

// retire takes a part out of use: its file goes when nobody reads it any more.
// The manifest without it is durable.
func (s *Store) retire(p *part) {
	p.gone = func() {
		if err := s.fs.RemoveAll(p.path); err != nil {
			s.opts.Log.Warn("a file no longer needed cannot be removed", "file", p.path, "error", err)
		}
	}
	s.leave(p)
}

// rebuild puts a shelf together whose manifest cannot be read.
func (s *Store) rebuild(f *shelf, damage error) error {
	s.opts.Log.Error("the manifest of a dataset is damaged", "dataset", f.name, "error", damage)
	f.damaged++
	s.shelves[f.name] = f
	return nil
}
