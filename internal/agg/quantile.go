package agg

import (
	"math"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
	"github.com/plumbline/plumbline/internal/row"
)

var percentileFunc = Func{
	Name: percentileName, Params: "x", Min: 1, Max: 1, Family: "quantile",
	Summary: "p0…p100, also p99.9: the smallest number in x that at least so many percent of them do not exceed (nearest rank).",
	New:     newQuantiles,
}

var medianFunc = Func{
	Name: "median", Params: "x", Min: 1, Max: 1, Family: "quantile",
	Summary: "The same as p50: of an even count the lower of the two in the middle.",
	New:     newQuantiles,
}

// quantiles collects the numbers of each group as integers of one order: all
// at one scale, or, where no scale fits, floats by ordered bits, and beside them
// the numbers that are none. Beyond the bound, groups of many numbers turn into
// sketches.
type quantiles struct {
	calls    []Call
	maxBytes int
	reader   numbers
	digits   uint8         // the scale of piles
	floating bool          // piles hold ordered bits of floats
	long     longNumbers   // and these are no floats; empty once there are sketches
	narrow   []pile[int32] // in place of piles while all numbers fit them
	wide     bool          // they do not
	piles    []pile[int64]
	held     int // numbers in piles
	scaled   []int64
	mapping  mapping.IndexMapping
	sketches []*ddsketch.DDSketch // by group; nil while all is exact
	sketched int
	shared   bool
}

// sketchError is the relative error of a percentile from a sketch.
const sketchError = 0.01

// sketchBytes is about what a sketch takes: values over four decades are 460
// buckets of 8 bytes.
const sketchBytes = 4 << 10

// minSketched is how many numbers a sketch must stand for to be smaller than
// they are.
const minSketched = 2 * sketchBytes / 8

func newQuantiles(calls []Call, env Env) State {
	return &quantiles{calls: calls, maxBytes: env.MaxBytes}
}

func (s *quantiles) Grow(n int) {
	if s.wide {
		s.piles = grown(s.piles, n)
	} else {
		s.narrow = grown(s.narrow, n)
	}
	if s.sketches != nil {
		s.sketches = grown(s.sketches, n)
	}
}

func (s *quantiles) Add(args []row.Column, n int, groups []uint32) {
	s.reader.read(&args[0], n, groups, s)
	s.bound()
}

func (s *quantiles) addFixed(vals []int64, digits uint8, groups []uint32) {
	if s.floating {
		s.scaled = s.scaled[:0]
		for i, v := range vals {
			s.scaled = append(s.scaled, s.toFloat(v, digits, groupOf(groups, i)))
		}
		s.append(s.scaled, groups)
		return
	}
	if digits > s.digits && !s.rescale(digits) {
		s.addFixed(vals, digits, groups)
		return
	}
	if digits == s.digits {
		s.append(vals, groups)
		return
	}
	s.scaled = s.scaled[:0]
	for _, v := range vals {
		up, ok := scaleUp(v, s.digits-digits)
		if !ok {
			s.toFloats()
			s.addFixed(vals, digits, groups)
			return
		}
		s.scaled = append(s.scaled, up)
	}
	s.append(s.scaled, groups)
}

func (s *quantiles) addFloats(vals []float64, groups []uint32) {
	s.toFloats()
	s.scaled = s.scaled[:0]
	for _, v := range vals {
		s.scaled = append(s.scaled, orderedBits(v))
	}
	s.append(s.scaled, groups)
}

// append adds integers in the form of the piles.
func (s *quantiles) append(vals []int64, groups []uint32) {
	if s.sketches != nil {
		for i, v := range vals {
			s.appendOne(v, groupOf(groups, i))
		}
		return
	}
	s.held += len(vals)
	if !s.wide {
		n := addRuns(s.narrow, vals, groups)
		if n == len(vals) {
			return
		}
		s.widen()
		if vals = vals[n:]; len(groups) > 1 {
			groups = groups[n:]
		}
	}
	addRuns(s.piles, vals, groups)
}

// widen makes room for numbers of 64 bits.
func (s *quantiles) widen() {
	if s.wide {
		return
	}
	s.wide, s.piles = true, make([]pile[int64], len(s.narrow))
	for g := range s.narrow {
		for vals := range s.narrow[g].each {
			addAll(&s.piles[g], vals)
		}
	}
	s.narrow = nil
}

