package colfile

import (
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/plumbline/plumbline/internal/row"
)

// Tools are what it takes to write a part besides its rows: coders, tables, and
// memory for columns. They serve one part at a time and are worth keeping for
// the next, for memory that is touched for the first time costs more than what
// is put into it. The zero Tools are ready.
type Tools struct {
	enc     encoders
	indexer indexer
	buf     []byte
	scratch scratch
	joined  room // of Concat
	terms   terms
}

// scratch is what the sheets of a writer use one after the other.
type scratch struct {
	room        room
	numbers     numbersPage
	trial       terms
	splitter    splitter
	cutter      cutter
	sorter      sorter
	page        []byte
	aligned     []byte
	table       []uint32 // of codes that depend on others
	split, fill []byte
}

// Concat is the function of this name in memory of the tools: the batch is good
// until the next Concat, or the end of a Writer of these tools.
func (t *Tools) Concat(batches ...*row.Batch) *row.Batch {
	t.joined.empty()
	return join(batches, &t.joined, &t.terms)
}

// Writer begins a part of a dataset on out, which is written from its beginning
// to its end and never read. It ends the use of the tools by any Writer before.
func (t *Tools) Writer(out io.Writer, dataset string) *Writer {
	w := &Writer{tools: t, out: out, dataset: dataset, byName: map[string]*book{}, copied: map[*Part][]int{}}
	if t.enc.zstd == nil {
		t.enc.zstd, w.err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithAllLitEntropyCompression(true))
	}
	if w.err == nil {
		_, w.err = w.write([]byte(magic), len(magic), asIs)
	}
	return w
}

// rest lets go of the texts of others, which the tools would keep in memory.
func (t *Tools) rest() {
	t.joined.texts.forget()
	clear(t.terms.texts[:cap(t.terms.texts)])
	t.scratch.room.texts.forget()
	clear(t.scratch.trial.texts[:cap(t.scratch.trial.texts)])
	clear(t.scratch.cutter.seen.texts[:cap(t.scratch.cutter.seen.texts)])
}

// room is memory that is handed out piece by piece and taken back as a whole.
type room struct {
	codes  slabs[uint32]
	nums   slabs[int64]
	bytes  slabs[uint8]
	words  slabs[uint64] // of bitmaps
	floats slabs[float64]
	texts  slabs[string]
}

// empty takes all back.
func (r *room) empty() {
	r.codes.used, r.nums.used, r.bytes.used = 0, 0, 0
	r.words.used, r.floats.used, r.texts.used = 0, 0, 0
}

// bitmap is an empty set that can hold n rows.
func (r *room) bitmap(n int) row.Bitmap { return r.words.take((n + 63) / 64) }

// slabs are slices of a room. Columns come in the same order group after group,
// so each slab soon has the size of its column.
type slabs[T any] struct {
	list [][]T
	used int
}

// take is n zeros.
func (s *slabs[T]) take(n int) []T {
	out := s.some(n)[:n]
	clear(out)
	return out
}

// some is an empty slice with room for n.
func (s *slabs[T]) some(n int) []T {
	if s.used == len(s.list) {
		s.list = append(s.list, nil)
	}
	at := &s.list[s.used]
	s.used++
	if cap(*at) < n {
		if *at != nil {
			n += n / 8 // groups differ a little
		}
		*at = make([]T, 0, n)
	}
	return (*at)[:0]
}

// grown keeps the slice handed out last, which may have become larger.
func (s *slabs[T]) grown(slice []T) { s.list[s.used-1] = slice[:0] }

// copied is a copy of a slice.
func (s *slabs[T]) copied(from []T) []T { return append(s.some(len(from)), from...) }

// forget overwrites all with zeros.
func (s *slabs[T]) forget() {
	for _, slab := range s.list {
		clear(slab[:cap(slab)])
	}
}
