package expr

import "github.com/plumbline/plumbline/internal/row"

// operateDecimals works on two columns of integers and decimals; ok is false
// when a result does not stay exact, or the operation is not + - or *.
func operateDecimals(op byte, a, b *row.Column, n int) (out row.Column, ok bool) {
	x, okA := exactsOf(a)
	y, okB := exactsOf(b)
	if !okA || !okB || op == '/' || op == '%' {
		return out, false
	}
	out = row.Column{Kind: row.Int, Nums: make([]int64, n), Nulls: eitherNull(a, b)}
	digits := make([]uint8, n)
	for i := range n {
		if out.Nulls.Has(i) {
			continue
		}
		v, ok := exactResult(op, x.at(i), y.at(i))
		if !ok || v.digits > maxScale {
			return out, false
		}
		out.Nums[i], digits[i] = v.m, v.digits
		if v.digits > 0 {
			out.Kind = row.Decimal
		}
	}
	if out.Kind == row.Decimal {
		out.Digits = digits
	}
	return out, true
}

// exact is m · 10^-digits.
type exact struct {
	m      int64
	digits uint8
}

func exactResult(op byte, x, y exact) (exact, bool) {
	var v exact
	var ok bool
	switch {
	case op == '*':
		v.m, ok = multiply(x.m, y.m)
		v.digits = x.digits + y.digits
	case x.digits != y.digits:
		most := max(x.digits, y.digits)
		a, okA := scale(x.m, most-x.digits)
		b, okB := scale(y.m, most-y.digits)
		if !okA || !okB {
			return v, false
		}
		return exactResult(op, exact{a, most}, exact{b, most})
	case op == '+':
		v.m, ok = add(x.m, y.m)
		v.digits = x.digits
	default:
		v.m, ok = subtract(x.m, y.m)
		v.digits = x.digits
	}
	for v.digits > 0 && v.m%10 == 0 {
		v.m, v.digits = v.m/10, v.digits-1
	}
	return v, ok
}

// exacts are the numbers of a column: one for all rows, or slices.
type exacts struct {
	one    exact
	nums   []int64
	digits []uint8
}

func (e *exacts) at(i int) exact {
	switch {
	case e.nums == nil:
		return e.one
	case e.digits == nil:
		return exact{e.nums[i], 0}
	}
	return exact{e.nums[i], e.digits[i]}
}

func exactsOf(c *row.Column) (e exacts, ok bool) {
	switch {
	case c.Kind == row.Int || c.Kind == row.Decimal:
		return exacts{nums: c.Nums, digits: c.Digits}, true
	case c.Kind == row.Const && (c.One.Kind == row.Int || c.One.Kind == row.Decimal):
		return exacts{one: exact{c.One.Nums(), c.One.Digits}}, true
	}
	return e, false
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
