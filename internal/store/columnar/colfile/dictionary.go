package colfile

import (
	"encoding/binary"

	"github.com/plumbline/plumbline/internal/row"
)

// dictionaryBlock is how many texts of a dictionary lie under one checksum, so
// that one text can be had without the rest.
const dictionaryBlock = 4096

// mostCounted bounds the dictionaries whose texts carry the number of rows
// that have them: those that people count by.
const mostCounted = 4096

// dictEntry is where a dictionary of the part lies. Its values are in order.
type dictEntry struct {
	count  int
	blocks []block // texts, dictionaryBlock each; numbers: one block of all
	rows   block   // rows of each value; none when not counted
}

// bookRanks turns the ids of a book into ranks of its dictionaries.
type bookRanks struct{ texts, nums, shapes []uint32 }

func (r bookRanks) of(kind row.Kind) []uint32 {
	switch kind {
	case row.Dict:
		return r.texts
	case row.Int:
		return r.nums
	}
	return r.shapes
}

// storeBook writes the dictionaries of a field.
func (w *Writer) storeBook(b *book) (fieldEntry, bookRanks, error) {
	e := fieldEntry{name: b.name, kinds: b.kinds, rows: b.rows, low: b.low, high: b.high, bools: b.bools}
	var r bookRanks
	var err error
	if e.texts, r.texts, err = w.storeTerms(&b.texts, mostCounted); err != nil {
		return e, r, err
	}
	if e.shapes, r.shapes, err = w.storeTerms(&b.shapes, b.shapes.len()); err != nil {
		return e, r, err
	}
	e.nums, r.nums, err = w.storeNumbers(&b.nums)
	return e, r, err
}

func (w *Writer) storeTerms(l *lexicon, counted int) (dictEntry, []uint32, error) {
	d := dictEntry{count: l.len()}
	if d.count == 0 {
		return d, nil, nil
	}
	all, rows, order := l.texts()
	texts := make([]string, 0, dictionaryBlock)
	nums := w.tools.scratch.numbers.begin()
	for at := 0; at < len(order); at += dictionaryBlock {
		texts = texts[:0]
		for _, id := range order[at:min(at+dictionaryBlock, len(order))] {
			texts = append(texts, all[id])
		}
		w.tools.buf = appendSorted(w.tools.buf[:0], texts, nums)
		b, err := w.put(w.tools.buf, tryAll)
		if err != nil {
			return d, nil, err
		}
		d.blocks = append(d.blocks, b)
	}
	var err error
	if d.count <= counted {
		d.rows, err = w.storeRows(rows, order)
	}
	return d, inverse(order), err
}

func (w *Writer) storeRows(rows []uint64, order []uint32) (block, error) {
	buf := w.tools.buf[:0]
	for _, id := range order {
		buf = binary.AppendUvarint(buf, rows[id])
	}
	w.tools.buf = buf
	return w.put(buf, tryZstd)
}

func (w *Writer) storeNumbers(t *numbers) (dictEntry, []uint32, error) {
	d := dictEntry{count: len(t.nums)}
	if d.count == 0 {
		return d, nil, nil
	}
	order := t.order()
	nums := make([]int64, len(order))
	for rank, id := range order {
		nums[rank] = t.nums[id]
	}
	w.tools.buf = w.tools.scratch.numbers.begin().append(w.tools.buf[:0], nums)
	b, err := w.put(w.tools.buf, tryNone)
	if err != nil {
		return d, nil, err
	}
	d.blocks = []block{b}
	d.rows, err = w.storeRows(t.rows, order)
	return d, inverse(order), err
}

// storeList writes the values of a group as ranks in the dictionary of the
// part, unless they are all of it.
func (w *Writer) storeList(c *chunk, ranks bookRanks, entries int) error {
	if !c.form.coded() || c.count == entries {
		return nil
	}
	place := ranks.of(c.kind)
	list := make([]int64, len(c.ids))
	for i, id := range c.ids {
		list[i] = int64(place[id])
	}
	var err error
	w.tools.buf = w.tools.scratch.numbers.begin().append(w.tools.buf[:0], list)
	c.list, err = w.put(w.tools.buf, tryNone)
	return err
}
