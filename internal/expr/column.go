package expr

import (
	"github.com/plumbline/plumbline/internal/row"
)

// columnOf puts values into the column that suits them; it keeps the slice.
func columnOf(values []row.Value) row.Column {
	var seen [row.Mixed + 1]int
	for _, v := range values {
		seen[v.Kind]++
	}
	there := len(values) - seen[row.Missing]
	c := row.Column{}
	switch {
	case there == 0:
		return c
	case seen[row.Text] == there:
		return textColumn(values)
	case seen[row.Bool] == there:
		c.Kind, c.Bits = row.Bool, row.NewBitmap(len(values))
	case seen[row.Time] == there:
		c.Kind = row.Time
	case seen[row.Int]+seen[row.Decimal]+seen[row.Float] == there:
		return numberColumn(values)
	case seen[row.List] == there:
		c.Kind, c.Values = row.List, values
		return c
	default:
		c.Kind, c.Values = row.Mixed, values
		return c
	}
	fill(&c, values, there < len(values))
	return c
}

func fill(c *row.Column, values []row.Value, gaps bool) {
	if gaps {
		c.Nulls = row.NewBitmap(len(values))
	}
	if c.Kind == row.Time {
		c.Nums = make([]int64, len(values))
	}
	for i, v := range values {
		switch {
		case v.Kind == row.Missing:
			c.Nulls.Set(i)
		case c.Kind == row.Time:
			c.Nums[i] = v.Nums()
		case v.Nums() != 0:
			c.Bits.Set(i)
		}
	}
}

func numberColumn(values []row.Value) row.Column {
	out := newNumbers(len(values))
	for i, v := range values {
		out.set(i, v)
	}
	return out.column()
}

// textColumn keeps texts as a row.Builder does.
func textColumn(values []row.Value) row.Column {
	b, key := row.NewBuilder(""), []byte("value")
	for _, v := range values {
		b.BeginBare()
		b.Value(key, v)
	}
	c := b.Batch().Cols[0]
	c.Name = ""
	return c
}

// numbers gathers results that are numbers or missing.
type numbers struct {
	nums    []int64
	digits  []uint8
	floats  []float64 // by row, where isFloat has it
	nulls   row.Bitmap
	isFloat row.Bitmap // nil while there is none
	scaled  bool       // some have digits after the point
	round   bool       // some number is not the same as a float
}

func newNumbers(n int) *numbers {
	return &numbers{nums: make([]int64, n), digits: make([]uint8, n), nulls: row.FullBitmap(n)}
}

func (o *numbers) set(i int, v row.Value) {
	switch v.Kind {
	case row.Int, row.Decimal:
		o.nums[i], o.digits[i] = v.Nums(), v.Digits
		o.scaled = o.scaled || v.Digits > 0
		o.round = o.round || !sameAsFloat(v)
	case row.Float:
		if o.isFloat == nil {
			o.isFloat, o.floats = row.NewBitmap(len(o.nums)), make([]float64, len(o.nums))
		}
		o.isFloat.Set(i)
		o.floats[i], _ = v.Float()
	default:
		return
	}
	o.nulls.Unset(i)
}

// sameAsFloat reports whether a number prints the same as a float: it has few
// digits, none of them a zero at its end, and is not so small that a float
// prints with an exponent.
func sameAsFloat(v row.Value) bool {
	m := magnitude(v.Nums())
	return m < 1e15 && (v.Digits == 0 || v.Digits <= 6 && m%10 != 0)
}

func (o *numbers) column() row.Column {
	c := row.Column{Nulls: o.nulls}
	if !c.Nulls.Any() {
		c.Nulls = nil
	}
	switch {
	case c.Nulls.Count() == len(o.nums):
		return row.Column{}
	case o.isFloat == nil && !o.scaled:
		c.Kind, c.Nums = row.Int, o.nums
	case o.isFloat == nil:
		c.Kind, c.Nums, c.Digits = row.Decimal, o.nums, o.digits
	case !o.round:
		c.Kind, c.Floats = row.Float, o.floats
		for i := range o.floats {
			if !o.isFloat.Has(i) {
				o.floats[i] = row.DecimalFloat(o.nums[i], o.digits[i])
			}
		}
	default:
		c.Kind, c.Values = row.Mixed, make([]row.Value, len(o.nums))
		for i := range c.Values {
			switch {
			case o.nulls.Has(i):
			case o.isFloat.Has(i):
				c.Values[i] = row.FloatOf(o.floats[i])
			default:
				c.Values[i] = row.DecimalOf(o.nums[i], o.digits[i])
			}
		}
	}
	return c
}
