package expr

import "github.com/plumbline/plumbline/internal/row"

// addInts adds or subtracts two columns of integers, where nothing overflows.
func addInts(op byte, a, b *row.Column, n int) (out row.Column, ok bool) {
	if op != '+' && op != '-' {
		return out, false
	}
	x, xs, okA := integers(a)
	y, ys, okB := integers(b)
	if !okA || !okB {
		return out, false
	}
	nums := make([]int64, n)
	for i := range nums {
		if xs != nil {
			x = xs[i]
		}
		if ys != nil {
			y = ys[i]
		}
		sum, ok := add(x, y)
		if op == '-' {
			sum, ok = subtract(x, y)
		}
		if !ok {
			return out, false
		}
		nums[i] = sum
	}
	return row.Column{Kind: row.Int, Nums: nums, Nulls: eitherNull(a, b)}, true
}

// integers are the integers of a column: one for all rows, or a slice.
func integers(c *row.Column) (one int64, all []int64, ok bool) {
	switch {
	case c.Kind == row.Int:
		return 0, c.Nums, true
	case c.Kind == row.Const && c.One.Kind == row.Int:
		return c.One.Nums(), nil, true
	}
	return 0, nil, false
}

// operateFloats works on two columns of which one is of floats.
func operateFloats(op byte, a, b *row.Column, n int) (out row.Column, ok bool) {
	if a.Kind != row.Float && b.Kind != row.Float {
		return out, false
	}
	xs, okA := floats(a, n)
	ys, okB := floats(b, n)
	if !okA || !okB {
		return out, false
	}
	out = row.Column{Kind: row.Float, Floats: make([]float64, n), Nulls: eitherNull(a, b)}
	for i, x := range xs {
		out.Floats[i] = operateFloat(op, x, ys[i])
	}
	return withoutNaN(out), true
}

// floats are the numbers of a column of a numeric kind.
func floats(c *row.Column, n int) ([]float64, bool) {
	out := make([]float64, n)
	switch c.Kind {
	case row.Float:
		return c.Floats, true
	case row.Int:
		for i := range out {
			out[i] = float64(c.Nums[i])
		}
	case row.Decimal:
		for i := range out {
			out[i] = row.DecimalFloat(c.Nums[i], c.Digits[i])
		}
	case row.Const:
		if !isNumber(c.One.Kind) {
			return nil, false
		}
		f, _ := c.One.Float()
		for i := range out {
			out[i] = f
		}
	default:
		return nil, false
	}
	return out, true
}

// withoutNaN makes NaN and infinities in a column of floats missing: no answer
// can print them.
func withoutNaN(c row.Column) row.Column {
	for i, f := range c.Floats {
		if f-f != 0 {
			if c.Nulls == nil {
				c.Nulls = row.NewBitmap(len(c.Floats))
			}
			c.Nulls.Set(i)
			c.Floats[i] = 0
		}
	}
	return c
}

// eitherNull are the rows where a or b is missing, nil when there are none.
func eitherNull(a, b *row.Column) row.Bitmap {
	if a.Nulls == nil && b.Nulls == nil {
		return nil
	}
	if a.Nulls == nil {
		return b.Nulls.Clone()
	}
	nulls := a.Nulls.Clone()
	nulls.Or(b.Nulls)
	return nulls
}

// numeric reports whether all values of a column are numbers.
func numeric(c *row.Column) bool {
	return isNumber(c.Kind) || c.Kind == row.Const && isNumber(c.One.Kind)
}
