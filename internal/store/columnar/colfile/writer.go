package colfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Writer writes one part, group by group. It keeps the dictionaries and the
// directory until Finish. It is used by one goroutine; after an error it
// gives the same error to every call.
type Writer struct {
	tools   *Tools
	out     io.Writer
	off     int64
	dataset string
	books   []*book
	byName  map[string]*book
	inner   int // books of fields that hold pieces
	groups  []groupPlan
	meta    Meta
	err     error
	copied  map[*Part][]int // groups of other parts → place among groups, and one; 0: not copied
}

// Meta is what a part says of itself as a whole.
type Meta struct {
	Dataset          string
	Rows             int64
	Groups           int
	MinTime, MaxTime int64  // nanoseconds since the Unix epoch
	MinSeq, MaxSeq   uint64 // 0 when the rows have no _seq
	Bytes            int64  // of the file
}

// groupPlan is a group whose pages are written and whose directory is not.
type groupPlan struct {
	entry  groupEntry
	header groupHeader
}

// NewWriter begins a part of a dataset on out, with tools of its own.
func NewWriter(out io.Writer, dataset string) *Writer { return new(Tools).Writer(out, dataset) }

// book finds the book of a field, a new one when the field is seen first.
func (w *Writer) book(name string) *book {
	b, ok := w.byName[name]
	if !ok {
		b = &book{id: len(w.books), name: name}
		w.books = append(w.books, b)
		w.byName[name] = b
		if isInner(name) {
			w.inner++
		}
	}
	return b
}

// put writes bytes in the shortest form among the coders tried.
func (w *Writer) put(data []byte, try trial) (block, error) {
	if len(data) > maxBlock {
		return block{}, fault.New(fault.Invalid, "write a part: %d bytes in one page, more than %d", len(data), maxBlock)
	}
	out, how := w.tools.enc.shrink(data, try)
	return w.write(out, len(data), how)
}

// write writes a block as it is.
func (w *Writer) write(stored []byte, size int, how coder) (block, error) {
	b := block{off: w.off, stored: len(stored), size: size, coder: how, sum: xxh3.Hash(stored)}
	n, err := w.out.Write(stored)
	w.off += int64(n)
	if err != nil {
		return b, fmt.Errorf("write a part at %d: %w", w.off, err)
	}
	return b, nil
}

// AddGroup writes a row group: 1 to GroupRows rows, ascending by (_time, _seq),
// each with a _time. Rows out of order and too many are errors of kind Invalid;
// nothing is written then. Groups may come in any order and share their time
// with others.
func (w *Writer) AddGroup(b *row.Batch) error {
	if w.err != nil {
		return w.err
	}
	entry, err := w.entryOf(b)
	if err != nil {
		return err
	}
	w.tools.scratch.room.empty()
	s := sheet{scratch: &w.tools.scratch, w: w, b: b, rows: b.Len}
	if w.err = s.write(); w.err != nil {
		return w.err
	}
	w.groups = append(w.groups, groupPlan{entry, s.header})
	w.meta.add(entry)
	return nil
}

func (m *Meta) add(e groupEntry) {
	if m.Groups == 0 {
		m.MinTime, m.MaxTime, m.MinSeq, m.MaxSeq = e.MinTime, e.MaxTime, e.MinSeq, e.MaxSeq
	}
	m.Groups++
	m.Rows += int64(e.Rows)
	m.MinTime, m.MaxTime = min(m.MinTime, e.MinTime), max(m.MaxTime, e.MaxTime)
	m.MinSeq, m.MaxSeq = min(m.MinSeq, e.MinSeq), max(m.MaxSeq, e.MaxSeq)
}

// entryOf checks a batch and says what it spans.
func (w *Writer) entryOf(b *row.Batch) (groupEntry, error) {
	var e groupEntry
	if b.Len < 1 || b.Len > GroupRows {
		return e, fault.New(fault.Invalid, "add a row group: %d rows, not 1 to %d", b.Len, GroupRows)
	}
	if len(w.books)-w.inner+len(b.Cols) > maxFields {
		return e, fault.New(fault.Invalid, "add a row group: more than %d fields", maxFields)
	}
	names := make(map[string]bool, len(b.Cols))
	for i := range b.Cols {
		if names[b.Cols[i].Name] {
			return e, fault.New(fault.Invalid, "add a row group: two columns %q", b.Cols[i].Name)
		}
		names[b.Cols[i].Name] = true
		if isInner(b.Cols[i].Name) {
			return e, fault.New(fault.Invalid, "add a row group: the name %q is no UTF-8", b.Cols[i].Name)
		}
	}
	var err error
	if e.Span, err = spanOf(b); err != nil {
		return e, fault.Wrap(fault.Invalid, err, "add a row group")
	}
	return e, nil
}

