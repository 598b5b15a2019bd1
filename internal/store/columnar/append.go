package columnar

import (
	"context"
	"slices"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/journal"
	"github.com/plumbline/plumbline/internal/row"
)

// write numbers, logs and shows a group of appends, and answers everybody in
// it. The caller holds the turn.
func (s *Store) write(group []*request) {
	group = s.answerKnown(group)
	if len(group) == 0 {
		return
	}
	s.number(group)
	payloads := make([][]byte, len(group))
	for i, r := range group {
		payloads[i] = r.encoded
	}
	disk.Point(s.fs, "columnar.numbered")
	first, err := s.wal.Append(context.Background(), payloads...)
	if s.state.note(appending, err); err != nil {
		for _, r := range group {
			r.answer(nil, err)
		}
		return
	}
	disk.Point(s.fs, "columnar.logged")
	shown := make([][]placed, len(group))
	for i, r := range group {
		for k, p := range r.entry.pieces {
			shown[i] = append(shown[i], place(r.shelves[k], p)...)
		}
	}
	s.show(group, shown, first)
	disk.Point(s.fs, "columnar.shown")
	for _, r := range group {
		r.answer(nil, nil)
	}
}

// answerKnown answers those whose name was seen before, and everybody when the
// store is closed; it returns the rest.
func (s *Store) answerKnown(group []*request) []*request {
	s.mu.RLock()
	closed := s.closed
	s.mu.RUnlock()
	return slices.DeleteFunc(group, func(r *request) bool {
		if closed {
			r.answer(nil, ErrClosed)
			return true
		}
		if r.entry.name == "" {
			return false
		}
		earlier, known := s.names.find(r.entry.name, r.entry.when)
		if known {
			r.answer(earlier, nil)
		}
		return known
	})
}

// number gives the rows of a group their numbers.
func (s *Store) number(group []*request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range group {
		for i := range r.entry.pieces {
			p, f := &r.entry.pieces[i], r.shelves[i]
			p.number(r.encoded, f.lastSeq+1)
			f.lastSeq += int64(p.batch.Len)
		}
	}
}

// placed is the rows of a piece that go into one partition.
type placed struct {
	shelf *shelf
	slot  slot
	chunk *chunk
}

// place numbers the rows of a piece and divides them among partitions.
func place(f *shelf, p piece) []placed {
	seqs := make([]int64, p.batch.Len)
	for i := range seqs {
		seqs[i] = p.first + int64(i)
	}
	b := p.batch.With(row.Column{Name: row.FieldSeq, Kind: row.Int, Nums: seqs})
	times := b.Col(row.FieldTime).Nums
	at := slotOf(times[0], p.period)
	if !slices.ContainsFunc(times, func(t int64) bool { return !at.has(t) }) {
		return []placed{{f, at, newChunk(b)}}
	}
	rows := map[slot][]uint32{}
	var order []slot
	for i, t := range times {
		if i == 0 || !at.has(t) {
			at = slotOf(t, p.period)
		}
		if rows[at] == nil {
			order = append(order, at)
		}
		rows[at] = append(rows[at], uint32(i))
	}
	out := make([]placed, len(order))
	for i, at := range order {
		out[i] = placed{f, at, newChunk(narrowed(b.Pick(rows[at])))}
	}
	return out
}

// show puts the rows of a group into the buffers of their partitions: from
// now on questions find them.
func (s *Store) show(group []*request, shown [][]placed, first journal.Position) {
	full := false
	s.mu.Lock()
	for i, r := range group {
		at := first + journal.Position(i)
		for k, p := range r.entry.pieces {
			r.shelves[k].shownSeq = p.first + int64(p.batch.Len) - 1
		}
		for _, p := range shown[i] {
			full = s.buffer(p, at) || full
		}
		if r.entry.name != "" {
			s.names.add(r.entry.name, r.entry.when, r.entry.receipt, at)
		}
		s.published = at
	}
	close(s.appended)
	s.appended = make(chan struct{})
	s.mu.Unlock()
	if full {
		s.wakeUp()
	}
}

// buffer adds rows to the buffer of their partition, and reports whether one
// is full and waits to be sealed. A buffer is closed between two entries only,
// for the mark of a part is a position in the log. Store.mu is held.
func (s *Store) buffer(rows placed, at journal.Position) (full bool) {
	p := rows.shelf.partition(rows.slot)
	if n := p.open.rows; n > 0 && n+rows.chunk.batch.Len > s.opts.SealRows && p.open.last < at {
		p.freeze()
		full = true
	}
	before := p.open.bytes
	p.open.add(rows.chunk, at)
	s.buffered += p.open.bytes - before
	return full || p.open.rows >= s.opts.SealRows || p.open.bytes >= bufferBytes
}

// freeze closes the buffer, so that it can be sealed while the next one
// fills.
func (p *partition) freeze() {
	b := p.open
	p.frozen = append(p.frozen, &b)
	p.open = buffer{}
}

// wakeUp tells the one who seals that there is something to do.
func (s *Store) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
