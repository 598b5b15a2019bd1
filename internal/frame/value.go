package frame

import (
	"encoding/binary"
	"math"

	"github.com/plumbline/plumbline/internal/row"
)

// maxDepth bounds lists in lists: what reads them goes down one call a level.
// Deeper ones are kept as the JSON text they print as.
const maxDepth = 64

// AppendValue appends a value with its kind.
func AppendValue(dst []byte, v row.Value) []byte { return appendValue(dst, v, 0) }

func appendValue(dst []byte, v row.Value, depth int) []byte {
	if v.Kind == row.List && depth >= maxDepth {
		v = row.TextOf(v.Text())
	}
	dst = append(dst, byte(v.Kind))
	switch v.Kind {
	case row.Text:
		return AppendText(dst, v.Str())
	case row.Int, row.Time:
		return binary.AppendVarint(dst, v.Nums())
	case row.Decimal:
		return binary.AppendVarint(append(dst, v.Digits), v.Nums())
	case row.Float:
		f, _ := v.Float()
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
	case row.Bool:
		return append(dst, byte(v.Nums()))
	case row.List:
		dst = binary.AppendUvarint(dst, uint64(len(v.List())))
		for _, e := range v.List() {
			dst = appendValue(dst, e, depth+1)
		}
	}
	return dst
}

// Value is the next value. Its texts are copies.
func (c *Cursor) Value() row.Value { return c.value(0) }

func (c *Cursor) value(depth int) row.Value {
	switch kind := row.Kind(c.Byte()); kind {
	case row.Missing:
		return row.Value{}
	case row.Text:
		return row.TextOf(c.Text())
	case row.Int:
		return row.IntOf(c.Varint())
	case row.Time:
		return row.TimeOf(c.Varint())
	case row.Decimal:
		digits := c.Byte()
		return row.DecimalOf(c.Varint(), digits)
	case row.Float:
		return row.FloatOf(math.Float64frombits(c.Uint64()))
	case row.Bool:
		return row.BoolOf(c.flag())
	case row.List:
		return c.list(depth)
	default:
		c.Fail("a value of unknown kind")
		return row.Value{}
	}
}

func (c *Cursor) flag() bool {
	b := c.Byte()
	if b > 1 {
		c.Fail("a truth value that is neither")
	}
	return b == 1
}

func (c *Cursor) list(depth int) row.Value {
	if depth >= maxDepth {
		c.Fail("lists in lists too deep")
		return row.Value{}
	}
	n := c.Count(len(c.rest)) // an element takes a byte at least
	var list []row.Value      // grown as elements come: the count may be a lie
	for i := 0; i < n && c.err == nil; i++ {
		list = append(list, c.value(depth+1))
	}
	return row.ListOf(list)
}