// spanOf checks the order of rows and says what they span.
func spanOf(b *row.Batch) (Span, error) {
	s := Span{Rows: b.Len}
	times, ok := numbersOf(b.Col(row.FieldTime), row.Time, b.Len)
	if !ok {
		return s, fmt.Errorf("a row without %s", row.FieldTime)
	}
	seqs, hasSeq := numbersOf(b.Col(row.FieldSeq), row.Int, b.Len)
	for i := 1; i < b.Len; i++ {
		if times[i] < times[i-1] || hasSeq && times[i] == times[i-1] && uint64(seqs[i]) < uint64(seqs[i-1]) {
			return s, fmt.Errorf("row %d comes before the one it follows", i)
		}
	}
	s.MinTime, s.MaxTime = times[0], times[b.Len-1]
	if hasSeq {
		s.MinSeq = ^uint64(0)
		for _, n := range seqs {
			s.MinSeq, s.MaxSeq = min(s.MinSeq, uint64(n)), max(s.MaxSeq, uint64(n))
		}
	}
	return s, nil
}

// numbersOf are the numbers of a column of which every row has one.
func numbersOf(c *row.Column, kind row.Kind, rows int) ([]int64, bool) {
	switch {
	case c.Kind == kind && !c.Nulls.Any():
		return c.Nums[:rows], true
	case c.Kind == row.Const && c.One.Kind == kind && !c.Nulls.Any():
		nums := make([]int64, rows)
		for i := range nums {
			nums[i] = c.One.Nums()
		}
		return nums, true
	}
	return nil, false
}

// sheet is one row group while it is written.
type sheet struct {
	w       *Writer
	b       *row.Batch
	rows    int
	header  groupHeader
	vectors []*vector
	masks   []maskPlan
	sets    []row.Bitmap
	*scratch
}

// write writes the group.
func (s *sheet) write() error {
	for i := range s.b.Cols {
		for _, c := range s.apart(&s.b.Cols[i]) {
			if v := s.vectorOf(c); v != nil {
				s.vectors = append(s.vectors, v)
			}
		}
	}
	slices.SortStableFunc(s.vectors, func(a, b *vector) int { return a.field - b.field })
	for i, v := range s.vectors {
		v.place = i
		v.bounds()
		v.book.note(v)
	}
	s.findDependents()
	s.findMasks()
	for i, plan := range s.masks {
		m, err := s.storeMask(plan, s.sets[i])
		if err != nil {
			return err
		}
		s.header.masks = append(s.header.masks, m)
	}
	for _, v := range s.vectors {
		if err := s.store(v); err != nil {
			return err
		}
		s.noteKeys(v)
		s.header.chunks = append(s.header.chunks, v.chunk)
	}
	return nil
}

// Finish writes the dictionaries and the directory. The part is whole once it
// returns; making it durable is the caller's.
func (w *Writer) Finish() (Meta, error) {
	if w.err != nil {
		return Meta{}, w.err
	}
	w.err = w.finish()
	w.tools.rest()
	if w.err != nil {
		return Meta{}, w.err
	}
	w.meta.Dataset, w.meta.Bytes = w.dataset, w.off
	meta := w.meta
	w.err = fault.New(fault.Conflict, "the part is finished")
	return meta, nil
}

func (w *Writer) finish() error {
	f := footer{dataset: w.dataset, meta: w.meta}
	for _, b := range w.books {
		entry, err := w.storeBook(b)
		if err != nil {
			return err
		}
		f.fields = append(f.fields, entry)
	}
	order := w.sortGroups()
	for i, b := range w.books {
		var err error
		if f.fields[i].index, err = w.storeIndex(b, order); err != nil {
			return err
		}
	}
	for i := range w.groups {
		g := &w.groups[i]
		for k := range g.header.chunks {
			c := &g.header.chunks[k]
			if err := w.storeList(c, f.fields[c.field].entries(c.kind)); err != nil {
				return err
			}
		}
		w.tools.buf = appendHeader(w.tools.buf[:0], &g.header)
		b, err := w.put(w.tools.buf, tryZstd)
		if err != nil {
			return err
		}
		g.entry.header = b
		f.groups = append(f.groups, g.entry)
	}
	return w.close(f)
}

// sortGroups puts the groups into the order of their times, and says where each
// went.
func (w *Writer) sortGroups() []int {
	places := make([]int, len(w.groups))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return w.groups[a].entry.compare(w.groups[b].entry.Span) })
	sorted, order := make([]groupPlan, len(places)), make([]int, len(places))
	for to, from := range places {
		sorted[to], order[from] = w.groups[from], to
	}
	w.groups = sorted
	return order
}

// close writes the footer and what finds it.
func (w *Writer) close(f footer) error {
	b, err := w.put(appendFooter(nil, &f), tryZstd)
	if err != nil {
		return err
	}
	tail := appendBlock(nil, b)
	tail = append(tail, make([]byte, trailerEntry-len(tail))...)
	tail = binary.LittleEndian.AppendUint32(tail, FormatVersion)
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	tail = append(tail, magic...)
	_, err = w.write(tail, len(tail), asIs)
	return err
}
