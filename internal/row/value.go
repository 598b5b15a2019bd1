package row

import (
	"math"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/when"
)

// Value is one value of one row: Missing, Text, Int, Decimal, Float, Bool,
// Time or List. The zero Value is missing.
//
// A text that is a plain decimal number (no exponent, no needless zeros in
// front) compares and groups as that number, see Value.Number.
type Value struct {
	Kind   Kind
	Digits uint8 // Decimal: digits after the point
	num    int64 // Int, Decimal, Time; Bool as 0 or 1; Float as its bits
	str    string
	list   *[]Value
}

// TextOf returns a text.
func TextOf(s string) Value { return Value{Kind: Text, str: s} }

// IntOf returns an integer.
func IntOf(n int64) Value { return Value{Kind: Int, num: n} }

// DecimalOf returns mantissa · 10^-digits.
func DecimalOf(mantissa int64, digits uint8) Value {
	if digits == 0 {
		return IntOf(mantissa)
	}
	return Value{Kind: Decimal, num: mantissa, Digits: digits}
}

// FloatOf returns a floating-point number; NaN and infinities are missing,
// because no answer can print them.
func FloatOf(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{Kind: Float, num: int64(math.Float64bits(f))}
}

// BoolOf returns a truth value.
func BoolOf(b bool) Value {
	if b {
		return Value{Kind: Bool, num: 1}
	}
	return Value{Kind: Bool}
}

// TimeOf returns a time in nanoseconds since the Unix epoch.
func TimeOf(ns int64) Value { return Value{Kind: Time, num: ns} }

// ListOf returns a list; the caller gives the slice away.
func ListOf(vs []Value) Value { return Value{Kind: List, list: &vs} }

// IsMissing reports whether there is no value.
func (v Value) IsMissing() bool { return v.Kind == Missing }

// Nums is the integer of an Int, the mantissa of a Decimal, the nanoseconds of
// a Time, and 0 or 1 of a Bool.
func (v Value) Nums() int64 { return v.num }

// Str is the text of a Text value and empty otherwise; see Text.
func (v Value) Str() string { return v.str }

// List is the elements of a List, nil otherwise.
func (v Value) List() []Value {
	if v.list == nil {
		return nil
	}
	return *v.list
}

// Bool reports whether the value is true: a true Bool, or the text "true".
func (v Value) Bool() bool {
	switch v.Kind {
	case Bool:
		return v.num != 0
	case Text:
		return strings.EqualFold(v.str, "true")
	case Int, Decimal:
		return v.num != 0
	case Float:
		return v.float() != 0
	}
	return false
}

func (v Value) float() float64 { return math.Float64frombits(uint64(v.num)) }

// Float is the number as a float64, and whether the value is a number at all.
// A Time is its Unix seconds.
func (v Value) Float() (float64, bool) {
	switch n := v.Number(); n.Kind {
	case Int:
		return float64(n.num), true
	case Decimal:
		return DecimalFloat(n.num, n.Digits), true
	case Float:
		return n.float(), true
	case Time:
		return float64(n.num) / 1e9, true
	}
	return 0, false
}

// Number is the value as Int, Decimal, Float or Time, and missing when it is
// no number. A text is a number when it is written as a plain decimal.
func (v Value) Number() Value {
	switch v.Kind {
	case Int, Decimal, Float, Time:
		return v
	case Text:
		if !LooksNumeric(v.str) {
			return Value{}
		}
		if m, d, ok := keyval.ParseDecimal(v.str); ok {
			return DecimalOf(m, d)
		}
	}
	return Value{}
}

// LooksNumeric is a cheap first look: false for nearly every text that is not
// a number.
func LooksNumeric(s string) bool {
	if s == "" || len(s) > keyval.DecimalBytesMost {
		return false
	}
	c, e := s[0], s[len(s)-1]
	return (c == '-' || c-'0' <= 9) && e-'0' <= 9
}

var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// DecimalFloat is mantissa · 10^-digits as the nearest float64.
func DecimalFloat(mantissa int64, digits uint8) float64 {
	if exact := mantissa > -1<<53 && mantissa < 1<<53; digits == 0 || exact && int(digits) < len(pow10) {
		return float64(mantissa) / pow10[digits] // rounded once
	}
	var buf [64]byte
	f, _ := strconv.ParseFloat(view(keyval.AppendDecimal(buf[:0], mantissa, digits)), 64)
	return f
}

// AppendText appends the value as people and queries see it. Missing appends
// nothing; a list is shown as a JSON array.
func (v Value) AppendText(dst []byte) []byte {
	switch v.Kind {
	case Text:
		return append(dst, v.str...)
	case Int:
		return strconv.AppendInt(dst, v.num, 10)
	case Decimal:
		return keyval.AppendDecimal(dst, v.num, v.Digits)
	case Float:
		return AppendFloat(dst, v.float())
	case Bool:
		return strconv.AppendBool(dst, v.num != 0)
	case Time:
		return when.AppendRFC3339(dst, v.num)
	case List:
		return v.AppendJSON(dst)
	}
	return dst
}

// Text is the value as people and queries see it; missing is "".
func (v Value) Text() string {
	if v.Kind == Text {
		return v.str
	}
	return string(v.AppendText(nil))
}

// AppendJSON appends the value as JSON; missing is null.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.Kind {
	case Missing:
		return append(dst, "null"...)
	case Text:
		return keyval.AppendJSONString(dst, v.str)
	case Time:
		dst = append(dst, '"')
		return append(when.AppendRFC3339(dst, v.num), '"')
	case List:
		dst = append(dst, '[')
		for i, e := range v.List() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.AppendJSON(dst)
		}
		return append(dst, ']')
	}
	return v.AppendText(dst)
}

// AppendFloat writes a number as JSON does: plain digits in the range people
// read, an exponent beyond.
func AppendFloat(dst []byte, f float64) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

func appendName(dst []byte, name string) []byte { return keyval.AppendJSONString(dst, name) }
