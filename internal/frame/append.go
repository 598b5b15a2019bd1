package frame

import (
	"encoding/binary"
	"math"

	"github.com/plumbline/plumbline/internal/row"
)

// Append appends the frame of a batch of at most MaxRows rows. Everything that
// can be asked of the batch reads back the same; a column may come back in a
// narrower kind, as Const or Missing. Partial is not carried.
func Append(dst []byte, b *row.Batch) []byte {
	dst = AppendText(append(dst, version), b.Dataset)
	dst = binary.AppendUvarint(dst, uint64(b.Len))
	dst = binary.AppendUvarint(dst, uint64(len(b.Cols)))
	w := writer{rows: b.Len, dst: dst}
	for i := range b.Cols {
		w.column(&b.Cols[i])
	}
	return w.dst
}

// writer holds what the columns of one frame share: the bytes, and memory for
// values brought close together.
type writer struct {
	rows  int
	dst   []byte
	codes []uint32
	nums  []int64
	offs  []uint32
	lens  []uint32
}

func (w *writer) column(c *row.Column) {
	w.dst = AppendText(w.dst, c.Name)
	present := w.present(c)
	if present == 0 || c.Kind == row.Missing || c.Kind == row.Const && c.One.IsMissing() {
		w.dst = append(w.dst, byte(row.Missing))
		return
	}
	kind := c.Kind
	if !keepsNumbers(c.Name) && kind != row.Const && same(c, w.rows) {
		kind = row.Const
	}
	gaps := kind != row.Mixed && kind != row.List && present < w.rows
	if kind == row.Shape && !fillable(c, w.rows) || kind == row.Hex && gaps && c.Width > widestSparse {
		kind = row.Text
	}
	if !gaps {
		w.dst = append(w.dst, byte(kind))
	} else {
		w.dst = append(w.dst, byte(kind)|gapsFlag)
		w.dst = appendBits(w.dst, c.Nulls, w.rows)
	}
	w.body(c, kind, gaps)
}

// widestSparse bounds fixed-width bytes in a column with gaps: a reader makes
// room for every row, also for those that are not in the frame.
const widestSparse = 64

// present is the number of rows that have a value.
func (w *writer) present(c *row.Column) int {
	if c.Kind == row.Mixed || c.Kind == row.List {
		return w.rows
	}
	return w.rows - c.Nulls.Count()
}

func (w *writer) body(c *row.Column, kind row.Kind, gaps bool) {
	switch kind {
	case row.Const:
		w.dst = AppendValue(w.dst, one(c, w.rows))
	case row.Dict:
		w.dictionary(c, gaps)
	case row.Text:
		w.text(c, gaps)
	case row.Int, row.Time:
		w.dst = appendNums(w.dst, w.near(c, c.Nums, gaps))
	case row.Decimal:
		w.dst = appendNums(w.dst, w.near(c, c.Nums, gaps))
		w.digits(c)
	case row.Float:
		for i, f := range c.Floats[:w.rows] {
			if !c.Nulls.Has(i) {
				w.dst = binary.LittleEndian.AppendUint64(w.dst, math.Float64bits(f))
			}
		}
	case row.Bool:
		w.bools(c, gaps)
	case row.Hex:
		w.dst = AppendText(binary.AppendUvarint(w.dst, uint64(c.Width)), c.Prefix)
		w.fixed(c, c.Width, gaps)
	case row.UUID:
		w.fixed(c, 16, gaps)
	case row.Shape:
		w.dictionary(c, gaps)
		w.fill(c)
	case row.List, row.Mixed:
		for i := range w.rows {
			w.dst = AppendValue(w.dst, c.Value(i))
		}
	}
}

// near is the numbers of the rows that have one, side by side.
func (w *writer) near(c *row.Column, nums []int64, gaps bool) []int64 {
	if !gaps {
		return nums[:w.rows]
	}
	w.nums = w.nums[:0]
	for i := range c.Nulls.Others(w.rows) {
		w.nums = append(w.nums, nums[i])
	}
	return w.nums
}

// mixedDigits says that decimals differ in their digits.
const mixedDigits = 255

func (w *writer) digits(c *row.Column) {
	first, alike := uint8(0), true
	seen := false
	for i := range c.Nulls.Others(w.rows) {
		d := c.Digits[i]
		if !seen {
			first, seen = d, true
		}
		alike = alike && d == first
	}
	if alike && first != mixedDigits {
		w.dst = append(w.dst, first)
		return
	}
	w.dst = append(w.dst, mixedDigits)
	for i := range c.Nulls.Others(w.rows) {
		w.dst = append(w.dst, c.Digits[i])
	}
}

func (w *writer) bools(c *row.Column, gaps bool) {
	if !gaps {
		w.dst = appendBits(w.dst, c.Bits, w.rows)
		return
	}
	bits, n := row.NewBitmap(w.rows), 0
	for i := range c.Nulls.Others(w.rows) {
		if c.Bits.Has(i) {
			bits.Set(n)
		}
		n++
	}
	w.dst = appendBits(w.dst, bits, n)
}

