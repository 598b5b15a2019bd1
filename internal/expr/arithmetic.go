package expr

import (
	"math"
	"math/bits"

	"github.com/plumbline/plumbline/internal/row"
)

// Numbers stay exact as long as they fit: integers and decimals add, subtract
// and multiply exactly, and divide exactly when the quotient is short. What
// does not fit an int64 of scaled digits becomes a float. Where an operand is
// no number the result is missing, except that two texts are joined by +, and
// that times take seconds:
//
//	time - time = seconds    time + seconds = time    time - seconds = time

// arithmetic is a op b for each of n rows.
func (ev *Evaluator) arithmetic(op byte, a, b *row.Column, n int) row.Column {
	if a.Kind == row.Missing || b.Kind == row.Missing {
		return row.Column{}
	}
	if isConst(a) && isConst(b) {
		return row.ConstColumn("", ev.operate(op, a.One, b.One))
	}
	if c, ok := operateDecimals(op, a, b, n); ok {
		return c
	}
	if c, ok := operateFloats(op, a, b, n); ok {
		return c
	}
	if numeric(a) && numeric(b) {
		out := newNumbers(n)
		for i := range n {
			if x, y := a.Value(i), b.Value(i); !x.IsMissing() && !y.IsMissing() {
				out.set(i, operateNumbers(op, x, y))
			}
		}
		return out.column()
	}
	left := ev.allowance([]row.Column{*a, *b})
	values := make([]row.Value, n)
	for i := 0; i < n && !left.spent(); i++ {
		values[i] = left.take(ev.operate(op, a.Value(i), b.Value(i)))
	}
	return columnOf(values)
}

// operate is a op b for one row.
func (ev *Evaluator) operate(op byte, a, b row.Value) row.Value {
	if a.Kind == row.Time || b.Kind == row.Time {
		return operateTimes(op, a, b)
	}
	x, y := a.Number(), b.Number()
	switch {
	case !x.IsMissing() && !y.IsMissing():
		return operateNumbers(op, x, y)
	case op == '+' && a.Kind == row.Text && b.Kind == row.Text && len(a.Str())+len(b.Str()) <= maxText:
		return row.TextOf(a.Str() + b.Str())
	}
	return row.Value{}
}

func operateTimes(op byte, a, b row.Value) row.Value {
	switch {
	case a.Kind == row.Time && b.Kind == row.Time:
		if diff, ok := subtract(a.Nums(), b.Nums()); ok && op == '-' {
			return trimmed(diff, 9)
		}
	case op == '+' && b.Kind == row.Time:
		return later(b, a, add)
	case op == '+':
		return later(a, b, add)
	case op == '-' && a.Kind == row.Time:
		return later(a, b, subtract)
	}
	return row.Value{}
}

// later is a time moved by a number of seconds.
func later(t, by row.Value, move func(a, b int64) (int64, bool)) row.Value {
	ns, ok := nanoseconds(by.Number())
	if !ok {
		return row.Value{}
	}
	if moved, ok := move(t.Nums(), ns); ok {
		return row.TimeOf(moved)
	}
	return row.Value{}
}

// nanoseconds is a number of seconds in nanoseconds, if it fits; what is less
// than one is dropped.
func nanoseconds(seconds row.Value) (int64, bool) {
	switch seconds.Kind {
	case row.Int, row.Decimal:
		m, digits := seconds.Nums(), seconds.Digits
		for ; digits > 9; digits-- {
			m /= 10
		}
		return scale(m, 9-digits)
	case row.Float:
		f, _ := seconds.Float()
		f *= 1e9
		return int64(f), math.Abs(f) < math.MaxInt64
	}
	return 0, false
}

func operateNumbers(op byte, a, b row.Value) row.Value {
	if a.Kind != row.Float && b.Kind != row.Float {
		if v, ok := operateExactly(op, a, b); ok {
			return v
		}
	}
	x, _ := a.Float()
	y, _ := b.Float()
	return row.FloatOf(operateFloat(op, x, y))
}

