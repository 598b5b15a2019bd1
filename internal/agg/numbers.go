package agg

import (
	"bytes"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// adder takes the numbers of a column, in the order of the rows within one
// call. Both calls lend their slices. Groups are as State.Add has them.
type adder interface {
	// addFixed takes vals[i] · 10^-digits for groups[i].
	addFixed(vals []int64, digits uint8, groups []uint32)
	addFloats(vals []float64, groups []uint32)
}

// numbers reads a column as numbers, whatever it is kept as: integers and
// decimals as integers of one scale, without a copy where they lie so; texts
// that are numbers as those; times as seconds. What is no number is left out.
type numbers struct {
	times, others bool // what was met, see onlyTimes
	asTimes       bool // what is being handed on are times
	nums          []int64
	floats        []float64
	fixedGroups   []uint32
	floatGroups   []uint32
	scales        []uint8 // of nums: digits after the point, or timeScale
	dict          dictNumbers
}

// Times are handed on with timeDigits, which make nanoseconds seconds;
// timeScale tells them from decimals of as many digits.
const (
	timeDigits = 9
	timeScale  = math.MaxUint8
)

// onlyTimes reports whether all numbers met were times, so that a mean or a
// percentile of them is one too.
func (r *numbers) onlyTimes() bool { return r.times && !r.others }

// value is a result of the same kind as the numbers met.
func (r *numbers) value(mantissa int64, digits uint8) row.Value {
	if r.onlyTimes() && digits == timeDigits {
		return row.TimeOf(mantissa)
	}
	return decimalOf(mantissa, digits)
}

// merge takes in what another reader has met.
func (r *numbers) merge(o *numbers) {
	r.times, r.others = r.times || o.times, r.others || o.others
}

// read hands the numbers among n rows to a.
func (r *numbers) read(c *row.Column, n int, groups []uint32, a adder) {
	switch c.Kind {
	case row.Missing, row.Bool, row.List:
		return
	case row.Time:
		r.dense(c.Nums, c.Nulls, timeScale, groups, a)
		return
	case row.Const:
		if c.Nulls != nil {
			break
		}
		r.repeat(c.One.Number(), n, groups, a)
		return
	case row.Int:
		r.dense(c.Nums, c.Nulls, 0, groups, a)
		return
	case row.Float:
		r.plainFloats(c, groups, a)
		return
	case row.Decimal:
		r.decimals(c, n, groups, a)
		return
	case row.Dict:
		if r.dict.of(c.Dict, n) {
			r.coded(c, groups, a)
			return
		}
	}
	r.each(c, n, groups, a)
}

// handFixed hands on numbers of one scale.
func (r *numbers) handFixed(vals []int64, scale uint8, groups []uint32, a adder) {
	if len(vals) == 0 {
		return
	}
	if r.asTimes = scale == timeScale; r.asTimes {
		r.times = true
		scale = timeDigits
	} else {
		r.others = true
	}
	a.addFixed(vals, scale, groups)
}

func (r *numbers) handFloats(groups []uint32, a adder) {
	if len(r.floats) > 0 {
		r.others = true
		a.addFloats(r.floats, groups)
	}
}

// dense hands on integers of one scale.
func (r *numbers) dense(vals []int64, nulls row.Bitmap, scale uint8, groups []uint32, a adder) {
	if nulls == nil {
		r.handFixed(vals, scale, groups, a)
		return
	}
	r.begin()
	for i, v := range vals {
		if !nulls.Has(i) {
			r.nums = append(r.nums, v)
			if len(groups) > 1 {
				r.fixedGroups = append(r.fixedGroups, groups[i])
			}
		}
	}
	r.handFixed(r.nums, scale, ofNumbers(r.fixedGroups, groups), a)
}

// decimals brings mantissas to the scale of the finest.
func (r *numbers) decimals(c *row.Column, n int, groups []uint32, a adder) {
	if len(c.Digits) > 0 && bytes.Count(c.Digits, c.Digits[:1]) == len(c.Digits) { // one column writes most numbers alike
		r.dense(c.Nums, c.Nulls, c.Digits[0], groups, a)
		return
	}
	most, least := uint8(0), uint8(math.MaxUint8)
	for i, d := range c.Digits {
		if c.Nulls == nil || !c.Nulls.Has(i) {
			most, least = max(most, d), min(least, d)
		}
	}
	if most == least {
		r.dense(c.Nums, c.Nulls, most, groups, a)
		return
	}
	r.begin()
	if c.Nulls == nil && r.raise(c.Nums, c.Digits, most, most-least) {
		r.handFixed(r.nums, most, groups, a)
		return
	}
	for i, m := range c.Nums {
		if c.Nulls != nil && c.Nulls.Has(i) {
			continue
		}
		v, ok := scaleUp(m, most-c.Digits[i])
		if !ok {
			r.each(c, n, groups, a)
			return
		}
		r.nums = append(r.nums, v)
		if len(groups) > 1 {
			r.fixedGroups = append(r.fixedGroups, groups[i])
		}
	}
	r.handFixed(r.nums, most, ofNumbers(r.fixedGroups, groups), a)
}

// raise brings mantissas to one scale, the farthest by so many digits, and
// reports whether all fit: a field that leaves out zeros at the end has several.
func (r *numbers) raise(mantissas []int64, digits []uint8, scale, farthest uint8) bool {
	if int(farthest) >= len(powersOf10) {
		return false
	}
	var most [len(powersOf10)]int64 // what fits, by how far it is brought
	for by := range farthest + 1 {
		most[by] = math.MaxInt64 / powersOf10[by]
	}
	nums := slices.Grow(r.nums[:0], len(mantissas))[:len(mantissas)]
	for i, m := range mantissas {
		by := scale - digits[i]
		if m > most[by] || m < -most[by] {
			return false
		}
		nums[i] = m * powersOf10[by]
	}
	r.nums = nums
	return true
}

// coded reads a dictionary column by what its texts were found to be.
func (r *numbers) coded(c *row.Column, groups []uint32, a adder) {
	if !r.dict.any {
		return
	}
	r.begin()
	for i, place := range c.Codes {
		if c.Nulls != nil && c.Nulls.Has(i) || !r.dict.is.Has(int(place)) {
			continue
		}
		r.nums = append(r.nums, r.dict.nums[place])
		if len(groups) > 1 {
			r.fixedGroups = append(r.fixedGroups, groups[i])
		}
	}
	r.handFixed(r.nums, r.dict.digits, ofNumbers(r.fixedGroups, groups), a)
}

// plainFloats leaves out what no answer can print: NaN and infinities.
func (r *numbers) plainFloats(c *row.Column, groups []uint32, a adder) {
	r.begin()
	for i, f := range c.Floats {
		if c.Nulls != nil && c.Nulls.Has(i) || f-f != 0 {
			continue
		}
		r.floats = append(r.floats, f)
		if len(groups) > 1 {
			r.floatGroups = append(r.floatGroups, groups[i])
		}
	}
	r.handFloats(ofNumbers(r.floatGroups, groups), a)
}

// repeat hands on the same number n times.
func (r *numbers) repeat(v row.Value, n int, groups []uint32, a adder) {
	r.begin()
	switch v.Kind {
	case row.Missing:
	case row.Float:
		f, _ := v.Float()
		for range n {
			r.floats = append(r.floats, f)
		}
		r.handFloats(groups, a)
	default:
		for range n {
			r.nums = append(r.nums, v.Nums())
		}
		r.handFixed(r.nums, scaleOf(v), groups, a)
	}
}

// scaleOf is the scale of a number that is no float.
func scaleOf(v row.Value) uint8 {
	if v.Kind == row.Time {
		return timeScale
	}
	return v.Digits
}

// each looks at every row alone, and hands on one run for each scale.
func (r *numbers) each(c *row.Column, n int, groups []uint32, a adder) {
	r.begin()
	for i := range n {
		v := c.Value(i).Number()
		switch v.Kind {
		case row.Missing:
		case row.Float:
			f, _ := v.Float()
			r.floats = append(r.floats, f)
			if len(groups) > 1 {
				r.floatGroups = append(r.floatGroups, groups[i])
			}
		default:
			r.nums, r.scales = append(r.nums, v.Nums()), append(r.scales, scaleOf(v))
			if len(groups) > 1 {
				r.fixedGroups = append(r.fixedGroups, groups[i])
			}
		}
	}
	r.handFloats(ofNumbers(r.floatGroups, groups), a)
	r.byScale(ofNumbers(r.fixedGroups, groups), a)
}

// byScale hands on the numbers read as runs of one scale each.
func (r *numbers) byScale(groups []uint32, a adder) {
	nums, scales := r.nums, r.scales
	for len(nums) > 0 {
		scale, rest := scales[0], 0
		var run []int64
		var to []uint32
		for i, v := range nums {
			if scales[i] == scale {
				run = append(run, v)
				if len(groups) > 1 {
					to = append(to, groups[i])
				}
				continue
			}
			nums[rest], scales[rest] = v, scales[i]
			if len(groups) > 1 {
				groups[rest] = groups[i]
			}
			rest++
		}
		r.handFixed(run, scale, ofNumbers(to, groups), a)
		nums = nums[:rest]
	}
}

func (r *numbers) begin() {
	r.nums, r.floats, r.scales = r.nums[:0], r.floats[:0], r.scales[:0]
	r.fixedGroups, r.floatGroups = r.fixedGroups[:0], r.floatGroups[:0]
}

// ofNumbers are the groups of the numbers read: own, unless all rows have one.
func ofNumbers(own, groups []uint32) []uint32 {
	if len(groups) <= 1 {
		return groups
	}
	return own
}

// dictNumbers are the texts of the dictionary last read, as numbers of one
// scale.
type dictNumbers struct {
	dict   *row.Dictionary
	usable bool
	any    bool
	digits uint8
	is     row.Bitmap
	nums   []int64
}

// of prepares a dictionary and reports whether its numbers have one scale. It
// is not worth while for few rows of a large one.
func (d *dictNumbers) of(dict *row.Dictionary, n int) bool {
	if d.dict == dict {
		return d.usable
	}
	if dict.Len() > sparseUse*n {
		return false
	}
	if dict.Wordish() {
		*d = dictNumbers{dict: dict, usable: true}
		return true
	}
	*d = dictNumbers{dict: dict, usable: true, is: row.NewBitmap(dict.Len()), nums: make([]int64, dict.Len())}
	digits := make([]uint8, dict.Len())
	for place := range dict.Len() {
		if v := row.TextOf(dict.At(uint32(place))).Number(); v.Kind != row.Missing {
			d.any = true
			d.is.Set(place)
			d.nums[place], digits[place] = v.Nums(), v.Digits
			d.digits = max(d.digits, v.Digits)
		}
	}
	for place := range d.is.Rows {
		var ok bool
		if d.nums[place], ok = scaleUp(d.nums[place], d.digits-digits[place]); !ok {
			d.usable = false
		}
	}
	return d.usable
}

// isNumber reports whether the text at a place is a number, which is known of the
// dictionary last read.
func (d *dictNumbers) isNumber(dict *row.Dictionary, place uint32) bool {
	if d.dict == dict {
		return d.any && d.is.Has(int(place))
	}
	return isNumber(dict.At(place))
}

var powersOf10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// scaleUp is m · 10^by, if it fits.
func scaleUp(m int64, by uint8) (int64, bool) {
	if by == 0 || m == 0 {
		return m, true
	}
	if int(by) >= len(powersOf10) {
		return 0, false
	}
	p := powersOf10[by]
	if m > math.MaxInt64/p || m < math.MinInt64/p {
		return 0, false
	}
	return m * p, true
}