func (w *writer) fixed(c *row.Column, width int, gaps bool) {
	if !gaps {
		w.dst = append(w.dst, c.Bytes[:w.rows*width]...)
		return
	}
	for i := range c.Nulls.Others(w.rows) {
		w.dst = append(w.dst, c.Bytes[i*width:(i+1)*width]...)
	}
}

// text appends a column as texts, whatever form it is in.
func (w *writer) text(c *row.Column, gaps bool) {
	if c.Kind == row.Text && !gaps && c.Offs[0] == 0 {
		w.dst = appendLengths(w.dst, c.Offs[:w.rows+1], w.scratch())
		w.dst = append(w.dst, c.Bytes[:c.Offs[w.rows]]...)
		return
	}
	w.offs = append(w.offs[:0], 0)
	if c.Kind == row.Text && w.closely(c) {
		return
	}
	w.offs = w.offs[:1]
	var all []byte
	for i := range w.rows {
		if c.Has(i) {
			all = c.AppendText(all, i)
			w.offs = append(w.offs, uint32(len(all)))
		}
	}
	w.dst = appendLengths(w.dst, w.offs, w.scratch())
	w.dst = append(w.dst, all...)
}

// closely appends texts whose bytes lie side by side already, with nothing
// where a row has none, and reports whether they do.
func (w *writer) closely(c *row.Column) bool {
	size := uint32(0)
	for i := range c.Nulls.Others(w.rows) {
		size += c.Offs[i+1] - c.Offs[i]
		w.offs = append(w.offs, size)
	}
	if size != c.Offs[w.rows]-c.Offs[0] {
		return false
	}
	w.dst = appendLengths(w.dst, w.offs, w.scratch())
	w.dst = append(w.dst, c.Bytes[c.Offs[0]:c.Offs[w.rows]]...)
	return true
}

// scratch is room for the lengths of the rows.
func (w *writer) scratch() []uint32 {
	if cap(w.lens) < w.rows {
		w.lens = make([]uint32, 0, w.rows)
	}
	return w.lens
}

// dictionary appends the texts of a column and the codes into them. Texts that
// no row uses are left out where they may be many: a batch that was cut out of
// a larger one still has all of that one's.
func (w *writer) dictionary(c *row.Column, gaps bool) {
	values, codes := c.Dict.Values(), c.Codes[:w.rows]
	if gaps {
		w.codes = w.codes[:0]
		for i := range c.Nulls.Others(w.rows) {
			w.codes = append(w.codes, codes[i])
		}
		codes = w.codes
	}
	if len(values) > len(codes)/4 {
		values, codes = used(values, codes)
	}
	w.dst = binary.AppendUvarint(w.dst, uint64(len(values)))
	w.strings(values)
	w.dst = Pack(w.dst, codes, Bits(uint64(len(values)-1)))
}

// used are the texts that codes point to, and the codes into those.
func used(values []string, codes []uint32) ([]string, []uint32) {
	in := row.NewBitmap(len(values))
	for _, c := range codes {
		in.Set(int(c))
	}
	if in.Count() == len(values) {
		return values, codes
	}
	place := make([]uint32, len(values))
	var kept []string
	for c := range in.Rows {
		place[c] = uint32(len(kept))
		kept = append(kept, values[c])
	}
	out := make([]uint32, len(codes))
	for i, c := range codes {
		out[i] = place[c]
	}
	return kept, out
}

// fill appends what fills the shapes, row by row.
func (w *writer) fill(c *row.Column) {
	for i := range w.rows {
		if !c.Nulls.Has(i) {
			w.dst = AppendNibbles(w.dst, c.Bytes[c.Offs[i]:c.Offs[i+1]])
		}
	}
}

// fillable reports whether every row's digits come back from halves of bytes.
func fillable(c *row.Column, rows int) bool {
	fills := make([]ShapeFill, c.Dict.Len())
	known := row.NewBitmap(c.Dict.Len())
	for i := range rows {
		if c.Nulls.Has(i) {
			continue
		}
		code := c.Codes[i]
		if !known.Has(int(code)) {
			f, ok := FillOf(c.Dict.At(code))
			if !ok {
				return false
			}
			fills[code] = f
			known.Set(int(code))
		}
		if !fills[code].Fits(c.Bytes[c.Offs[i]:c.Offs[i+1]]) {
			return false
		}
	}
	return true
}

// appendBits appends the first n bits of a set.
func appendBits(dst []byte, set row.Bitmap, n int) []byte {
	at := len(dst)
	for _, word := range set[:min(len(set), (n+63)/64)] {
		dst = binary.LittleEndian.AppendUint64(dst, word)
	}
	size := (n + 7) / 8
	for len(dst)-at < size {
		dst = append(dst, 0)
	}
	dst = dst[:at+size]
	if n%8 != 0 {
		dst[len(dst)-1] &= 1<<(n%8) - 1
	}
	return dst
}
