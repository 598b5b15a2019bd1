package expr

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// ofFloat is a function of one float.
func ofFloat(f func(float64) float64) func(*Evaluator, []row.Value) row.Value {
	return func(_ *Evaluator, a []row.Value) row.Value {
		x, ok := number(a[0]).Float()
		if !ok {
			return row.Value{}
		}
		return row.FloatOf(f(x))
	}
}

func sqrt(x float64) float64 { return math.Sqrt(x) }
func exp(x float64) float64  { return math.Exp(x) }
func ln(x float64) float64   { return math.Log(x) }

// number is a value as a number; a time is none.
func number(v row.Value) row.Value {
	if n := v.Number(); n.Kind != row.Time {
		return n
	}
	return row.Value{}
}

func power(_ *Evaluator, a []row.Value) row.Value {
	x, okX := number(a[0]).Float()
	y, okY := number(a[1]).Float()
	if !okX || !okY {
		return row.Value{}
	}
	return row.FloatOf(math.Pow(x, y))
}

func logarithm(_ *Evaluator, a []row.Value) row.Value {
	x, ok := number(a[0]).Float()
	if len(a) == 1 || !ok {
		return ofFloat(math.Log10)(nil, a)
	}
	switch base, ok := number(a[1]).Float(); {
	case !ok || base <= 0 || base == 1:
		return row.Value{}
	case base == 2: // exact for powers, as people expect of log(8, 2)
		return row.FloatOf(math.Log2(x))
	case base == 10:
		return row.FloatOf(math.Log10(x))
	default:
		return row.FloatOf(math.Log(x) / math.Log(base))
	}
}

func absolute(_ *Evaluator, a []row.Value) row.Value {
	switch n := number(a[0]); n.Kind {
	case row.Int, row.Decimal:
		if n.Nums() == math.MinInt64 {
			return row.FloatOf(-float64(math.MinInt64))
		}
		return row.DecimalOf(max(n.Nums(), -n.Nums()), n.Digits)
	case row.Float:
		f, _ := n.Float()
		return row.FloatOf(math.Abs(f))
	}
	return row.Value{}
}

func ceiling(_ *Evaluator, a []row.Value) row.Value {
	return toDigits(number(a[0]), 0, math.Ceil, func(rest, _ int64, _ bool) bool { return rest > 0 })
}

func floor(_ *Evaluator, a []row.Value) row.Value {
	return toDigits(number(a[0]), 0, math.Floor, func(_, _ int64, _ bool) bool { return false })
}

// maxRound bounds the digits of round: a number has no more.
const maxRound = 18

func round(_ *Evaluator, a []row.Value) row.Value {
	digits := row.IntOf(0)
	if len(a) == 2 {
		digits = a[1].Number()
	}
	if d := digits.Nums(); digits.Kind != row.Int || d < -maxRound || d > maxRound {
		return row.Value{}
	}
	return toDigits(number(a[0]), int(digits.Nums()), math.Round, func(rest, unit int64, negative bool) bool {
		return rest > unit/2 || rest == unit/2 && !negative
	})
}

// toDigits is a number with so many digits after the point. ofFloat does it
// for floats that no decimal can hold, whose digits stand far from the point;
// up says whether to go up from the number below, which lies rest of a unit
// under the true one.
func toDigits(n row.Value, digits int, ofFloat func(float64) float64, up func(rest, unit int64, negative bool) bool) row.Value {
	if n.Kind == row.Float {
		exact := decimal(n.Text())
		if exact.IsMissing() {
			f, _ := n.Float()
			return row.FloatOf(ofFloat(f))
		}
		n = exact
	}
	drop := int(n.Digits) - digits
	if n.IsMissing() || drop <= 0 {
		return n
	}
	m := n.Nums()
	for ; drop >= len(tens); drop-- { // only round has such units, half of which is no nearer without the last digits
		m /= 10
	}
	unit := tens[drop]
	below, rest := m/unit, m%unit
	if rest < 0 {
		below, rest = below-1, rest+unit
	}
	if up(rest, unit, m < 0) {
		below++
	}
	if digits >= 0 {
		return row.DecimalOf(below, uint8(digits))
	}
	whole, ok := scale(below, uint8(-digits))
	if !ok {
		return row.FloatOf(float64(below) * math.Pow10(-digits))
	}
	return row.IntOf(whole)
}

// Floor is a number rounded down to a multiple of a step above 0, with the digits of the
// step, so that 3 steps of 0.1 are 0.3. It is a float where no decimal holds it.
func Floor(n, step row.Value) row.Value {
	n = n.Canonical()
	if step.Kind == row.Float {
		step = step.Canonical()
	}
	if step.Kind != row.Float {
		n = downTo(n, step.Digits) // a multiple of the step has no more
	}
	if x, y, digits, ok := aligned(n, step); ok && n.Kind != row.Float && step.Kind != row.Float {
		rest := x % y
		if rest < 0 {
			rest += y
		}
		if m, ok := subtract(x, rest); ok {
			return row.DecimalOf(m/tens[digits-step.Digits], step.Digits)
		}
	}
	return floorOfLong(n, step)
}

// downTo is a number rounded down to so many digits after the point, where a decimal
// holds that.
func downTo(n row.Value, digits uint8) row.Value {
	if n.Kind != row.Float {
		return toDigits(n, int(digits), nil, func(_, _ int64, _ bool) bool { return false })
	}
	f, _ := n.Float()
	text := strconv.AppendFloat(make([]byte, 0, 32), f, 'f', -1, 64)
	whole, after, _ := bytes.Cut(text, []byte("."))
	if len(after) <= int(digits) {
		return n
	}
	end := len(whole)
	if digits > 0 {
		end += 1 + int(digits)
	}
	m, _, ok := keyval.ParseDecimal(text[:end])
	switch {
	case !ok: // -0.0 among them
		return n
	case f < 0:
		m--
	}
	return row.DecimalOf(m, digits)
}

// floorOfLong is Floor for numbers that no int64 holds at one scale.
func floorOfLong(n, step row.Value) row.Value {
	x, by := exactly(n), exactly(step)
	floor := new(big.Rat).Quo(x, by)
	floor.SetInt(new(big.Int).Div(floor.Num(), floor.Denom())) // towards -∞, as the denominator is positive
	floor.Mul(floor, by)
	if step.Kind == row.Float {
		if f, _ := floor.Float64(); floor.Cmp(x) != 0 {
			return row.FloatOf(f)
		}
		return n
	}
	text := floor.FloatString(int(step.Digits))
	v, _ := ParseNumber(text)
	if v.Kind == row.Float && step.Digits > 0 { // without the zeros at its end it may still fit
		v, _ = ParseNumber(strings.TrimRight(strings.TrimRight(text, "0"), "."))
	}
	return v
}

// integer is a number without what stands after the point, if it fits.
func integer(n row.Value) (int64, bool) {
	switch n.Kind {
	case row.Int:
		return n.Nums(), true
	case row.Decimal:
		m := n.Nums()
		for range n.Digits {
			m /= 10
		}
		return m, true
	case row.Float:
		f, _ := n.Float()
		return int64(f), math.Abs(f) < math.MaxInt64
	}
	return 0, false
}
