package row

import (
	"encoding/hex"
	"strconv"
	"unsafe"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/when"
)

// Column holds one field of every row of a batch. Which of its slices are set
// is said at each Kind. What is missing has a bit in Nulls, and whatever its
// slices hold there means nothing.
type Column struct {
	Name string
	Kind Kind

	Nulls Bitmap // rows without a value; nil when every row has one

	One    Value       // Const
	Codes  []uint32    // Dict, Shape
	Dict   *Dictionary // Dict, Shape
	Nums   []int64     // Int, Decimal, Time
	Digits []uint8     // Decimal
	Floats []float64   // Float
	Bits   Bitmap      // Bool
	Offs   []uint32    // Text, Shape: one more than rows
	Bytes  []byte      // Text, Shape; Hex and UUID: Width bytes a row
	Width  int         // Hex, UUID
	Prefix string      // Hex
	Values []Value     // List, Mixed
}

// ConstColumn returns a column with the same value in every row.
func ConstColumn(name string, v Value) Column {
	if v.IsMissing() {
		return Column{Name: name}
	}
	return Column{Name: name, Kind: Const, One: v}
}

// Has reports whether row i has a value.
func (c *Column) Has(i int) bool {
	switch c.Kind {
	case Missing:
		return false
	case Mixed, List:
		return c.Values[i].Kind != Missing && !c.Nulls.Has(i)
	}
	return !c.Nulls.Has(i)
}

// Present is the set of rows, of n, that have a value.
func (c *Column) Present(n int) Bitmap {
	m := NewBitmap(n)
	switch c.Kind {
	case Missing:
	case Mixed, List:
		for i, v := range c.Values {
			if v.Kind != Missing {
				m.Set(i)
			}
		}
		m.AndNot(c.Nulls)
	default:
		m.Fill(n)
		m.AndNot(c.Nulls)
	}
	return m
}

// Value is the value of row i. Texts share memory with the column.
func (c *Column) Value(i int) Value {
	if c.Kind == Missing || c.Nulls.Has(i) {
		return Value{}
	}
	switch c.Kind {
	case Const:
		return c.One
	case Dict:
		return TextOf(c.Dict.At(c.Codes[i]))
	case Text:
		return TextOf(view(c.Bytes[c.Offs[i]:c.Offs[i+1]]))
	case Int:
		return IntOf(c.Nums[i])
	case Decimal:
		return DecimalOf(c.Nums[i], c.Digits[i])
	case Float:
		return FloatOf(c.Floats[i])
	case Bool:
		return BoolOf(c.Bits.Has(i))
	case Time:
		return TimeOf(c.Nums[i])
	case Hex, UUID, Shape:
		return TextOf(string(c.AppendText(nil, i)))
	}
	return c.Values[i]
}

// AppendText appends the text of row i, nothing when it is missing.
func (c *Column) AppendText(dst []byte, i int) []byte {
	if c.Kind == Missing || c.Nulls.Has(i) {
		return dst
	}
	switch c.Kind {
	case Dict:
		return append(dst, c.Dict.At(c.Codes[i])...)
	case Text:
		return append(dst, c.Bytes[c.Offs[i]:c.Offs[i+1]]...)
	case Int:
		return strconv.AppendInt(dst, c.Nums[i], 10)
	case Decimal:
		return keyval.AppendDecimal(dst, c.Nums[i], c.Digits[i])
	case Time:
		return when.AppendRFC3339(dst, c.Nums[i])
	case Hex:
		return hex.AppendEncode(append(dst, c.Prefix...), c.Bytes[i*c.Width:(i+1)*c.Width])
	case UUID:
		return AppendUUID(dst, c.Bytes[i*16:i*16+16])
	case Shape:
		return AppendShape(dst, c.Dict.At(c.Codes[i]), c.Bytes[c.Offs[i]:c.Offs[i+1]])
	}
	return c.Value(i).AppendText(dst)
}

// AppendJSON appends the value of row i as JSON, null when it is missing.
func (c *Column) AppendJSON(dst []byte, i int) []byte {
	if c.Kind == Missing || c.Nulls.Has(i) {
		return append(dst, "null"...)
	}
	switch c.Kind {
	case Dict:
		return keyval.AppendJSONString(dst, c.Dict.At(c.Codes[i]))
	case Time:
		dst = append(dst, '"')
		return append(when.AppendRFC3339(dst, c.Nums[i]), '"')
	case Hex, UUID: // nothing in them wants escaping but the prefix
		if c.Prefix == "" {
			dst = append(dst, '"')
			return append(c.AppendText(dst, i), '"')
		}
	}
	return c.Value(i).AppendJSON(dst)
}

