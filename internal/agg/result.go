package agg

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// values is the column of the values of these codes. Texts become a
// dictionary, which costs no copy per row.
func (c *coder) values(name string, codes []uint32) row.Column {
	for i := range c.forms {
		if c.forms[i].kind != row.Text {
			out := make([]row.Value, len(codes))
			for k, code := range codes {
				out[k] = c.value(code)
			}
			return columnOf(name, out)
		}
	}
	out := row.Column{Name: name, Kind: row.Dict, Codes: codes, Dict: c.lent.dict}
	if c.lent.dict != nil && !slices.ContainsFunc(c.forms, func(f form) bool { return !f.isLent() }) {
		for i, code := range codes {
			codes[i] = uint32(c.forms[code].num)
		}
		return out
	}
	texts := make([]string, len(c.forms))
	for i := range texts {
		texts[i] = c.textOf(uint32(i))
	}
	out.Dict = row.NewDictionary(texts)
	return out
}

// columnOf is the column of these values in the narrowest kind that holds all
// of them.
func columnOf(name string, values []row.Value) row.Column {
	kind := row.Missing
	for _, v := range values {
		kind = joinKinds(kind, v.Kind)
	}
	out := row.Column{Name: name, Kind: kind}
	switch kind {
	case row.Missing:
		return out
	case row.Mixed, row.List:
		out.Values = values
		return out
	}
	for i, v := range values {
		if v.IsMissing() {
			if out.Nulls == nil {
				out.Nulls = row.NewBitmap(len(values))
			}
			out.Nulls.Set(i)
		}
	}
	fillColumn(&out, values)
	return out
}

func fillColumn(out *row.Column, values []row.Value) {
	switch out.Kind {
	case row.Text:
		out.Offs = make([]uint32, 1, len(values)+1)
		for _, v := range values {
			out.Bytes = append(out.Bytes, v.Str()...)
			out.Offs = append(out.Offs, uint32(len(out.Bytes)))
		}
	case row.Int, row.Time, row.Decimal:
		out.Nums = make([]int64, len(values))
		for i, v := range values {
			out.Nums[i] = v.Nums()
		}
		if out.Kind == row.Decimal {
			out.Digits = make([]uint8, len(values))
			for i, v := range values {
				out.Digits[i] = v.Digits
			}
		}
	case row.Float:
		out.Floats = make([]float64, len(values))
		for i, v := range values {
			out.Floats[i], _ = v.Float()
		}
	case row.Bool:
		out.Bits = row.NewBitmap(len(values))
		for i, v := range values {
			if v.Bool() {
				out.Bits.Set(i)
			}
		}
	}
}

// joinKinds is the narrowest kind of column that holds values of both kinds.
func joinKinds(a, b row.Kind) row.Kind {
	switch {
	case a == b || b == row.Missing:
		return a
	case a == row.Missing:
		return b
	case a == row.Int && b == row.Decimal || a == row.Decimal && b == row.Int:
		return row.Decimal
	}
	return row.Mixed
}

// decimalOf is mantissa · 10^-digits without zeros at the end.
func decimalOf(mantissa int64, digits uint8) row.Value {
	for digits > 0 && mantissa%10 == 0 {
		mantissa, digits = mantissa/10, digits-1
	}
	return row.DecimalOf(mantissa, digits)
}

// repeat is one column for each of n calls that have the same answer.
func repeat(c row.Column, n int) []row.Column {
	out := make([]row.Column, n)
	for i := range out {
		out[i] = c
	}
	return out
}
