package colfile

import (
	"encoding/binary"
	"math"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

const (
	// magic stands at both ends, so that a file is recognised from either.
	magic = "plumpart"
	// FormatVersion is the version of all that lies between. A reader refuses
	// versions it does not know.
	FormatVersion = 4
	// oldestVersion is the first that is still read: its keys of ids are wider, and
	// no digits are settled. No text is in pieces in it, nor in version 3.
	oldestVersion = 2
	// trailerEntry is the room for the entry of the footer in the trailer.
	trailerEntry = 24
	// trailerBytes is the entry, version, checksum of both, magic.
	trailerBytes = trailerEntry + 4 + 8 + len(magic)
)

// footer is the directory of a part.
type footer struct {
	dataset string
	meta    Meta
	fields  []fieldEntry
	groups  []groupEntry
	byName  map[string]int
	inner   map[string]int // fields that hold pieces: nobody can ask for them by name
}

// fieldEntry is what is known of a field over the whole part.
type fieldEntry struct {
	name      string
	kinds     kindSet
	rows      int64
	low, high row.Value
	bools     [2]uint64 // rows that are false, true
	texts     dictEntry
	shapes    dictEntry
	nums      dictEntry
	index     indexEntry
}

// entries is the size of the dictionary for values of a kind.
func (e *fieldEntry) entries(kind row.Kind) int {
	switch kind {
	case row.Dict:
		return e.texts.count
	case row.Int:
		return e.nums.count
	case row.Bool:
		return 2
	case row.Shape:
		return e.shapes.count
	}
	return 0
}

// groupEntry is what is known of a row group without its header.
type groupEntry struct {
	Span
	header block
}

func appendFooter(dst []byte, f *footer) []byte {
	dst = frame.AppendText(dst, f.dataset)
	dst = binary.AppendUvarint(dst, uint64(len(f.fields)))
	for i := range f.fields {
		e := &f.fields[i]
		dst = frame.AppendText(dst, e.name)
		dst = binary.AppendUvarint(dst, uint64(e.kinds))
		dst = binary.AppendUvarint(dst, uint64(e.rows))
		dst = frame.AppendValue(frame.AppendValue(dst, e.low), e.high)
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, e.bools[0]), e.bools[1])
		dst = appendIndex(appendDict(appendDict(appendDict(dst, e.texts), e.shapes), e.nums), e.index)
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.groups)))
	for _, g := range f.groups {
		dst = binary.AppendUvarint(dst, uint64(g.Rows))
		dst = binary.AppendVarint(dst, g.MinTime)
		dst = binary.AppendUvarint(dst, uint64(g.MaxTime-g.MinTime))
		dst = binary.AppendUvarint(dst, g.MinSeq)
		dst = binary.AppendUvarint(dst, g.MaxSeq-g.MinSeq)
		dst = appendPlaced(dst, g.header)
	}
	return dst
}

func appendDict(dst []byte, d dictEntry) []byte {
	dst = binary.AppendUvarint(dst, uint64(d.count))
	if d.count == 0 {
		return dst
	}
	dst = appendStream(dst, stream{d.blocks})
	dst = append(dst, flag(d.rows.stored > 0))
	if d.rows.stored > 0 {
		dst = appendPlaced(dst, d.rows)
	}
	return dst
}

func readFooter(data []byte) (*footer, error) {
	r := frame.NewCursor(data)
	f := &footer{dataset: r.Text(), byName: map[string]int{}, inner: map[string]int{}}
	f.meta.Dataset = f.dataset
	for range r.Count(min(maxFields+maxInner, r.Left())) {
		if r.Err() != nil {
			break
		}
		e := fieldEntry{name: r.Text(), kinds: kindSet(r.Uvarint()), rows: int64(r.Count(math.MaxInt64))}
		e.low, e.high = r.Value(), r.Value()
		e.bools = [2]uint64{r.Uvarint(), r.Uvarint()}
		e.texts, e.shapes, e.nums = readDict(r, true), readDict(r, true), readDict(r, false)
		e.index = readIndex(r)
		names := f.byName
		if isInner(e.name) {
			names = f.inner
		}
		if _, twice := names[e.name]; twice {
			r.Fail("two fields of one name")
		}
		names[e.name] = len(f.fields)
		f.fields = append(f.fields, e)
	}
	for range r.Count(r.Left()) {
		if r.Err() != nil {
			break
		}
		g := groupEntry{Span: Span{Rows: r.Count(GroupRows), MinTime: r.Varint()}}
		g.MaxTime = g.MinTime + int64(r.Uvarint())
		g.MinSeq = r.Uvarint()
		g.MaxSeq = g.MinSeq + r.Uvarint()
		g.header = readPlaced(r)
		if g.Rows == 0 || g.MaxTime < g.MinTime || g.MaxSeq < g.MinSeq {
			r.Fail("a group that spans nothing")
		}
		f.groups = append(f.groups, g)
		f.meta.add(g)
	}
	return f, r.End()
}

func appendIndex(dst []byte, e indexEntry) []byte {
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(e.others)), uint64(e.count))
	if e.count == 0 {
		return dst
	}
	return appendPlaced(binary.AppendUvarint(dst, uint64(e.off)), e.cells)
}

func readIndex(r *frame.Cursor) indexEntry {
	e := indexEntry{others: r.Count(math.MaxInt32), count: r.Count(math.MaxInt32)}
	if e.count > 0 {
		e.off = int64(r.Uvarint() &^ (1 << 63))
		e.cells = readPlaced(r)
	}
	return e
}

// mostDictNumbers bounds the numbers of a dictionary: some hundred a group. In
// a row of steps each costs no byte, so their count must be bounded itself.
const mostDictNumbers = 1 << 24

func readDict(r *frame.Cursor, texts bool) dictEntry {
	most := mostDictNumbers
	if texts {
		most = math.MaxInt32
	}
	d := dictEntry{count: r.Count(most)}
	if d.count == 0 {
		return d
	}
	blocks := 1
	if texts {
		blocks = (d.count + dictionaryBlock - 1) / dictionaryBlock
	}
	if n := r.Count(r.Left()); n != blocks {
		r.Fail("a dictionary of missing blocks")
		return d
	}
	off := int64(r.Uvarint() &^ (1 << 63))
	for range blocks {
		b := readBlock(r, off)
		d.blocks = append(d.blocks, b)
		off = b.end()
	}
	if r.Byte() != 0 {
		d.rows = readPlaced(r)
	}
	return d
}