// operateFloat is NaN or infinite where there is no result.
func operateFloat(op byte, x, y float64) float64 {
	switch op {
	case '+':
		return x + y
	case '-':
		return x - y
	case '*':
		return x * y
	case '/':
		return x / y
	}
	return math.Mod(x, y)
}

// operateExactly works on integers and decimals; ok is false when the result
// is not exact in an int64 of scaled digits.
func operateExactly(op byte, a, b row.Value) (v row.Value, ok bool) {
	x, y := exact{a.Nums(), a.Digits}, exact{b.Nums(), b.Digits}
	switch op {
	case '/':
		return quotient(a, b)
	case '%':
		return remainder(a, b)
	}
	r, ok := exactResult(op, x, y)
	return row.DecimalOf(r.m, r.digits), ok && r.digits <= maxScale
}

// remainder is a % b, with the sign of a; missing when b is 0.
func remainder(a, b row.Value) (v row.Value, ok bool) {
	x, y, digits, ok := aligned(a, b)
	switch {
	case !ok:
		return v, false
	case y == 0:
		return row.Value{}, true
	case y == -1: // the least integer has no quotient by -1
		return row.IntOf(0), true
	}
	return trimmed(x%y, digits), true
}

// aligned gives two numbers the same digits after the point.
func aligned(a, b row.Value) (x, y int64, digits uint8, ok bool) {
	x, y, digits = a.Nums(), b.Nums(), max(a.Digits, b.Digits)
	x, okX := scale(x, digits-a.Digits)
	y, okY := scale(y, digits-b.Digits)
	return x, y, digits, okX && okY
}

// shortQuotient is how many digits after the point a quotient may have to be
// kept exactly; a float holds the others well enough.
const shortQuotient = 9

// quotient is a / b where it ends within a few digits; missing when b is 0.
func quotient(a, b row.Value) (v row.Value, ok bool) {
	x, y, _, ok := aligned(a, b)
	switch {
	case !ok:
		return v, false
	case y == 0:
		return row.Value{}, true
	case y == -1 && x == math.MinInt64:
		return v, false
	}
	// The digits after the point are rest · 10^9 / y, which is below 10^9.
	q, rest := x/y, x%y
	high, low := bits.Mul64(magnitude(rest), uint64(tens[shortQuotient]))
	after, left := bits.Div64(high, low, magnitude(y))
	if left != 0 {
		return v, false
	}
	fraction := trimmed(int64(after), shortQuotient)
	whole, ok := scale(q, fraction.Digits)
	if !ok {
		return v, false
	}
	if (x < 0) != (y < 0) {
		after = -after
	}
	m, ok := add(whole, int64(after)/tens[shortQuotient-fraction.Digits])
	return row.DecimalOf(m, fraction.Digits), ok
}

// trimmed is mantissa · 10^-digits without zeros at the end.
func trimmed(m int64, digits uint8) row.Value {
	for digits > 0 && m%10 == 0 {
		m, digits = m/10, digits-1
	}
	return row.DecimalOf(m, digits)
}

// tens are the powers of ten that fit an int64.
var tens = func() (t [19]int64) {
	t[0] = 1
	for i := range len(t) - 1 {
		t[i+1] = 10 * t[i]
	}
	return t
}()

// scale is m · 10^by, if it fits.
func scale(m int64, by uint8) (int64, bool) {
	if int(by) >= len(tens) {
		return 0, m == 0
	}
	return multiply(m, tens[by])
}

func add(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0) || b == 0
}

func subtract(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0) || b == 0
}

func multiply(a, b int64) (int64, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if (a < 0) != (b < 0) {
		return -int64(low), high == 0 && low <= -math.MinInt64
	}
	return int64(low), high == 0 && low <= math.MaxInt64
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}
