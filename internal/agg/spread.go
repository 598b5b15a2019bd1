package agg

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/plumbline/plumbline/internal/row"
)

var varFunc = Func{
	Name: "var", Params: "x", Min: 1, Max: 1, Family: "spread",
	Summary: "Sample variance of the numbers in x; needs two of them.",
	New:     newSpreads,
}

var stdevFunc = Func{
	Name: "stdev", Params: "x", Min: 1, Max: 1, Family: "spread",
	Summary: "Sample standard deviation of the numbers in x; needs two of them.",
	New:     newSpreads,
}

// spreads keeps, of integers and decimals, the exact sums of the numbers and
// of their squares; of floats, the squared distance from the mean, which does
// not cancel as sums of squares do.
type spreads struct {
	calls  []Call
	reader numbers
	fixed  byScale[fixedSpread]
	floats []floatSpread // nil until a float comes
}

// fixedSpread is a sum and a 192-bit sum of squares, lowest word first: no
// number of rows that fits a disk overflows it.
type fixedSpread struct {
	fixedSum
	squares [3]uint64
}

// floatSpread is kept after Welford and merged after Chan.
type floatSpread struct {
	n        float64
	mean, m2 float64
}

func newSpreads(calls []Call, _ Env) State { return &spreads{calls: calls} }

func (s *spreads) Grow(n int) {
	s.fixed.grow(n)
	if s.floats != nil {
		s.floats = grown(s.floats, n)
	}
}

func (s *spreads) Add(args []row.Column, n int, groups []uint32) {
	s.reader.read(&args[0], n, groups, s)
}

func (s *spreads) addFixed(vals []int64, digits uint8, groups []uint32) {
	of := s.fixed.at(digits)
	for i, v := range vals {
		c := &of[groupOf(groups, i)]
		c.add(uint64(v), v>>63)
		c.n++
		u := uint64(max(v, -v)) // the least int64 is its own opposite, and right as unsigned
		hi, lo := bits.Mul64(u, u)
		c.addSquares([3]uint64{lo, hi})
	}
}

func (c *fixedSpread) addSquares(o [3]uint64) {
	var carry uint64
	for w := range c.squares {
		c.squares[w], carry = bits.Add64(c.squares[w], o[w], carry)
	}
}

func (s *spreads) addFloats(vals []float64, groups []uint32) {
	s.needFloats()
	for i, v := range vals {
		s.floats[groupOf(groups, i)].add(v)
	}
}

func (s *spreads) needFloats() {
	if s.floats == nil {
		s.floats = make([]floatSpread, s.fixed.groups)
	}
}

func (s *floatSpread) add(v float64) {
	s.n++
	d := v - s.mean
	s.mean += d / s.n
	s.m2 += d * (v - s.mean)
}

func (s *floatSpread) merge(o floatSpread) {
	if s.n == 0 || o.n == 0 {
		if s.n == 0 {
			*s = o
		}
		return
	}
	n := s.n + o.n
	d := o.mean - s.mean
	s.mean += d * o.n / n
	s.m2 += o.m2 + d*d*s.n*o.n/n
	s.n = n
}

func (s *spreads) Merge(other State, to []uint32) {
	o := other.(*spreads)
	for _, from := range o.fixed.list {
		of := s.fixed.at(from.scale)
		for g, c := range from.of {
			d := &of[to[g]]
			d.merge(c.fixedSum)
			d.addSquares(c.squares)
		}
	}
	if o.floats != nil {
		s.needFloats()
	}
	for g, f := range o.floats {
		s.floats[to[g]].merge(f)
	}
}

func (s *spreads) Finish(n int) []row.Column {
	out := make([]row.Column, len(s.calls))
	for k, call := range s.calls {
		vals := make([]row.Value, n)
		for g := range vals {
			v, ok := s.variance(g)
			if !ok {
				continue
			}
			if call.Func == &stdevFunc {
				v = math.Sqrt(v)
			}
			vals[g] = row.FloatOf(v)
		}
		out[k] = columnOf("", vals)
	}
	return out
}

// variance is the sample variance of a group; there is none below two numbers.
func (s *spreads) variance(g int) (float64, bool) {
	var whole []oneScale[fixedSpread]
	for _, part := range s.fixed.list {
		if part.of[g].n > 0 {
			whole = append(whole, part)
		}
	}
	floats := floatSpread{}
	if s.floats != nil {
		floats = s.floats[g]
	}
	if len(whole) == 1 && floats.n == 0 {
		if v, ok := whole[0].of[g].variance(whole[0].scale); ok {
			return v, true
		}
	}
	if len(whole) > 0 {
		floats.merge(exactSpread(whole, g))
	}
	if floats.n < 2 {
		return 0, false
	}
	return floats.m2 / (floats.n - 1), true
}

// variance is (n·Σx² - (Σx)²) / (n·(n-1)) where both products fit 128 bits.
func (c *fixedSpread) variance(digits uint8) (float64, bool) {
	sum := int64(c.lo)
	if c.n < 2 || c.hi != sum>>63 || c.squares[1] != 0 || c.squares[2] != 0 {
		return 0, false
	}
	u := uint64(max(sum, -sum))
	hi, lo := bits.Mul64(c.squares[0], uint64(c.n))
	hi2, lo2 := bits.Mul64(u, u)
	lo, borrow := bits.Sub64(lo, lo2, 0)
	hi, _ = bits.Sub64(hi, hi2, borrow)
	over := float64(hi)*(1<<64) + float64(lo)
	return over / (float64(c.n) * float64(c.n-1)) / math.Pow10(2*int(digits)), true
}

// exactSpread is all integers and decimals of a group, rounded once.
func exactSpread(parts []oneScale[fixedSpread], g int) floatSpread {
	n, sum, squares := int64(0), new(big.Rat), new(big.Rat)
	for _, part := range parts {
		c := &part.of[g]
		n += c.n
		sum.Add(sum, c.rat(part.scale))
		m := new(big.Int)
		for w := len(c.squares) - 1; w >= 0; w-- {
			m.Add(m.Lsh(m, 64), new(big.Int).SetUint64(c.squares[w]))
		}
		squares.Add(squares, new(big.Rat).SetFrac(m, powerOf10(2*int(part.scale))))
	}
	mean := new(big.Rat).Quo(sum, new(big.Rat).SetInt64(n))
	squares.Sub(squares, sum.Mul(sum, mean))
	out := floatSpread{n: float64(n)}
	out.mean, _ = mean.Float64()
	out.m2, _ = squares.Float64()
	return out
}

func (s *spreads) MemBytes() int { return 24*cap(s.floats) + 48*s.fixed.slots() }

func (s *spreads) Approximate() bool { return false }
