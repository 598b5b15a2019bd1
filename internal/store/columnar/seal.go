package columnar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/journal"
)

// sealed is a partition on its way from buffers to a part.
type sealed struct {
	p       *partition
	buffers []*buffer
	mark    journal.Position
	parts   []*part // one, unless its rows cannot stand together
}

// makeRoom lets an append wait while the buffers are full, by helping to empty
// them.
func (s *Store) makeRoom(ctx context.Context) error {
	for {
		if err := s.state.admit(s); err != nil {
			return err
		}
		s.mu.RLock()
		full := s.buffered > s.opts.MemoryBytes
		s.mu.RUnlock()
		if !full {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.sealDue(ctx)
		if s.state.note(sealing, err); err != nil {
			return busy(err)
		}
	}
}

// sealDue seals what is full, what is old, and what memory or the log cannot
// hold any longer.
func (s *Store) sealDue(ctx context.Context) error {
	return s.seal(ctx, func(p *partition, tight bool) bool {
		b := &p.open
		return b.rows >= s.opts.SealRows || b.bytes >= bufferBytes || time.Since(b.since) >= s.opts.SealAge || tight
	})
}

// sealAll seals everything.
func (s *Store) sealAll(ctx context.Context) error {
	return s.seal(ctx, func(*partition, bool) bool { return true })
}

// seal freezes the buffers that are due, makes parts of everything frozen, and
// lets the log forget what is in them.
func (s *Store) seal(ctx context.Context, due func(p *partition, tight bool) bool) error {
	s.sealing.Lock()
	defer s.sealing.Unlock()
	var failed error
	shelves := s.freeze(due)
	disk.Point(s.fs, "columnar.frozen")
	for _, f := range shelves {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.sealShelf(f); err != nil {
			failed = errors.Join(failed, fmt.Errorf("seal dataset %s: %w", f.name, err))
		}
	}
	return errors.Join(failed, s.trim())
}

// freeze closes the buffers that are due and returns the shelves with frozen
// ones.
func (s *Store) freeze(due func(p *partition, tight bool) bool) []*shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	tight := s.tight()
	var out []*shelf
	for _, f := range s.shelves {
		found := false
		for _, p := range f.partitions {
			if p.open.rows > 0 && due(p, slices.Contains(tight, p)) {
				p.freeze()
			}
			found = found || len(p.frozen) > 0
		}
		if found {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *shelf) int { return compareText(a.name, b.name) })
	return out
}

// tight are the partitions whose buffers must go because memory is short or
// because they hold up the log. Store.mu is held.
func (s *Store) tight() []*partition {
	var open []*partition
	for _, f := range s.shelves {
		for _, p := range f.partitions {
			if p.open.rows > 0 {
				open = append(open, p)
			}
		}
	}
	var out []*partition
	if s.buffered > s.opts.MemoryBytes {
		slices.SortFunc(open, func(a, b *partition) int { return int(b.open.bytes - a.open.bytes) })
		for held := s.buffered; held > s.opts.MemoryBytes/2 && len(open) > len(out); {
			p := open[len(out)]
			held -= p.open.bytes
			out = append(out, p)
		}
	}
	if s.wal.Used() > s.opts.LogBytes {
		first, next := s.wal.Span()
		for _, p := range open {
			if p.open.first < first+(next-first)/2 {
				out = append(out, p)
			}
		}
	}
	return out
}

// sealShelf makes parts of the frozen buffers of a dataset: one part for each
// partition, one manifest for all of them.
func (s *Store) sealShelf(f *shelf) error {
	list := s.frozen(f)
	var made []string
	var failed error
	for _, x := range list {
		err := s.writeParts(f, x)
		for _, p := range x.parts {
			made = append(made, p.path)
		}
		if err != nil {
			failed = err
			break
		}
	}
	if failed != nil {
		f.committing.Lock()
		defer f.committing.Unlock()
		f.litter = append(f.litter, made...)
		return failed
	}
	_, err := s.commit(f, change{
		edit: func(m *manifest) bool {
			for _, x := range list {
				if s.has(f, x.p) {
					m.place(x)
				}
			}
			return true
		},
		take: func() {
			for _, x := range list {
				s.takePart(f, x)
			}
		},
		made: made,
	})
	return err
}

// frozen lists the partitions with something to seal. Everything up to the
// position published is in buffers, so it is the mark of all of them – but for
// rows that came into the open buffer since.
func (s *Store) frozen(f *shelf) []*sealed {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*sealed
	for _, p := range f.partitions {
		if len(p.frozen) == 0 {
			continue
		}
		x := &sealed{p: p, buffers: slices.Clone(p.frozen), mark: s.published}
		if p.open.rows > 0 {
			x.mark = p.open.first - 1
		}
		out = append(out, x)
	}
	return out
}

// place writes a sealed part into the manifest.
func (m *manifest) place(x *sealed) {
	i := slices.IndexFunc(m.slots, func(e slotEntry) bool { return e.slot == x.p.slot })
	if i < 0 {
		i = len(m.slots)
		m.slots = append(m.slots, slotEntry{slot: x.p.slot, folder: x.p.folder})
	}
	m.slots[i].mark = x.mark
	for _, p := range x.parts {
		m.slots[i].parts = append(m.slots[i].parts, p.facts)
	}
}

// has reports whether a partition is still there.
func (s *Store) has(f *shelf, p *partition) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Contains(f.partitions, p)
}

// takePart puts a part in the place of the buffers it was made of. Store.mu is
// held, so that no question sees both or neither.
func (s *Store) takePart(f *shelf, x *sealed) {
	p := x.p
	if !slices.Contains(f.partitions, p) { // dropped meanwhile
		for _, part := range x.parts {
			s.retire(f, part)
		}
		return
	}
	for _, b := range x.buffers {
		s.buffered -= b.bytes
	}
	p.frozen = slices.Clone(p.frozen[len(x.buffers):])
	p.parts = append(slices.Clip(p.parts), x.parts...)
	p.mark = x.mark
	s.counts.seals.Add(1)
}

// trim lets the log forget what is in parts.
func (s *Store) trim() error {
	s.mu.RLock()
	needed := s.published + 1
	for _, f := range s.shelves {
		for _, p := range f.partitions {
			if p.open.rows > 0 {
				needed = min(needed, p.open.first)
			}
			for _, b := range p.frozen {
				needed = min(needed, b.first)
			}
		}
	}
	s.mu.RUnlock()
	if err := s.names.save(needed); err != nil {
		return fmt.Errorf("keep the names of batches: %w", err)
	}
	disk.Point(s.fs, "columnar.trim")
	err := s.wal.TrimBefore(needed)
	disk.Point(s.fs, "columnar.trimmed")
	return err
}