// appendOne adds a number where some groups are sketches.
func (s *quantiles) appendOne(v int64, g uint32) {
	if s.sketches[g] != nil {
		s.sketch(g, s.float(v), 1)
		return
	}
	s.piles[g].add(v)
	s.held++
	if p := &s.piles[g]; len(p.last) == cap(p.last) && p.len() >= minSketched {
		s.toSketch(g)
	}
}

// rescale brings all piles to more digits. When that does not fit, they are
// floats from now on, and it reports false.
func (s *quantiles) rescale(digits uint8) bool {
	if s.held == 0 {
		s.digits = digits
		return true
	}
	s.widen()
	by := digits - s.digits
	for vals := range s.all {
		for _, v := range vals {
			if _, ok := scaleUp(v, by); !ok {
				s.toFloats()
				return false
			}
		}
	}
	for vals := range s.all {
		for i, v := range vals {
			vals[i], _ = scaleUp(v, by)
		}
	}
	s.digits = digits
	return true
}

func (s *quantiles) toFloats() {
	if s.floating {
		return
	}
	s.widen()
	for g := range s.piles {
		for vals := range s.piles[g].each {
			for i, v := range vals {
				vals[i] = s.toFloat(v, s.digits, uint32(g))
			}
		}
	}
	s.floating = true
}

// toFloat is a number of a group as the ordered bits of the float nearest to it.
func (s *quantiles) toFloat(mantissa int64, digits uint8, group uint32) int64 {
	f := row.DecimalFloat(mantissa, digits)
	if s.sketches == nil {
		s.long.add(mantissa, digits, f, group)
	}
	return orderedBits(f)
}

// all calls yield with the numbers of all piles.
func (s *quantiles) all(yield func([]int64) bool) {
	for g := range s.piles {
		for vals := range s.piles[g].each {
			if !yield(vals) {
				return
			}
		}
	}
}

// orderedBits maps floats to integers of the same order.
func orderedBits(f float64) int64 {
	b := int64(math.Float64bits(f + 0)) // -0 + 0 is 0
	if b < 0 {
		b ^= math.MaxInt64
	}
	return b
}

func fromOrderedBits(b int64) float64 {
	if b < 0 {
		b ^= math.MaxInt64
	}
	return math.Float64frombits(uint64(b))
}

func (s *quantiles) float(v int64) float64 {
	if s.floating {
		return fromOrderedBits(v)
	}
	return row.DecimalFloat(v, s.digits)
}

// bound turns groups into sketches when too much is held.
func (s *quantiles) bound() {
	if s.maxBytes == 0 || s.sketches != nil || s.MemBytes() <= s.maxBytes {
		return
	}
	s.beginSketches()
	for g := range s.piles {
		if s.piles[g].len() >= minSketched {
			s.toSketch(uint32(g))
		}
	}
}

func (s *quantiles) beginSketches() {
	s.widen()
	s.long = longNumbers{}
	s.sketches = make([]*ddsketch.DDSketch, len(s.piles))
	s.mapping, _ = mapping.NewLogarithmicMapping(sketchError) // fails only for an error not between 0 and 1
}

func (s *quantiles) toSketch(g uint32) {
	s.sketches[g] = ddsketch.NewDDSketchFromStoreProvider(s.mapping, store.DefaultProvider)
	s.sketched++
	for vals := range s.piles[g].each {
		for _, v := range vals {
			s.sketch(g, s.float(v), 1)
		}
		s.held -= len(vals)
	}
	s.piles[g] = pile[int64]{}
}

// sketch adds a number to the sketch of a group; what is beyond the largest
// that a sketch can place counts as that.
func (s *quantiles) sketch(g uint32, v, count float64) {
	limit := s.mapping.MaxIndexableValue()
	_ = s.sketches[g].AddWithCount(max(-limit, min(limit, v)), count) // fails only beyond the limit
}

func (s *quantiles) Merge(other State, to []uint32) {
	o := other.(*quantiles)
	s.reader.merge(&o.reader)
	if o.shared {
		s.mergeShared(o, to)
		return
	}
	s.align(o)
	if o.sketches != nil && s.sketches == nil {
		s.beginSketches()
	}
	s.held += o.held
	s.mergeLong(o, to)
	for g := range o.narrow {
		s.narrow[to[g]].take(&o.narrow[g])
	}
	for g := range o.piles {
		s.mergePile(to[g], &o.piles[g])
		if o.sketches != nil && o.sketches[g] != nil {
			s.mergeSketch(to[g], o.sketches[g])
		}
	}
	s.bound()
}

