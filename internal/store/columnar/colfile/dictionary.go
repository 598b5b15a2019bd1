package colfile

import (
	"encoding/binary"
	"math"
	"slices"
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

// storeBook writes the dictionaries of a field.
func (w *Writer) storeBook(b *book) (fieldEntry, error) {
	e := fieldEntry{name: b.name, kinds: b.kinds, rows: b.rows, low: b.low, high: b.high, bools: b.bools}
	var err error
	if e.texts, err = w.storeTexts(&b.texts, mostCounted); err != nil {
		return e, err
	}
	if e.shapes, err = w.storeTexts(&b.shapes, math.MaxInt); err != nil {
		return e, err
	}
	e.nums, err = w.storeNumbers(&b.nums)
	return e, err
}

// storeTexts writes a dictionary of texts; one of no more than counted, with the
// rows that have each.
func (w *Writer) storeTexts(l *lexicon[string], counted int) (dictEntry, error) {
	texts, rows := l.merged(textHeads(l.runs))
	d := dictEntry{count: len(texts)}
	if d.count == 0 {
		return d, nil
	}
	nums := w.tools.scratch.numbers.begin()
	for some := range slices.Chunk(texts, dictionaryBlock) {
		w.tools.buf = appendSorted(w.tools.buf[:0], some, nums)
		b, err := w.put(w.tools.buf, tryAll)
		if err != nil {
			return d, err
		}
		d.blocks = append(d.blocks, b)
	}
	var err error
	if d.count <= counted {
		d.rows, err = w.storeRows(rows)
	}
	return d, err
}

func (w *Writer) storeRows(rows []uint64) (block, error) {
	buf := w.tools.buf[:0]
	for _, n := range rows {
		buf = binary.AppendUvarint(buf, n)
	}
	w.tools.buf = buf
	return w.put(buf, tryZstd)
}

func (w *Writer) storeNumbers(l *lexicon[int64]) (dictEntry, error) {
	nums, rows := l.merged(numberHead)
	d := dictEntry{count: len(nums)}
	if d.count == 0 {
		return d, nil
	}
	w.tools.buf = w.tools.scratch.numbers.begin().append(w.tools.buf[:0], nums)
	b, err := w.put(w.tools.buf, tryNone)
	if err != nil {
		return d, err
	}
	d.blocks = []block{b}
	d.rows, err = w.storeRows(rows)
	return d, err
}

// storeList writes the values of a group as ranks in the dictionary of the
// part, unless they are all of it.
func (w *Writer) storeList(c *chunk, entries int) error {
	if !c.form.coded() || c.count == entries {
		return nil
	}
	list := make([]int64, c.count)
	for i := range list {
		at := uint32(i)
		if c.places != nil {
			at = c.places[i]
		}
		list[i] = int64(c.ranks.rank(at))
	}
	var err error
	w.tools.buf = w.tools.scratch.numbers.begin().append(w.tools.buf[:0], list)
	c.list, err = w.put(w.tools.buf, tryNone)
	return err
}
