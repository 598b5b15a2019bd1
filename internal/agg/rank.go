package agg

import (
	"math/bits"
	"strconv"

	"github.com/plumbline/plumbline/internal/row"
)

// Rank is the place, from 0, of a percentile among n sorted numbers; n is
// above 0.
func (c Call) Rank(n int) int {
	num, digits := exactQuantile(c.Quantile)
	return rankAsked{num, digits}.rank(n)
}

// rankAsked is a quantile as an exact fraction, num · 10^-digits.
type rankAsked struct {
	num    int64
	digits uint8
}

// rank is the place, from 0, of the quantile among n sorted numbers:
// ⌈q·n⌉ - 1, and the first for q = 0.
func (a rankAsked) rank(n int) int {
	if int(a.digits) >= len(powersOf10) {
		return 0
	}
	den := uint64(powersOf10[a.digits])
	hi, lo := bits.Mul64(uint64(a.num), uint64(n))
	lo, carry := bits.Add64(lo, den-1, 0)
	at, _ := bits.Div64(hi+carry, lo, den)
	return min(max(int(at), 1), n) - 1
}

// maxPercentDigits after the point leave a percentile with the 15 digits that
// a float64 gives back.
const maxPercentDigits = 12

// parsePercent reads what stands behind p, 0…100, as a quantile.
func parsePercent(text string) (quantile float64, ok bool) {
	v := row.TextOf(text).Number()
	if v.IsMissing() || v.Digits > maxPercentDigits || row.Compare(v, row.IntOf(0)) < 0 || row.Compare(v, row.IntOf(100)) > 0 {
		return 0, false
	}
	return row.DecimalFloat(v.Nums(), v.Digits+2), true
}

// exactQuantile is the decimal that was written for a quantile: the shortest
// one that rounds to it.
func exactQuantile(q float64) (num int64, digits uint8) {
	v := row.TextOf(strconv.FormatFloat(q, 'f', -1, 64)).Number()
	return v.Nums(), v.Digits
}

// percentText is a quantile as a percentage.
func percentText(q float64) string {
	num, digits := exactQuantile(q)
	for ; digits < 2; digits++ {
		num *= 10
	}
	return row.DecimalOf(num, digits-2).Text()
}