func (s *quantiles) mergePile(g uint32, p *pile[int64]) {
	if s.sketches == nil {
		s.piles[g].take(p)
		return
	}
	s.held -= p.len()
	for vals := range p.each {
		for _, v := range vals {
			s.appendOne(v, g)
		}
	}
}

func (s *quantiles) mergeLong(o *quantiles, to []uint32) {
	if s.sketches == nil {
		s.long.merge(&o.long, to)
	}
}

func (s *quantiles) mergeSketch(g uint32, from *ddsketch.DDSketch) {
	if s.sketches[g] == nil {
		s.toSketch(g)
	}
	_ = s.sketches[g].MergeWith(from) // fails only between different mappings
}

// align brings the piles of both to one form.
func (s *quantiles) align(o *quantiles) {
	switch {
	case s.floating || o.floating:
	case s.digits < o.digits:
		s.rescale(o.digits)
	case o.digits < s.digits:
		o.rescale(s.digits)
	}
	if s.floating != o.floating {
		s.toFloats()
		o.toFloats()
	}
	if s.wide != o.wide {
		s.widen()
		o.widen()
	}
}

func (s *quantiles) Finish(n int) []row.Column {
	vals := make([][]row.Value, len(s.calls))
	asked := make([]rankAsked, len(s.calls))
	for k, c := range s.calls {
		vals[k] = make([]row.Value, n)
		asked[k].num, asked[k].digits = exactQuantile(c.Quantile)
	}
	together(n, func(from, to int) {
		if s.wide {
			answer(s, s.piles, asked, vals, from, to)
		} else {
			answer(s, s.narrow, asked, vals, from, to)
		}
	})
	out := make([]row.Column, len(s.calls))
	for k := range out {
		out[k] = columnOf("", vals[k])
	}
	return out
}

// answer puts what is asked of the groups from ≤ g < to into vals.
func answer[T integer](s *quantiles, piles []pile[T], asked []rankAsked, vals [][]row.Value, from, to int) {
	var pick picker[T]
	var parts [][]T
	for g := from; g < to; g++ {
		if s.sketches != nil && s.sketches[g] != nil {
			for k := range asked {
				vals[k][g] = sketchValue(s.sketches[g], asked[k])
			}
			continue
		}
		if parts = piles[g].parts(parts[:0]); len(parts) > 0 {
			n := piles[g].len()
			for k, v := range pick.pick(parts, n, asked) {
				if equal := s.long.of[longKey{uint32(g), v}]; equal != nil {
					vals[k][g] = amongEqual(parts, v, equal, asked[k].rank(n))
				} else {
					vals[k][g] = s.value(v)
				}
			}
		}
	}
}

func (s *quantiles) value(v int64) row.Value {
	if s.floating {
		return row.FloatOf(fromOrderedBits(v))
	}
	return s.reader.value(v, s.digits)
}

// sketchValue is the value at the nearest rank as a sketch knows it: the
// middle of the bucket where that rank lies.
func sketchValue(sk *ddsketch.DDSketch, a rankAsked) row.Value {
	rank := float64(a.rank(int(sk.GetCount())))
	below, zeros := sk.GetNegativeValueStore().TotalCount(), sk.GetZeroCount()
	switch {
	case rank < below:
		return row.FloatOf(-sk.Value(sk.GetNegativeValueStore().KeyAtRank(below - 1 - rank)))
	case rank < below+zeros:
		return row.FloatOf(0)
	}
	return row.FloatOf(sk.Value(sk.GetPositiveValueStore().KeyAtRank(rank - below - zeros)))
}

func (s *quantiles) MemBytes() int {
	// Of most piles the last part, half of all, is half full.
	number := 8
	if !s.wide {
		number = 4
	}
	return (number+number/4)*s.held + 48*(cap(s.narrow)+cap(s.piles)) + 8*cap(s.sketches) + sketchBytes*s.sketched + longBytes*s.long.len
}

func (s *quantiles) Approximate() bool { return s.sketched > 0 }
