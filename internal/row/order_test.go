package row

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// kinfolk are values that lie near each other: the same number in several
// forms, neighbours of it, and texts that look like it.
func kinfolk() []Value {
	values := []Value{
		{}, TextOf(""), TextOf("abc"), TextOf("abd"), TextOf("true"), BoolOf(true), BoolOf(false), TextOf("NaN"),
		TextOf("200"), IntOf(200), DecimalOf(2000, 1), FloatOf(200), TextOf("200.0"), TextOf("0200"), TextOf("2e2"), TextOf("+200"),
		IntOf(0), FloatOf(math.Copysign(0, -1)), DecimalOf(0, 3), TextOf("0"), TextOf("-0"), TextOf("-0.5"), DecimalOf(-5, 1),
		FloatOf(0.1), DecimalOf(1, 1), TextOf("0.1"), FloatOf(0.1 + 0.2), DecimalOf(30000000000000004, 17), FloatOf(1.0 / 3),
		FloatOf(1.5e-7), DecimalOf(15, 8), FloatOf(1e-20), FloatOf(1e300), FloatOf(-1e300), FloatOf(math.SmallestNonzeroFloat64),
		IntOf(math.MaxInt64), IntOf(math.MaxInt64 - 1), IntOf(math.MinInt64), FloatOf(1 << 63), FloatOf(-1 << 63),
		IntOf(1<<53 + 1), IntOf(1 << 53), FloatOf(1 << 53), FloatOf(1<<53 + 2), FloatOf(1 << 60), IntOf(1 << 60), IntOf(1152921504606847000),
		DecimalOf(math.MaxInt64, 18), FloatOf(9.223372036854775807), DecimalOf(9007199254740993, 0), DecimalOf(90071992547409931, 1), DecimalOf(1, 18), FloatOf(1e-18), FloatOf(9e-19),
		TimeOf(5_000_000_000), IntOf(5), TimeOf(5_000_000_001), DecimalOf(5000000001, 9), TimeOf(-1), TimeOf(math.MaxInt64), TextOf("1970-01-01T00:00:05Z"),
		ListOf([]Value{IntOf(1), TextOf("a")}), TextOf(`[1,"a"]`), ListOf(nil), TextOf("[]"),
		TextOf("a\x00"), TextOf("\xff"), TextOf("999999999999999999"), TextOf("1000000000000000000"),
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		m, d := rng.Int64()>>rng.IntN(60), uint8(rng.IntN(18))
		f := float64(m) / math.Pow10(int(d))
		values = append(values, DecimalOf(m, d), FloatOf(f), FloatOf(math.Nextafter(f, math.Inf(1))), IntOf(int64(f)), TextOf(DecimalOf(m, d).Text()), TimeOf(m))
	}
	return values
}

func TestOrderAgreesWithKeys(t *testing.T) {
	all := kinfolk()
	for _, a := range all {
		for _, b := range all {
			same := string(a.AppendKey(nil)) == string(b.AppendKey(nil))
			if Equal(a, b) != (same && !a.IsMissing()) {
				t.Errorf("Equal(%s %s, %s %s) is %v, their keys are equal: %v", a.Kind, a.Text(), b.Kind, b.Text(), Equal(a, b), same)
			}
			if (Compare(a, b) == 0) != same {
				t.Errorf("Compare(%s %s, %s %s) is %d, their keys are equal: %v", a.Kind, a.Text(), b.Kind, b.Text(), Compare(a, b), same)
			}
			if Compare(a, b) != -Compare(b, a) {
				t.Errorf("Compare(%s, %s) is %d, the other way round %d", a.Text(), b.Text(), Compare(a, b), Compare(b, a))
			}
		}
	}
}

func TestCompareIsTransitive(t *testing.T) {
	all := kinfolk()
	slices.SortStableFunc(all, Compare)
	for i, a := range all {
		for _, b := range all[i:] {
			if Compare(a, b) > 0 {
				t.Fatalf("sorted, %s %s stands before %s %s, which is less", a.Kind, a.Text(), b.Kind, b.Text())
			}
		}
	}
}

func TestKeysStayDistinctBesideEachOther(t *testing.T) {
	all := kinfolk()
	seen := map[string][2]Value{}
	for _, a := range all {
		for _, b := range all {
			key := string(b.AppendKey(a.AppendKey(nil)))
			if old, ok := seen[key]; ok && !(same(old[0], a) && same(old[1], b)) {
				t.Fatalf("(%s, %s) and (%s, %s) have one key", old[0].Text(), old[1].Text(), a.Text(), b.Text())
			}
			seen[key] = [2]Value{a, b}
		}
	}
}

// A float that was written with all its digits, and taken in as a decimal, is that
// float again.
func TestDecimalFloatIsTheNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		f := rng.Float64() * math.Pow10(rng.IntN(4))
		v := TextOf(strconv.FormatFloat(f, 'f', -1, 64)).Number()
		if v.Kind != Decimal {
			continue
		}
		if got := DecimalFloat(v.Nums(), v.Digits); got != f {
			t.Fatalf("%s is the float %v", v.Text(), got)
		}
	}
	for _, c := range []struct {
		mantissa int64
		digits   uint8
		text     string
	}{{math.MinInt64, 0, "-9223372036854775808"}, {math.MinInt64, 30, "-9223372036854775808e-30"}, {1<<53 + 1, 1, "900719925474099.3"}, {0, 255, "0"}} {
		if want, _ := strconv.ParseFloat(c.text, 64); DecimalFloat(c.mantissa, c.digits) != want {
			t.Errorf("%d · 10^-%d is the float %v, not %v", c.mantissa, c.digits, DecimalFloat(c.mantissa, c.digits), want)
		}
	}
}

func same(a, b Value) bool { return Equal(a, b) || a.IsMissing() && b.IsMissing() }

func TestCompareTable(t *testing.T) {
	for _, c := range []struct {
		a, b Value
		want int
	}{
		{IntOf(9), IntOf(10), -1},
		{TextOf("9"), TextOf("10"), -1},
		{TextOf("9"), TextOf("abc"), -1},
		{TextOf("b"), TextOf("a"), 1},
		{DecimalOf(15, 1), IntOf(1), 1},
		{FloatOf(1.5), DecimalOf(150, 2), 0},
		{IntOf(1), Value{}, -1},
		{TextOf("x"), Value{}, -1},
		{Value{}, Value{}, 0},
		{TimeOf(1e9), IntOf(1), 1},
		{TimeOf(1e9), IntOf(2), -1},
		{TimeOf(1e9), FloatOf(1e30), -1},
		{BoolOf(true), TextOf("true"), 0},
	} {
		if got := Compare(c.a, c.b); got != c.want {
			t.Errorf("Compare(%s %s, %s %s) = %d, want %d", c.a.Kind, c.a.Text(), c.b.Kind, c.b.Text(), got, c.want)
		}
	}
}