// AppendUUID appends 16 bytes as 8-4-4-4-12 in lower-case hex.
func AppendUUID(dst, u []byte) []byte {
	dst = hex.AppendEncode(dst, u[:4])
	for _, part := range [...][]byte{u[4:6], u[6:8], u[8:10], u[10:16]} {
		dst = hex.AppendEncode(append(dst, '-'), part)
	}
	return dst
}

// Pick returns the column with only these rows, in this order. It shares
// dictionaries and bytes with c.
func (c *Column) Pick(rows []uint32) Column {
	out := Column{Name: c.Name, Kind: c.Kind, One: c.One, Dict: c.Dict, Width: c.Width, Prefix: c.Prefix}
	if c.Nulls != nil && c.Kind != Missing {
		nulls := NewBitmap(len(rows))
		any := false
		for k, i := range rows {
			if c.Nulls.Has(int(i)) {
				nulls.Set(k)
				any = true
			}
		}
		if any {
			out.Nulls = nulls
		}
	}
	switch c.Kind {
	case Dict:
		out.Codes = pick(c.Codes, rows)
	case Int, Time:
		out.Nums = pick(c.Nums, rows)
	case Decimal:
		out.Nums, out.Digits = pick(c.Nums, rows), pick(c.Digits, rows)
	case Float:
		out.Floats = pick(c.Floats, rows)
	case Bool:
		out.Bits = NewBitmap(len(rows))
		for k, i := range rows {
			if c.Bits.Has(int(i)) {
				out.Bits.Set(k)
			}
		}
	case Hex, UUID:
		out.Bytes = make([]byte, 0, len(rows)*c.Width)
		for _, i := range rows {
			out.Bytes = append(out.Bytes, c.Bytes[int(i)*c.Width:int(i+1)*c.Width]...)
		}
	case Text, Shape:
		if c.Kind == Shape {
			out.Codes = pick(c.Codes, rows)
		}
		out.Offs, out.Bytes = pickBytes(c.Offs, c.Bytes, rows)
	case List, Mixed:
		out.Values = pick(c.Values, rows)
	}
	return out
}

// Slice is the rows from to to−1. It shares memory with the column, but for its
// bits.
func (c *Column) Slice(from, to int) Column {
	out := *c
	if c.Nulls != nil && c.Kind != Missing {
		out.Nulls = c.Nulls.Slice(from, to)
	}
	switch c.Kind {
	case Dict:
		out.Codes = c.Codes[from:to]
	case Int, Time:
		out.Nums = c.Nums[from:to]
	case Decimal:
		out.Nums, out.Digits = c.Nums[from:to], c.Digits[from:to]
	case Float:
		out.Floats = c.Floats[from:to]
	case Bool:
		out.Bits = c.Bits.Slice(from, to)
	case Hex, UUID:
		out.Bytes = c.Bytes[from*c.Width : to*c.Width]
	case Text, Shape:
		if c.Kind == Shape {
			out.Codes = c.Codes[from:to]
		}
		out.Offs = c.Offs[from : to+1]
	case List, Mixed:
		out.Values = c.Values[from:to]
	}
	return out
}

func pick[T any](from []T, rows []uint32) []T {
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = from[i]
	}
	return out
}

func pickBytes(offs []uint32, from []byte, rows []uint32) ([]uint32, []byte) {
	size := 0
	for _, i := range rows {
		size += int(offs[i+1] - offs[i])
	}
	outOffs, out := make([]uint32, 1, len(rows)+1), make([]byte, 0, size)
	for _, i := range rows {
		out = append(out, from[offs[i]:offs[i+1]]...)
		outOffs = append(outOffs, uint32(len(out)))
	}
	return outOffs, out
}

// Bytes a column holds in memory, for budgets; a shared dictionary counts not.
func (c *Column) MemBytes() int {
	n := 8*len(c.Nulls) + 4*len(c.Codes) + 8*len(c.Nums) + len(c.Digits) + 8*len(c.Floats) + 8*len(c.Bits) + 4*len(c.Offs) + len(c.Bytes)
	for _, v := range c.Values {
		n += v.MemBytes()
	}
	return n
}

// rowBytes is what Pick copies of row i.
func (c *Column) rowBytes(i int) int {
	switch c.Kind {
	case Dict:
		return 4
	case Int, Time, Float:
		return 8
	case Decimal:
		return 9
	case Hex, UUID:
		return c.Width
	case Text, Shape:
		return 8 + int(c.Offs[i+1]-c.Offs[i])
	case List, Mixed:
		return int(unsafe.Sizeof(Value{}))
	}
	return 0
}

// MemBytes is about what a value takes in memory.
func (v Value) MemBytes() int {
	n := int(unsafe.Sizeof(v)) + len(v.str)
	for _, e := range v.List() {
		n += e.MemBytes()
	}
	return n
}

// view is the bytes as a string without a copy; columns are never written
// after they were handed on.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
