package columnar

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/journal"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// sealed is a partition on its way from buffers to a part.
type sealed struct {
	p       *partition
	buffers []*buffer
	mark    journal.Position
	part    *part
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
	for _, f := range s.freeze(due) {
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
	if s.wal.Size() > s.opts.LogBytes {
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
		err := s.writePart(f, x)
		if x.part != nil {
			made = append(made, x.part.path)
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

// writePart writes the part of a partition's frozen buffers and makes it
// durable, its name too.
func (s *Store) writePart(f *shelf, x *sealed) error {
	number := s.nextPart(f)
	var chunks []*chunk
	for _, b := range x.buffers {
		chunks = append(chunks, b.chunks...)
	}
	rows := colfile.Sorted(joined(chunks))
	x.part = s.newPart(f, x.p.folder, facts{number: number})
	meta, err := s.createPart(path.Join(f.dir, x.p.folder), x.part.path, func(out io.Writer) (colfile.Meta, error) {
		w := colfile.NewWriter(out, f.name)
		n := (rows.Len + colfile.GroupRows - 1) / colfile.GroupRows
		for i := range n { // groups of even size
			if err := w.AddGroup(rows.Slice(rows.Len*i/n, rows.Len*(i+1)/n)); err != nil {
				return colfile.Meta{}, err
			}
		}
		return w.Finish()
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", x.part.path, err)
	}
	x.part.facts = factsOf(number, meta)
	return nil
}

// nextPart gives a number to a part that is to be written. A number is never
// given twice, for a manifest that may be on disk may name the file.
func (s *Store) nextPart(f *shelf) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.nextPart++
	return f.nextPart - 1
}

func factsOf(number uint64, m colfile.Meta) facts {
	return facts{
		number: number, rows: m.Rows, groups: m.Groups, bytes: m.Bytes,
		minTime: m.MinTime, maxTime: m.MaxTime, minSeq: int64(m.MinSeq), maxSeq: int64(m.MaxSeq),
	}
}

// writeBytes are gathered before they go to the file.
const writeBytes = 256 << 10

// createPart writes a file of a part durably, its name too.
func (s *Store) createPart(dir, name string, fill func(io.Writer) (colfile.Meta, error)) (meta colfile.Meta, err error) {
	if err := s.fs.MkdirAll(dir); err != nil {
		return meta, err
	}
	file, err := s.fs.Create(name)
	if err != nil {
		return meta, err
	}
	out := bufio.NewWriterSize(io.NewOffsetWriter(file, 0), writeBytes)
	if meta, err = fill(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	disk.Point(s.fs, "columnar.part-written")
	if err = errors.Join(err, file.Close()); err != nil {
		return meta, err
	}
	if err := s.fs.SyncDir(dir); err != nil {
		return meta, err
	}
	disk.Point(s.fs, "columnar.part-synced")
	return meta, nil
}

// place writes a sealed part into the manifest.
func (m *manifest) place(x *sealed) {
	for i := range m.slots {
		if m.slots[i].slot == x.p.slot {
			m.slots[i].parts = append(m.slots[i].parts, x.part.facts)
			m.slots[i].mark = x.mark
			return
		}
	}
	m.slots = append(m.slots, slotEntry{slot: x.p.slot, folder: x.p.folder, mark: x.mark, parts: []facts{x.part.facts}})
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
		s.retire(f, x.part)
		return
	}
	for _, b := range x.buffers {
		s.buffered -= b.bytes
	}
	p.frozen = slices.Clone(p.frozen[len(x.buffers):])
	p.parts = append(slices.Clip(p.parts), x.part)
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
	return s.wal.TrimBefore(needed)
}
