package agg

import (
	"math"
	"math/big"
	"math/bits"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

var sumFunc = Func{
	Name: "sum", Params: "x", Min: 1, Max: 1, Family: "sum",
	Summary: "Sum of the numbers in x: exact for integers and decimals while its digits fit 64 bits, the nearest floating-point number beyond.",
	New:     newSums,
}

var avgFunc = Func{
	Name: "avg", Aliases: []string{"mean"}, Params: "x", Min: 1, Max: 1, Family: "sum",
	Summary: "Mean of the numbers in x: the exact sum over their count.",
	New:     newSums,
}

// sums adds numbers: integers and decimals in 128 bits, so that nothing is
// ever rounded; floats with what rounding lost carried along.
type sums struct {
	calls  []Call
	reader numbers
	fixed  byScale[fixedSum]
	floats []floatSum // nil until a float comes
	words  []wordSum  // of the numbers being added
}

// wordSum is a fixedSum that fits one word.
type wordSum struct{ sum, n int64 }

// fixedSum is a 128-bit integer and how many numbers it is the sum of.
type fixedSum struct {
	lo uint64
	hi int64
	n  int64
}

// floatSum is a sum after Neumaier.
type floatSum struct {
	sum, lost float64
	n         int64
}

func newSums(calls []Call, _ Env) State { return &sums{calls: calls} }

func (s *sums) Grow(n int) {
	s.fixed.grow(n)
	if s.floats != nil {
		s.floats = grown(s.floats, n)
	}
}

func (s *sums) Add(args []row.Column, n int, groups []uint32) {
	s.reader.read(&args[0], n, groups, s)
}

func (s *sums) addFixed(vals []int64, digits uint8, groups []uint32) {
	of := s.fixed.at(digits)
	if g, ok := oneGroup(groups); ok {
		of[g].addAll(vals)
		return
	}
	if manyEach*len(of) <= len(vals) && s.addByWord(of, vals, groups) {
		return
	}
	for i, v := range vals {
		c := &of[groups[i]]
		c.add(uint64(v), v>>63)
		c.n++
	}
}

// manyEach is how many numbers a group must have, on the average, for it to pay that
// they are added up in one word first.
const manyEach = 8

// fitsWord reports whether no sum of some of n numbers leaves 64 bits. beyond has what
// each of them has beside the bits of its sign.
func fitsWord(beyond int64, n int) bool { return bits.Len64(uint64(beyond))+bits.Len(uint(n)) < 64 }

// addByWord adds numbers whose sums surely fit one word, and reports whether they do.
func (s *sums) addByWord(of []fixedSum, vals []int64, groups []uint32) bool {
	s.words = slices.Grow(s.words[:0], len(of))[:len(of)]
	clear(s.words)
	words, beyond := s.words, int64(0)
	groups = groups[:len(vals)]
	for i, v := range vals {
		w := &words[groups[i]]
		w.sum += v
		w.n++
		beyond |= v ^ v>>63
	}
	if !fitsWord(beyond, len(vals)) {
		return false
	}
	for g, w := range words {
		of[g].merge(fixedSum{uint64(w.sum), w.sum >> 63, w.n})
	}
	return true
}

// addAll adds numbers of one group.
func (c *fixedSum) addAll(vals []int64) {
	sum, beyond := int64(0), int64(0)
	for _, v := range vals {
		sum += v
		beyond |= v ^ v>>63
	}
	if fitsWord(beyond, len(vals)) {
		c.merge(fixedSum{uint64(sum), sum >> 63, int64(len(vals))})
		return
	}
	for _, v := range vals {
		c.add(uint64(v), v>>63)
	}
	c.n += int64(len(vals))
}

func (c *fixedSum) add(lo uint64, hi int64) {
	var carry uint64
	c.lo, carry = bits.Add64(c.lo, lo, 0)
	c.hi += hi + int64(carry)
}

func (c *fixedSum) merge(o fixedSum) {
	c.add(o.lo, o.hi)
	c.n += o.n
}

func (s *sums) addFloats(vals []float64, groups []uint32) {
	s.needFloats()
	for i, v := range vals {
		g := groupOf(groups, i)
		s.floats[g].add(v)
		s.floats[g].n++
	}
}

func (s *sums) needFloats() {
	if s.floats == nil {
		s.floats = make([]floatSum, s.fixed.groups)
	}
}

func (c *floatSum) add(v float64) {
	t := c.sum + v
	if math.Abs(c.sum) >= math.Abs(v) {
		c.lost += (c.sum - t) + v
	} else {
		c.lost += (v - t) + c.sum
	}
	c.sum = t
}

func (s *sums) Merge(other State, to []uint32) {
	o := other.(*sums)
	s.reader.merge(&o.reader)
	for _, from := range o.fixed.list {
		of := s.fixed.at(from.scale)
		for g, c := range from.of {
			of[to[g]].merge(c)
		}
	}
	if o.floats != nil {
		s.needFloats()
	}
	for g, c := range o.floats {
		d := &s.floats[to[g]]
		d.add(c.sum)
		d.lost += c.lost
		d.n += c.n
	}
}

func (s *sums) Finish(n int) []row.Column {
	out := make([]row.Column, len(s.calls))
	for k, call := range s.calls {
		vals := make([]row.Value, n)
		for g := range vals {
			t := s.total(g)
			if call.Func == &avgFunc {
				vals[g] = t.mean(&s.reader)
			} else {
				vals[g] = t.value()
			}
		}
		out[k] = columnOf("", vals)
	}
	return out
}

func (s *sums) MemBytes() int { return 24*(cap(s.floats)+s.fixed.slots()) + 16*cap(s.words) }

func (s *sums) Approximate() bool { return false }

// total is what a group adds up to: small · 10^-digits when that fits, else
// exact; and a float beside.
type total struct {
	n      int64
	small  int64
	digits uint8
	exact  *big.Rat // nil: small
	float  float64
	floats bool
}

func (s *sums) total(g int) total {
	var t total
	parts := 0
	for _, part := range s.fixed.list {
		c := &part.of[g]
		if c.n == 0 {
			continue
		}
		t.n += c.n
		parts++
		if parts == 1 && c.hi == int64(c.lo)>>63 {
			t.small, t.digits = int64(c.lo), part.scale
			continue
		}
		if t.exact == nil {
			t.exact = ratOf(t.small, t.digits)
		}
		t.exact.Add(t.exact, c.rat(part.scale))
	}
	if s.floats != nil && s.floats[g].n > 0 {
		t.n += s.floats[g].n
		t.float, t.floats = s.floats[g].sum+s.floats[g].lost, true
	}
	return t
}

func (c *fixedSum) rat(digits uint8) *big.Rat {
	m := new(big.Int).Lsh(big.NewInt(c.hi), 64)
	m.Add(m, new(big.Int).SetUint64(c.lo))
	return new(big.Rat).SetFrac(m, powerOf10(int(digits)))
}

func ratOf(mantissa int64, digits uint8) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(mantissa), powerOf10(int(digits)))
}

