package frame

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Read gives back the batch of a frame. The batch shares no memory with data.
// Data that Append did not make gives an error of kind Corrupt or a batch that
// is whole in itself; an unknown version is Invalid.
func Read(data []byte) (*row.Batch, error) {
	c := NewCursor(data)
	if v := c.Byte(); c.err == nil && v != version {
		return nil, fault.New(fault.Invalid, "read a frame: version %d, known is %d", v, version)
	}
	b := &row.Batch{Dataset: c.Text()}
	b.Len = c.Count(MaxRows)
	r := reader{Cursor: c, rows: b.Len, budget: budget(len(data), b.Len)}
	n := c.Count(c.Left() / 2) // a column takes two bytes at least
	names := make(map[string]bool, min(n, 1024))
	for i := 0; i < n && c.err == nil; i++ {
		col := r.column()
		if names[col.Name] {
			c.Fail("two columns of one name")
		}
		names[col.Name] = true
		b.Cols = append(b.Cols, col)
	}
	if err := c.End(); err != nil {
		return nil, fmt.Errorf("read a frame: %w", err)
	}
	return b, nil
}

// budget is the memory a frame may unfold to. A row costs a bit of input in
// every column but the few whose numbers are never folded, see keepsNumbers.
func budget(bytes, rows int) int { return 1<<20 + 256*bytes + 64*rows }

// reader reads the columns of one frame.
type reader struct {
	*Cursor
	rows   int
	budget int
}

// spend fails when a frame would unfold to more than it can honestly hold.
func (r *reader) spend(bytes int) {
	if r.budget -= bytes; r.budget < 0 {
		r.Fail("a frame that unfolds to too much")
	}
}

func (r *reader) column() row.Column {
	c := row.Column{Name: r.Text()}
	head := r.Byte()
	c.Kind = row.Kind(head &^ gapsFlag)
	n := r.rows
	if head&gapsFlag != 0 {
		r.spend(r.rows / 8)
		c.Nulls = r.bits(r.rows)
		n -= c.Nulls.Count()
		if n == r.rows || n == 0 || c.Kind == row.Mixed || c.Kind == row.List || c.Kind == row.Missing {
			r.Fail("gaps that are none")
		}
	}
	if r.err == nil && (n > 0 || c.Kind == row.Missing) {
		r.body(&c, n)
	} else if n == 0 && r.err == nil {
		r.Fail("a column without values")
	}
	if r.err == nil && c.Nulls != nil {
		c.Spread(r.rows)
	}
	return c
}

// body reads the n values of a column, side by side.
func (r *reader) body(c *row.Column, n int) {
	switch c.Kind {
	case row.Missing:
	case row.Const:
		if c.One = r.Value(); c.One.IsMissing() {
			r.Fail("a constant without a value")
		}
	case row.Dict:
		r.spend(4 * r.rows)
		c.Dict, c.Codes = r.dictionary(n)
	case row.Text:
		r.spend(4 * r.rows)
		offs, text := r.texts(n)
		c.Offs, c.Bytes = offs, append([]byte(nil), text...)
	case row.Int, row.Time:
		r.spend(8 * r.rows)
		c.Nums = r.nums(n)
	case row.Decimal:
		r.spend(9 * r.rows)
		c.Nums = r.nums(n)
		c.Digits = r.digits(n)
	case row.Float:
		r.spend(8 * r.rows)
		c.Floats = r.floats(n)
	case row.Bool:
		c.Bits = r.bits(n)
	case row.Hex:
		c.Width = r.Count(r.Left())
		c.Prefix = r.Text()
		r.fixed(c, n)
	case row.UUID:
		c.Width = 16
		r.fixed(c, n)
	case row.Shape:
		r.spend(8 * r.rows)
		r.shapes(c, n)
	case row.List, row.Mixed:
		r.values(c, n)
	default:
		r.Fail("a column of unknown kind")
	}
}

