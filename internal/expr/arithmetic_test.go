package expr

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

func TestArithmetic(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"1 + 2", "3"}, {"0.1 + 0.2", "0.3"}, {"1.50 + 1.50", "3"}, {"2 - 5", "-3"}, {"1.5 * 1.5", "2.25"}, {"10 / 2", "5"}, {"1 / 8", "0.125"}, {"-1 / 8", "-0.125"}, {"1 / -8", "-0.125"},
		{"1 / 3", "0.3333333333333333"}, {"7 % 3", "1"}, {"-7 % 3", "-1"}, {"7.5 % 2", "1.5"}, {"1 / 0", ""}, {"1 % 0", ""}, {"1.0 / 0.0", ""},
		{`"1" + "2"`, "3"}, {`"a" + "b"`, "ab"}, {`"a" + 1`, ""}, {`"a" * 2`, ""}, {"null + 1", ""}, {"-null", ""}, {`-"5"`, "-5"}, {"true + 1", ""},
		{"999999999999999999 * 999999999999999999", "1e+36"}, {"0.000000001 * 0.000000001", "0.000000000000000001"},
		{"-9223372036854775808 / 2", "-4611686018427387904"}, {"-9223372036854775808 % 9223372036854775807", "-1"}, {"-9223372036854775808 % -1", "0"}, {"-4611686018427387904 * 2", "-9223372036854775808"},
		{"-9223372036854775808 / -1", "9223372036854776000"}, {"-4611686018427387904 * -2", "9223372036854776000"}, {"-9223372036854775808 * 1", "-9223372036854775808"}, {"now() - -9223372036.854775808", ""},
		{"1 + 007", "8"}, {"-007", "-7"}, {"7 = 007", "true"}, {`"006" < "007"`, "true"}, {"\"00000000000000000001\" = 00000000000000000001", "true"},
		{"1e300 * 1e300", ""}, {"5m", "300"}, {"1.5h - 30m", "3600"}, {"- -3", "3"}, {"2 + 3 * 4", "14"}, {"(2 + 3) * 4", "20"}, {"10 - 2 - 3", "5"},
		{"now() - (now() - 90)", "90"}, {"now() + 0.5", "2026-11-21T12:00:00.500Z"}, {"3600 + now()", "2026-11-21T13:00:00Z"}, {"now() * 2", ""}, {"5 - now()", ""}, {"now() + \"x\"", ""},
		{"now() = 1795262400", "true"}, {"now() > \"2026-11-21\"", "true"}, {"now() <= \"now\"", "true"}, {"1795262401 > now()", "true"},
		{`"b" > "a"`, "true"}, {`"b" > 1`, "false"}, {`10 > "9"`, "true"}, {`"10" > "9"`, "true"}, {`"A" = "a"`, "false"}, {"1 = 1.0", "true"}, {`1 = "1.00"`, "true"}, {"null = null", "false"}, {"null != 1", "false"},
		{`true = "true"`, "true"}, {"not null", "true"}, {"1 < 2 and 2 < 3", "true"}, {"0.30000000000000004 = 0.1 + 0.2", "false"},
	} {
		if got := valueOfText(t, c.text).Text(); got != c.want {
			t.Errorf("%s is %q, want %q", c.text, got, c.want)
		}
	}
}

// Where the result is kept as an integer or a decimal, it is the true one.
func FuzzArithmeticIsExact(f *testing.F) {
	f.Add(int64(15), uint8(1), int64(-25), uint8(2), uint8(0))
	f.Add(int64(math.MinInt64), uint8(0), int64(-1), uint8(0), uint8(3))
	f.Add(int64(1), uint8(18), int64(math.MaxInt64), uint8(0), uint8(2))
	f.Fuzz(func(t *testing.T, m int64, md uint8, n int64, nd, op uint8) {
		a, b, sign := row.DecimalOf(m, md%19), row.DecimalOf(n, nd%19), "+-*/%"[op%5]
		got := operateNumbers(sign, a, b)
		if got.Kind != row.Int && got.Kind != row.Decimal {
			return
		}
		x, y, want := exactly(a), exactly(b), new(big.Rat)
		switch sign {
		case '+':
			want.Add(x, y)
		case '-':
			want.Sub(x, y)
		case '*':
			want.Mul(x, y)
		default:
			want.Quo(x, y)
			if sign == '%' {
				whole := new(big.Rat).SetInt(new(big.Int).Quo(want.Num(), want.Denom()))
				want.Sub(x, whole.Mul(whole, y))
			}
		}
		if exactly(got).Cmp(want) != 0 {
			t.Errorf("%s %c %s = %s, want %s", a.Text(), sign, b.Text(), got.Text(), want.FloatString(30))
		}
	})
}

// The short ways of Floor give what its long one gives.
func TestFloorIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	number := func(sign int64) row.Value {
		switch m, digits := sign*(r.Int64()>>r.IntN(64)), uint8(r.IntN(19)); r.IntN(4) {
		case 0:
			return row.IntOf(m)
		case 1:
			return row.DecimalOf(m, digits)
		case 2:
			return row.FloatOf(float64(m) / math.Pow10(int(digits)))
		}
		return row.FloatOf(float64(sign) * math.Ldexp(r.Float64(), r.IntN(200)-100))
	}
	for range 20000 {
		n, step := number(1-2*r.Int64N(2)), number(1)
		if step.Kind == row.Float {
			step = step.Canonical()
		}
		if row.Compare(step, row.IntOf(0)) == 0 {
			continue
		}
		if got, want := Floor(n, step), floorOfLong(n.Canonical(), step); row.Compare(got, want) != 0 {
			t.Fatalf("%s %s in steps of %s %s is %s, not %s", n.Kind, n.Text(), step.Kind, step.Text(), got.Text(), want.Text())
		}
	}
}