func powerOf10(digits int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
}

// value is the sum: a decimal when it is exact and fits one, missing without
// numbers.
func (t *total) value() row.Value {
	switch {
	case t.n == 0:
		return row.Value{}
	case t.floats:
		return row.FloatOf(t.rounded() + t.float)
	case t.exact == nil:
		return decimalOf(t.small, t.digits)
	}
	if v, ok := decimalOfRat(t.exact); ok {
		return v
	}
	return row.FloatOf(t.rounded())
}

// decimalOfRat is r as a decimal, if an int64 can be its mantissa.
func decimalOfRat(r *big.Rat) (row.Value, bool) {
	digits, _ := r.FloatPrec()
	m := new(big.Int).Mul(r.Num(), powerOf10(digits))
	m.Quo(m, r.Denom())
	if !m.IsInt64() {
		return row.Value{}, false
	}
	return row.DecimalOf(m.Int64(), uint8(digits)), true
}

func (t *total) rounded() float64 {
	if t.exact == nil {
		return row.DecimalFloat(t.small, t.digits)
	}
	f, _ := t.exact.Float64()
	return f
}

// mean is the sum over the count, rounded once.
func (t *total) mean(r *numbers) row.Value {
	switch {
	case t.n == 0:
		return row.Value{}
	case t.floats:
		return row.FloatOf((t.rounded() + t.float) / float64(t.n))
	case r.onlyTimes() && t.exact == nil:
		return row.TimeOf(t.small / t.n)
	}
	// Both sides are exact as floats below 2^53, so one division rounds once.
	if t.exact == nil && int(t.digits) < len(powersOf10) {
		under, ok := scaleUp(t.n, t.digits)
		if ok && under < 1<<53 && t.small < 1<<53 && t.small > -1<<53 {
			return row.FloatOf(float64(t.small) / float64(under))
		}
	}
	sum := t.exact
	if sum == nil {
		sum = ratOf(t.small, t.digits)
	}
	mean := new(big.Rat).Quo(sum, new(big.Rat).SetInt64(t.n))
	if r.onlyTimes() {
		ns := new(big.Rat).Mul(mean, new(big.Rat).SetInt64(powersOf10[timeDigits]))
		return row.TimeOf(new(big.Int).Quo(ns.Num(), ns.Denom()).Int64())
	}
	f, _ := mean.Float64()
	return row.FloatOf(f)
}