// bits reads a set of n bits; those after the last are zero.
func (r *reader) bits(n int) row.Bitmap {
	b := r.Bytes((n + 7) / 8)
	if b == nil {
		return nil
	}
	set := row.NewBitmap(n)
	for i := range set {
		var word [8]byte
		copy(word[:], b[8*i:])
		set[i] = binary.LittleEndian.Uint64(word[:])
	}
	if n%64 != 0 && set[len(set)-1]>>(n%64) != 0 {
		r.Fail("bits beyond the last row")
		return nil
	}
	return set
}

func (r *reader) dictionary(n int) (*row.Dictionary, []uint32) {
	count := r.Count(min(n, r.Left()))
	if count == 0 {
		r.Fail("an empty dictionary")
		return nil, nil
	}
	r.spend(48 * count) // the text's header, and its place in the map of distinct
	values := r.strings(count)
	seen := make(map[string]struct{}, len(values))
	for _, v := range values {
		seen[v] = struct{}{}
	}
	if len(seen) != count {
		r.Fail("a dictionary that holds a text twice")
	}
	width := Bits(uint64(count - 1))
	packed := r.Packed(n, width)
	if r.err != nil {
		return nil, nil
	}
	codes := make([]uint32, n)
	Unpack(codes, packed, width)
	most := uint32(0)
	for _, c := range codes {
		most = max(most, c)
	}
	if int(most) >= count {
		r.Fail("a code beyond its dictionary")
	}
	return row.NewDictionary(values), codes
}

func (r *reader) digits(n int) []uint8 {
	d := r.Byte()
	if d == mixedDigits {
		return append([]uint8(nil), r.Bytes(n)...)
	}
	if r.err != nil {
		return nil
	}
	digits := make([]uint8, n)
	for i := range digits {
		digits[i] = d
	}
	return digits
}

func (r *reader) floats(n int) []float64 {
	b := r.Bytes(8 * n)
	if b == nil {
		return nil
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out
}

func (r *reader) fixed(c *row.Column, n int) {
	if c.Width == 0 || c.Width > r.Left()/n {
		r.Fail("ids of no width, or of one too wide")
		return
	}
	r.spend(c.Width * r.rows)
	c.Bytes = append([]byte(nil), r.Bytes(n*c.Width)...)
}

// shapes reads codes into shapes and the digits that fill them.
func (r *reader) shapes(c *row.Column, n int) {
	if c.Dict, c.Codes = r.dictionary(n); r.err != nil {
		return
	}
	fills := make([]ShapeFill, c.Dict.Len())
	for i, shape := range c.Dict.Values() {
		var ok bool
		if fills[i], ok = FillOf(shape); !ok {
			r.Fail("a shape with half a hole")
			return
		}
	}
	size := 0
	for _, code := range c.Codes {
		size += fills[code].Len
	}
	if size/2 > r.Left() {
		r.Fail("too few digits for the shapes")
		return
	}
	c.Offs, c.Bytes = make([]uint32, 1, n+1), make([]byte, size)
	at := 0
	for _, code := range c.Codes {
		f := &fills[code]
		packed := r.Bytes((f.Len + 1) / 2)
		if r.err != nil {
			return
		}
		if !f.Unpack(c.Bytes[at:at+f.Len], packed) {
			r.Fail("a letter among digits")
			return
		}
		at += f.Len
		c.Offs = append(c.Offs, uint32(at))
	}
}

// values reads n values of any kind, or lists only.
func (r *reader) values(c *row.Column, n int) {
	if n > r.Left() {
		r.Fail("fewer values than rows")
		return
	}
	c.Values = make([]row.Value, n)
	for i := range c.Values {
		v := r.Value()
		if c.Kind == row.List && v.Kind != row.List && !v.IsMissing() {
			r.Fail("a value that is no list")
		}
		if r.err != nil {
			return
		}
		c.Values[i] = v
	}
}
