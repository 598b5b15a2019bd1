package colfile

import (
	"encoding/binary"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// A group header:
//
//	masks uv, each: rows uv · base+1 uv · table block if base · pages
//	chunks uv, each: field uv · form · kind · mask uv · present uv ·
//	     what the form needs · low value · high value · pages · indexed
//	pages: count uv · offset uv · block entries, one after the other in the file
//	block: coder · stored uv · size uv unless stored as it is · xxh3 8 bytes

func appendHeader(dst []byte, h *groupHeader) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(h.masks)))
	for i := range h.masks {
		m := &h.masks[i]
		dst = binary.AppendUvarint(dst, uint64(m.rows))
		dst = binary.AppendUvarint(dst, uint64(m.base+1))
		if m.base >= 0 {
			dst = appendPlaced(dst, m.table)
		}
		dst = appendStream(dst, m.pages)
	}
	dst = binary.AppendUvarint(dst, uint64(len(h.chunks)))
	for i := range h.chunks {
		dst = appendChunk(dst, &h.chunks[i])
	}
	return dst
}

func appendChunk(dst []byte, c *chunk) []byte {
	dst = binary.AppendUvarint(dst, uint64(c.field))
	dst = append(dst, byte(c.form), byte(c.kind))
	dst = binary.AppendUvarint(dst, uint64(c.mask))
	dst = binary.AppendUvarint(dst, uint64(c.present))
	if c.form.coded() {
		dst = binary.AppendUvarint(dst, uint64(c.count))
		dst = append(dst, flag(c.list.stored > 0))
		if c.list.stored > 0 {
			dst = appendPlaced(dst, c.list)
		}
	}
	switch c.form {
	case formConst:
		dst = frame.AppendValue(dst, c.value)
	case formMapped:
		dst = appendPlaced(binary.AppendUvarint(dst, uint64(c.base)), c.table)
	case formNums:
		dst = append(dst, byte(c.digits.kind), c.digits.scale, c.digits.least)
	case formFixed:
		dst = frame.AppendText(binary.AppendUvarint(dst, uint64(c.width)), c.prefix)
	case formShape:
		dst = append(dst, flag(c.usual.stored > 0)+flag(c.settled))
		if c.usual.stored > 0 {
			dst = appendPlaced(dst, c.usual)
		}
		dst = appendStream(dst, c.fills)
	}
	dst = frame.AppendValue(frame.AppendValue(dst, c.low), c.high)
	dst = appendStream(dst, c.pages)
	return append(dst, flag(c.indexed))
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendStream(dst []byte, s stream) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s.pages)))
	if len(s.pages) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(s.pages[0].off))
	for _, b := range s.pages {
		dst = appendBlock(dst, b)
	}
	return dst
}

// readHeader reads the directory of a group of rows. Everything it names is
// within bounds afterwards.
func readHeader(data []byte, rows int, fields []fieldEntry) (*groupHeader, error) {
	r := frame.NewCursor(data)
	h := &groupHeader{}
	for range r.Count(r.Left()) {
		h.masks = append(h.masks, readMask(r, rows))
	}
	for range r.Count(r.Left()) {
		if r.Err() != nil {
			break
		}
		h.chunks = append(h.chunks, readChunk(r, rows, fields, len(h.masks)))
	}
	for i := range h.masks {
		if b := h.masks[i].base; b >= len(h.chunks) || b >= 0 && (!h.direct(b) || h.chunks[b].mask != 0) {
			r.Fail("a mask that hangs on nothing")
		}
	}
	for i := range h.chunks {
		c := &h.chunks[i]
		if c.form == formMapped && (c.base >= len(h.chunks) || !h.direct(c.base)) {
			r.Fail("a map of nothing")
		}
		if i > 0 && c.field < h.chunks[i-1].field {
			r.Fail("chunks out of order")
		}
	}
	return h, r.End()
}

// direct reports whether a chunk has codes of its own, so that others may hang
// on it. Masks hang only on chunks without a mask: nothing turns in a circle.
func (h *groupHeader) direct(i int) bool {
	return h.chunks[i].form == formCodes || h.chunks[i].form == formShape
}

func readMask(r *frame.Cursor, rows int) mask {
	m := mask{rows: r.Count(rows), base: r.Count(maxFields+maxInner) - 1}
	if m.base >= 0 {
		m.table = readPlaced(r)
	}
	m.pages = readStream(r, rows, m.base < 0)
	return m
}

func readChunk(r *frame.Cursor, rows int, fields []fieldEntry, masks int) chunk {
	c := chunk{field: r.Count(len(fields) - 1), form: form(r.Byte()), kind: row.Kind(r.Byte())}
	c.mask, c.present = r.Count(masks), r.Count(rows)
	if c.form.coded() {
		c.count = r.Count(rows)
		if r.Byte() != 0 {
			c.list = readPlaced(r)
		}
		if r.Err() == nil && (c.count == 0 || c.list.stored == 0 && c.count != fields[c.field].entries(c.kind)) {
			r.Fail("a list of nothing")
		}
	}
	paged := true
	switch c.form {
	case formConst:
		c.value, paged = r.Value(), false
	case formMapped:
		c.base, paged = r.Count(maxFields+maxInner), false
		c.table = readPlaced(r)
	case formNums:
		c.digits = digitRule{kind: digitKind(r.Byte()), scale: r.Byte(), least: r.Byte()}
	case formPieces:
		paged = false
	case formFixed:
		c.width = r.Count(maxFixed)
		c.prefix = r.Text()
	case formShape:
		usual := r.Byte()
		if usual != 0 {
			c.usual, c.settled = readPlaced(r), usual == 2
		}
		if usual > 2 || c.settled && c.usual.stored == 0 {
			r.Fail("digits in an unknown form")
		}
		c.fills = readStream(r, rows, true)
	}
	c.low, c.high = r.Value(), r.Value()
	c.pages = readStream(r, rows, paged)
	c.indexed = r.Byte() != 0
	if r.Err() == nil && !c.sound() {
		r.Fail("a chunk of a form and a kind that do not go together")
	}
	return c
}

// kindsOf says as what the values of a form may be handed out.
var kindsOf = [forms][]row.Kind{
	formConst:  {row.Const},
	formCodes:  {row.Dict, row.Int, row.Time, row.Bool},
	formMapped: {row.Dict, row.Int, row.Time, row.Bool},
	formNums:   {row.Int, row.Time, row.Decimal},
	formFixed:  {row.Hex, row.UUID},
	formShape:  {row.Shape},
	formText:   {row.Text},
	formFloats: {row.Float},
	formValues: {row.List},
	formPieces: {row.Text},
}

func (c *chunk) sound() bool {
	if c.form >= forms || c.present == 0 || c.digits.kind >= digitKinds {
		return false
	}
	for _, k := range kindsOf[c.form] {
		if k == c.kind {
			return c.form != formFixed || c.width > 0 && (c.kind != row.UUID || c.width == 16)
		}
	}
	return false
}

func readStream(r *frame.Cursor, rows int, paged bool) stream {
	n := r.Count(pagesOf(rows))
	if r.Err() == nil && (n != 0 || paged) && n != pagesOf(rows) {
		r.Fail("not as many pages as the rows need")
	}
	if n == 0 || r.Err() != nil {
		return stream{}
	}
	off := int64(r.Uvarint() &^ (1 << 63))
	s := stream{pages: make([]block, n)}
	for i := range s.pages {
		s.pages[i] = readBlock(r, off)
		off = s.pages[i].end()
	}
	return s
}
