package colfile

import (
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// digitRule says how many digits stand after the point of the decimals of a
// chunk, so that their text comes back exactly.
type digitRule struct {
	kind  digitKind
	scale uint8 // the numbers are kept as mantissa · 10^-scale
	least uint8 // digitsTrimmed: fewer are not written
}

type digitKind uint8

const (
	digitsAll     digitKind = iota // every value has scale digits: 1.50, 0.25
	digitsTrimmed                  // zeros at the end are not written: 1.5, 0.25, 3
	digitsEach                     // no rule: a digit count a value, before the numbers of a page
	digitKinds
)

// ruleOf finds the rule of decimals and brings them to one scale. nums may be
// written.
func ruleOf(nums []int64, digits []uint8) digitRule {
	scale, least := uint8(0), uint8(math.MaxUint8)
	for _, d := range digits {
		scale, least = max(scale, d), min(least, d)
	}
	if scale == least {
		return digitRule{kind: digitsAll, scale: scale}
	}
	rule := digitRule{kind: digitsTrimmed, scale: scale, least: least}
	if scale > 18 || !scaled(nums, digits, scale, false) {
		return digitRule{kind: digitsEach}
	}
	for i, n := range nums {
		if _, d := rule.trim(n * pow10[scale-digits[i]]); d != digits[i] {
			return digitRule{kind: digitsEach}
		}
	}
	scaled(nums, digits, scale, true)
	return rule
}

// scaled reports whether all numbers fit at one scale, and brings them there
// when asked to.
func scaled(nums []int64, digits []uint8, scale uint8, apply bool) bool {
	for i, n := range nums {
		by := pow10[scale-digits[i]]
		if n > math.MaxInt64/by || n < math.MinInt64/by {
			return false
		}
		if apply {
			nums[i] = n * by
		}
	}
	return true
}

var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// trim is the number without the zeros that were not written, and its digits.
func (r digitRule) trim(n int64) (mantissa int64, digits uint8) {
	digits = r.scale
	for digits > r.least && n%10 == 0 {
		n /= 10
		digits--
	}
	return n, digits
}

// restore gives numbers at one scale their written form.
func (r digitRule) restore(c *row.Column) {
	c.Digits = slices.Grow(c.Digits, len(c.Nums))[:len(c.Nums)]
	if r.kind == digitsAll {
		repeat(c.Digits, r.scale)
		return
	}
	for i, n := range c.Nums {
		if n%10 != 0 {
			c.Digits[i] = r.scale
			continue
		}
		c.Nums[i], c.Digits[i] = r.trim(n)
	}
}

// repeat fills a list with one byte, doubling what is there.
func repeat(list []byte, b byte) {
	if len(list) == 0 {
		return
	}
	list[0] = b
	for n := 1; n < len(list); n *= 2 {
		copy(list[n:], list[:n])
	}
}
