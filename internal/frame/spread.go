package frame

import "github.com/plumbline/plumbline/internal/row"

// Spread moves the values of a column, which lie side by side for the rows that
// have one, to their places among all rows: those that are not in c.Nulls.
func Spread(c *row.Column, rows int) {
	switch c.Kind {
	case row.Dict:
		c.Codes = apart(c.Codes, c.Nulls, rows)
	case row.Int, row.Time:
		c.Nums = apart(c.Nums, c.Nulls, rows)
	case row.Decimal:
		c.Nums, c.Digits = apart(c.Nums, c.Nulls, rows), apart(c.Digits, c.Nulls, rows)
	case row.Float:
		c.Floats = apart(c.Floats, c.Nulls, rows)
	case row.Bool:
		bits, n := row.NewBitmap(rows), 0
		for i := range rows {
			if !c.Nulls.Has(i) {
				if c.Bits.Has(n) {
					bits.Set(i)
				}
				n++
			}
		}
		c.Bits = bits
	case row.Hex, row.UUID:
		c.Bytes = apartFixed(c.Bytes, c.Width, c.Nulls, rows)
	case row.Text:
		c.Offs = apartOffs(c.Offs, c.Nulls, rows)
	case row.Shape:
		c.Codes = apart(c.Codes, c.Nulls, rows)
		c.Offs = apartOffs(c.Offs, c.Nulls, rows)
	case row.List, row.Mixed:
		c.Values = apart(c.Values, c.Nulls, rows)
	}
}

func apart[T any](near []T, nulls row.Bitmap, rows int) []T {
	out, n := make([]T, rows), 0
	for i := range out {
		if !nulls.Has(i) {
			out[i] = near[n]
			n++
		}
	}
	return out
}

func apartFixed(near []byte, width int, nulls row.Bitmap, rows int) []byte {
	out, n := make([]byte, rows*width), 0
	for i := range rows {
		if !nulls.Has(i) {
			copy(out[i*width:], near[n*width:(n+1)*width])
			n++
		}
	}
	return out
}

// apartOffs gives rows without a value an empty text.
func apartOffs(near []uint32, nulls row.Bitmap, rows int) []uint32 {
	out, n := make([]uint32, rows+1), 0
	for i := range rows {
		if !nulls.Has(i) {
			n++
		}
		out[i+1] = near[n]
	}
	return out
}
