package columnar

import (
	"context"
	"fmt"
	"path"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/journal"
	"github.com/plumbline/plumbline/internal/row"
)

// open takes the folder, reads what is in it, and brings the log's rows back.
func (s *Store) open() error {
	if err := s.fs.MkdirAll(s.dir); err != nil {
		return err
	}
	var err error
	if s.lock, err = s.fs.Lock(s.dir); err != nil {
		return err
	}
	disk.Point(s.fs, "columnar.locked")
	if err = s.checkFormat(); err != nil {
		return fmt.Errorf("open store %s: %w", s.dir, err)
	}
	if err = s.readShelves(); err != nil {
		return fmt.Errorf("open store %s: %w", s.dir, err)
	}
	disk.Point(s.fs, "columnar.read")
	if err := s.layBallast(); err != nil {
		s.opts.Log.Warn("the store could not lay its ballast", "error", err)
	}
	s.sweep()
	s.names, err = openNames(s.fs, path.Join(s.dir, namesFolder), s.opts.NamesBytes)
	if fault.Is(err, fault.Corrupt) {
		s.opts.Log.Error("some names of batches are lost: a batch sent again may be stored again", "error", err)
		err = nil
	}
	if err != nil {
		return fmt.Errorf("open store %s: %w", s.dir, err)
	}
	disk.Point(s.fs, "columnar.names-read")
	if err = s.recover(); err != nil {
		return fmt.Errorf("recover the log of store %s: %w", s.dir, err)
	}
	disk.Point(s.fs, "columnar.recovered")
	return nil
}

// boundLog says how large the log and its files may grow, where nobody else
// has: as usual, or less on a small volume, where the free files the log keeps
// take no more than those in use.
func (s *Store) boundLog() {
	log, file := int64(defaultLogBytes), int64(defaultLogSegmentBytes)
	if space, err := s.fs.Free(s.dir); err == nil && space.Total > 0 {
		share := int64(float64(space.Total) * logShare)
		log, file = min(log, share), min(file, share/journal.MaxSpare)
	}
	s.opts.LogBytes, s.opts.LogSegmentBytes = or(s.opts.LogBytes, log), or(s.opts.LogSegmentBytes, file)
}

// recover replays the log into buffers, but for the rows that are in parts.
func (s *Store) recover() error {
	s.boundLog()
	var err error
	s.wal, err = journal.Open(s.fs, path.Join(s.dir, walFolder), journal.Options{SegmentBytes: s.opts.LogSegmentBytes, Next: s.logNext})
	if err != nil {
		return err
	}
	if torn := s.wal.Torn(); torn > 0 {
		s.opts.Log.Info("an append that was never acknowledged was cut off the log", "bytes", torn)
	}
	bound := s.opts.MemoryBytes
	err = s.wal.Replay(0, func(at journal.Position, payload []byte) error {
		s.restore(at, payload)
		if s.buffered <= bound {
			return nil
		}
		if err := s.sealDue(context.Background()); err != nil { // the log's own bound is that of memory, too
			s.opts.Log.Error("what the log holds cannot be sealed", "error", err)
			bound *= 2
		}
		return nil
	})
	if fault.Is(err, fault.Corrupt) {
		s.state.logDamaged(err)
		s.opts.Log.Error("part of the log is damaged: its rows are lost, the rest is here", "error", err)
		err = nil
	}
	if err != nil {
		return err
	}
	disk.Point(s.fs, "columnar.replayed")
	_, next := s.wal.Span()
	s.published = next - 1
	for _, f := range s.shelves {
		f.shownSeq = f.lastSeq
		if e := f.extent(); e.Rows > 0 { // the times of rows have been
			s.clock.believe(e.To)
		}
		if f.have == nil {
			continue
		}
		if err := s.settle(f); err != nil {
			s.opts.Log.Error("a manifest made anew cannot be written", "dataset", f.name, "error", err)
		}
	}
	return nil
}

// restore puts the rows of one entry of the log back into buffers.
func (s *Store) restore(at journal.Position, payload []byte) {
	e, err := decodeEntry(payload)
	if err == nil {
		err = e.check()
	}
	if err != nil {
		s.state.logDamaged(err)
		s.opts.Log.Error("an entry of the log is damaged", "position", at, "error", err)
		return
	}
	s.published = at
	for _, p := range e.pieces {
		f := s.shelves[p.batch.Dataset]
		if f == nil {
			f = newShelf(s, p.batch.Dataset)
			s.shelves[f.name] = f
		}
		f.lastSeq = max(f.lastSeq, p.first+int64(p.batch.Len)-1)
		for _, rows := range place(f, p) {
			if f.have != nil {
				rows.chunk = f.have.without(s, rows.chunk)
			}
			if rows.chunk != nil && at > f.markOf(rows.slot) {
				s.buffer(rows, at)
			}
		}
	}
	if e.name != "" {
		s.names.add(e.name, e.when, e.receipt, at)
	}
	disk.Point(s.fs, "columnar.restored")
}

// check says what is wrong with an entry that reads.
func (e *entry) check() error {
	for _, p := range e.pieces {
		times := p.batch.Col(row.FieldTime)
		if p.batch.Len == 0 || times.Kind != row.Time || times.Nulls.Any() || dataset.CheckName(p.batch.Dataset) != nil {
			return fault.New(fault.Corrupt, "a piece that no append could have made")
		}
	}
	return nil
}
