package row

// Spread moves the values of a column, which lie side by side for the rows that
// have one, to their places among n rows: those that are not in c.Nulls.
func (c *Column) Spread(n int) {
	switch c.Kind {
	case Dict:
		c.Codes = apart(c.Codes, c.Nulls, n)
	case Int, Time:
		c.Nums = apart(c.Nums, c.Nulls, n)
	case Decimal:
		c.Nums, c.Digits = apart(c.Nums, c.Nulls, n), apart(c.Digits, c.Nulls, n)
	case Float:
		c.Floats = apart(c.Floats, c.Nulls, n)
	case Bool:
		c.Bits = apartBits(c.Bits, c.Nulls, n)
	case Hex, UUID:
		c.Bytes = apartFixed(c.Bytes, c.Width, c.Nulls, n)
	case Text:
		c.Offs = apartOffs(c.Offs, c.Nulls, n)
	case Shape:
		c.Codes = apart(c.Codes, c.Nulls, n)
		c.Offs = apartOffs(c.Offs, c.Nulls, n)
	case List, Mixed:
		c.Values = apart(c.Values, c.Nulls, n)
	}
}

func apart[T any](near []T, nulls Bitmap, n int) []T {
	out, k := make([]T, n), 0
	for i := range nulls.Others(n) {
		out[i] = near[k]
		k++
	}
	return out
}

func apartBits(near, nulls Bitmap, n int) Bitmap {
	out, k := NewBitmap(n), 0
	for i := range nulls.Others(n) {
		if near.Has(k) {
			out.Set(i)
		}
		k++
	}
	return out
}

func apartFixed(near []byte, width int, nulls Bitmap, n int) []byte {
	out, k := make([]byte, n*width), 0
	for i := range nulls.Others(n) {
		copy(out[i*width:], near[k*width:(k+1)*width])
		k++
	}
	return out
}

// apartOffs gives rows without a value an empty text.
func apartOffs(near []uint32, nulls Bitmap, n int) []uint32 {
	out, k := make([]uint32, n+1), 0
	for i := range n {
		if !nulls.Has(i) {
			k++
		}
		out[i+1] = near[k]
	}
	return out
}
