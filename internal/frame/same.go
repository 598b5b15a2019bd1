package frame

import (
	"bytes"
	"math"

	"github.com/plumbline/plumbline/internal/row"
)

// same reports whether all rows that have a value have the same one. Nearly
// always the first two rows tell.
func same(c *row.Column, rows int) bool {
	switch c.Kind {
	case row.Mixed, row.List:
		return false
	}
	first := -1
	for i := range c.Nulls.Others(rows) {
		if first < 0 {
			first = i
		} else if !alike(c, first, i) {
			return false
		}
	}
	return first >= 0 && !one(c, rows).IsMissing()
}

// alike reports whether two rows have the same value in the same form.
func alike(c *row.Column, i, k int) bool {
	switch c.Kind {
	case row.Dict:
		return c.Codes[i] == c.Codes[k]
	case row.Int, row.Time:
		return c.Nums[i] == c.Nums[k]
	case row.Decimal:
		return c.Nums[i] == c.Nums[k] && c.Digits[i] == c.Digits[k]
	case row.Float:
		return math.Float64bits(c.Floats[i]) == math.Float64bits(c.Floats[k])
	case row.Bool:
		return c.Bits.Has(i) == c.Bits.Has(k)
	case row.Text:
		return bytes.Equal(c.Bytes[c.Offs[i]:c.Offs[i+1]], c.Bytes[c.Offs[k]:c.Offs[k+1]])
	case row.Hex, row.UUID:
		w := max(c.Width, 0)
		if c.Kind == row.UUID {
			w = 16
		}
		return bytes.Equal(c.Bytes[i*w:(i+1)*w], c.Bytes[k*w:(k+1)*w])
	case row.Shape:
		return c.Codes[i] == c.Codes[k] && bytes.Equal(c.Bytes[c.Offs[i]:c.Offs[i+1]], c.Bytes[c.Offs[k]:c.Offs[k+1]])
	}
	return false
}

// one is the value of the first row that has one.
func one(c *row.Column, rows int) row.Value {
	for i := range rows {
		if v := c.Value(i); !v.IsMissing() {
			return v
		}
	}
	return row.Value{}
}
