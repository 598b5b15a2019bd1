package row

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/keyval"
)

// Numbers have one order and one equality, whatever form they are in, and a
// float stands for the decimal people see: its shortest text. Equal, Compare
// and AppendKey agree: two values are equal just when their keys are, and just
// when neither comes before the other. A time is ordered among numbers as its
// Unix seconds, after the number of the same size, to which it is not equal.

// Equal reports whether two values are the same: numbers by size, whatever
// form they are in, everything else by its text. Missing equals nothing.
func Equal(a, b Value) bool {
	if a.Kind == Missing || b.Kind == Missing {
		return false
	}
	if a.Kind == Text && b.Kind == Text && a.str == b.str {
		return true
	}
	na, nb := a.Number(), b.Number()
	if na.Kind != Missing && nb.Kind != Missing {
		return compareNumbers(na, nb) == 0
	}
	if na.Kind != Missing || nb.Kind != Missing {
		return false
	}
	return a.Text() == b.Text()
}

// Compare orders values for sort: numbers by size, then texts by their bytes,
// then what is missing.
func Compare(a, b Value) int {
	na, nb := a.Number(), b.Number()
	ra, rb := rank(a, na), rank(b, nb)
	if ra != rb {
		return cmp.Compare(ra, rb)
	}
	switch ra {
	case 0:
		return compareNumbers(na, nb)
	case 1:
		if a.Kind == Text && b.Kind == Text {
			return strings.Compare(a.str, b.str)
		}
		return strings.Compare(a.Text(), b.Text())
	}
	return 0
}

func rank(v, number Value) int {
	switch {
	case number.Kind != Missing:
		return 0
	case v.Kind != Missing:
		return 1
	}
	return 2
}

// Canonical is a number in the one form that all numbers equal to it share: an
// Int, a Decimal without zeros at its end, or a Float that neither can hold. A
// Time is itself. It is missing when the value is no number.
func (v Value) Canonical() Value {
	n := v.Number()
	switch n.Kind {
	case Int, Decimal:
		return trim(n.num, n.Digits)
	case Float:
		f := n.float()
		a := math.Abs(f)
		if a < 1<<53 && f == math.Trunc(f) {
			return IntOf(int64(f))
		}
		var buf [64]byte
		// Below the least decimal of 18 digits the text would only grow long.
		if a >= 1e-18 && a <= 1<<63 {
			if m, d, ok := keyval.ParseDecimal(strconv.AppendFloat(buf[:0], f, 'f', -1, 64)); ok {
				return trim(m, d)
			}
		}
	}
	return n
}

// trim is mantissa · 10^-digits without zeros after the point.
func trim(m int64, digits uint8) Value {
	for digits > 0 && m%10 == 0 {
		m, digits = m/10, digits-1
	}
	return DecimalOf(m, digits)
}

// compareNumbers compares two numbers exactly.
func compareNumbers(a, b Value) int {
	switch {
	case a.Kind == Float && b.Kind == Float:
		return cmp.Compare(a.float(), b.float())
	case a.Kind == Time && b.Kind == Time:
		return cmp.Compare(a.num, b.num)
	case a.Kind == Time:
		return -compareNumbers(b, a)
	case b.Kind == Time:
		if c := compareNumbers(a, Value{Kind: Decimal, num: b.num, Digits: 9}); c != 0 {
			return c
		}
		return -1
	case a.Kind == Float:
		return -compareNumbers(b, a)
	case b.Kind == Float:
		return compareWithFloat(a, b)
	}
	return compareDecimals(a, b)
}

// compareWithFloat compares an Int or Decimal with a Float.
func compareWithFloat(a, b Value) int {
	fa, _ := a.Float()
	fb := b.float()
	// Two numbers that are near each other may be the same float, or be taken
	// for neighbours by the rounding of fa.
	if math.Abs(fa-fb) > math.Abs(fb)*1e-12 {
		return cmp.Compare(fa, fb)
	}
	exact := b.Canonical()
	if exact.Kind != Float {
		return compareDecimals(a, exact)
	}
	shown, _ := new(big.Rat).SetString(b.Text())
	return bigDecimal(a).Cmp(shown)
}

func compareDecimals(a, b Value) int {
	if a.Digits == b.Digits {
		return cmp.Compare(a.num, b.num)
	}
	if a.Digits > b.Digits {
		return -compareDecimals(b, a)
	}
	if m, ok := scaleUp(a.num, b.Digits-a.Digits); ok {
		return cmp.Compare(m, b.num)
	}
	return bigDecimal(a).Cmp(bigDecimal(b))
}

// scaleUp is m · 10^by, if it fits.
func scaleUp(m int64, by uint8) (int64, bool) {
	for range by {
		if m > math.MaxInt64/10 || m < math.MinInt64/10 {
			return 0, false
		}
		m *= 10
	}
	return m, true
}

func bigDecimal(v Value) *big.Rat {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v.Digits)), nil)
	return new(big.Rat).SetFrac(big.NewInt(v.num), den)
}

// The first byte of a key.
const (
	keyMissing = 0
	keyNumber  = 1
	keyFloat   = 2
	keyTime    = 3
	keyText    = 4
)

// AppendKey appends a form that is equal for two values exactly when they
// group as one: 200 and "200", 1.5 and 1.50. A missing value has the key of
// one zero byte. Keys put one after the other stay distinct.
func (v Value) AppendKey(dst []byte) []byte {
	if v.Kind == Missing {
		return append(dst, keyMissing)
	}
	switch n := v.Canonical(); n.Kind {
	case Int, Decimal:
		return appendUint64(append(dst, keyNumber, n.Digits), uint64(n.num))
	case Float:
		return appendUint64(append(dst, keyFloat), uint64(n.num))
	case Time:
		return appendUint64(append(dst, keyTime), uint64(n.num))
	}
	dst = append(dst, keyText)
	at := len(dst)
	dst = appendUint64(dst, 0)
	dst = v.AppendText(dst)
	binary.LittleEndian.PutUint64(dst[at:], uint64(len(dst)-at-8))
	return dst
}

func appendUint64(dst []byte, u uint64) []byte { return binary.LittleEndian.AppendUint64(dst, u) }
