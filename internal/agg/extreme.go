package agg

import (
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

var minFunc = Func{
	Name: "min", Params: "x", Min: 1, Max: 1, Family: "extreme",
	Summary: "Smallest value of x: of the numbers by size, or of texts by their bytes when there is no number.",
	New:     newExtremes,
}

var maxFunc = Func{
	Name: "max", Params: "x", Min: 1, Max: 1, Family: "extreme",
	Summary: "Largest value of x: texts, by their bytes, come after all numbers.",
	New:     newExtremes,
}

var rangeFunc = Func{
	Name: "range", Params: "x", Min: 1, Max: 1, Family: "extreme",
	Summary: "Largest less smallest number in x; seconds for times.",
	New:     newExtremes,
}

// extremes keeps the smallest and largest number and text of each group.
// Numbers of different scales, and times, are compared when all is done.
type extremes struct {
	calls     []Call
	reader    numbers
	fixed     byScale[span[int64]]
	floats    []span[float64] // nil until a float comes
	texts     []span[string]  // nil until a text comes
	textBytes int
}

// span is the smallest and the largest of what was seen.
type span[T int64 | float64 | string] struct {
	lo, hi T
	any    bool
}

func (s *span[T]) add(v T) {
	if !s.any {
		*s = span[T]{v, v, true}
		return
	}
	if v < s.lo {
		s.lo = v
	}
	if v > s.hi {
		s.hi = v
	}
}

func newExtremes(calls []Call, _ Env) State { return &extremes{calls: calls} }

func (s *extremes) Grow(n int) {
	s.fixed.grow(n)
	if s.floats != nil {
		s.floats = grown(s.floats, n)
	}
	if s.texts != nil {
		s.texts = grown(s.texts, n)
	}
}

func (s *extremes) Add(args []row.Column, n int, groups []uint32) {
	c := &args[0]
	s.reader.read(c, n, groups, s)
	switch c.Kind {
	case row.Missing, row.Int, row.Decimal, row.Float, row.Time:
	case row.Dict:
		for i, place := range c.Codes {
			if c.Nulls.Has(i) {
				continue // its place may be of no text
			}
			if !s.reader.dict.isNumber(c.Dict, place) {
				s.addText(groupOf(groups, i), c.Dict.At(place))
			}
		}
	default:
		for i := range n {
			v := c.Value(i)
			if !v.IsMissing() && v.Number().IsMissing() {
				s.addText(groupOf(groups, i), v.Text())
			}
		}
	}
}

func isNumber(text string) bool {
	return row.LooksNumeric(text) && !row.TextOf(text).Number().IsMissing()
}

// addText copies what it keeps: texts belong to the batch.
func (s *extremes) addText(g uint32, text string) {
	s.needTexts()
	t := &s.texts[g]
	if !t.any || text < t.lo || text > t.hi {
		s.textBytes += len(text) - len(t.lo)
		t.add(strings.Clone(text))
	}
}

func (s *extremes) needTexts() {
	if s.texts == nil {
		s.texts = make([]span[string], s.fixed.groups)
	}
}

func (s *extremes) needFloats() {
	if s.floats == nil {
		s.floats = make([]span[float64], s.fixed.groups)
	}
}

func (s *extremes) addFixed(vals []int64, digits uint8, groups []uint32) {
	if s.reader.asTimes {
		digits = timeScale // apart from decimals, so that they stay times
	}
	addSpans(s.fixed.at(digits), vals, groups)
}

func (s *extremes) addFloats(vals []float64, groups []uint32) {
	s.needFloats()
	addSpans(s.floats, vals, groups)
}

func addSpans[T int64 | float64](of []span[T], vals []T, groups []uint32) {
	if g, ok := oneGroup(groups); ok {
		of[g].addAll(vals)
		return
	}
	groups = groups[:len(vals)]
	for i, v := range vals {
		if t := &of[groups[i]]; !t.any || v < t.lo || v > t.hi { // mostly neither
			t.add(v)
		}
	}
}

// addAll adds numbers of one group.
func (s *span[T]) addAll(vals []T) {
	if len(vals) == 0 {
		return
	}
	lo, hi := vals[0], vals[0]
	for _, v := range vals {
		lo, hi = min(lo, v), max(hi, v)
	}
	s.add(lo)
	s.add(hi)
}

func (s *extremes) Merge(other State, to []uint32) {
	o := other.(*extremes)
	for _, from := range o.fixed.list {
		mergeSpans(s.fixed.at(from.scale), from.of, to)
	}
	if o.floats != nil {
		s.needFloats()
		mergeSpans(s.floats, o.floats, to)
	}
	if o.texts != nil {
		s.needTexts()
		mergeSpans(s.texts, o.texts, to)
		s.textBytes += o.textBytes
	}
}

func mergeSpans[T int64 | float64 | string](of, from []span[T], to []uint32) {
	for g, t := range from {
		if t.any {
			of[to[g]].add(t.lo)
			of[to[g]].add(t.hi)
		}
	}
}

func (s *extremes) Finish(n int) []row.Column {
	out := make([]row.Column, len(s.calls))
	for k, call := range s.calls {
		vals := make([]row.Value, n)
		for g := range vals {
			lo, hi := s.numberSpan(g)
			switch {
			case call.Func == &rangeFunc:
				vals[g] = subtract(hi, lo)
			case s.texts == nil || !s.texts[g].any:
				vals[g] = pick(call, lo, hi)
			case call.Func == &maxFunc:
				vals[g] = row.TextOf(s.texts[g].hi)
			case lo.IsMissing():
				vals[g] = row.TextOf(s.texts[g].lo)
			default:
				vals[g] = lo
			}
		}
		out[k] = columnOf("", vals)
	}
	return out
}

func pick(call Call, lo, hi row.Value) row.Value {
	if call.Func == &minFunc {
		return lo
	}
	return hi
}

// numberSpan is the smallest and largest number of a group over all scales.
func (s *extremes) numberSpan(g int) (lo, hi row.Value) {
	add := func(a, b row.Value) {
		if lo.IsMissing() || row.Compare(a, lo) < 0 {
			lo = a
		}
		if hi.IsMissing() || row.Compare(b, hi) > 0 {
			hi = b
		}
	}
	for _, part := range s.fixed.list {
		if t := part.of[g]; t.any {
			add(scaledValue(t.lo, part.scale), scaledValue(t.hi, part.scale))
		}
	}
	if s.floats != nil && s.floats[g].any {
		add(row.FloatOf(s.floats[g].lo), row.FloatOf(s.floats[g].hi))
	}
	return lo, hi
}

func scaledValue(mantissa int64, scale uint8) row.Value {
	if scale == timeScale {
		return row.TimeOf(mantissa)
	}
	return decimalOf(mantissa, scale)
}

// subtract is a - b: exact when both are decimals, seconds when both are
// times.
func subtract(a, b row.Value) row.Value {
	if a.IsMissing() || b.IsMissing() {
		return row.Value{}
	}
	am, ad, aok := fixedOf(a)
	bm, bd, bok := fixedOf(b)
	if aok && bok {
		digits := max(ad, bd)
		x, xok := scaleUp(am, digits-ad)
		y, yok := scaleUp(bm, digits-bd)
		if d := x - y; xok && yok && d >= 0 {
			return decimalOf(d, digits)
		}
	}
	fa, _ := a.Float()
	fb, _ := b.Float()
	return row.FloatOf(fa - fb)
}

// fixedOf is a number as mantissa · 10^-digits, if it is kept so.
func fixedOf(v row.Value) (mantissa int64, digits uint8, ok bool) {
	switch v.Kind {
	case row.Int, row.Decimal:
		return v.Nums(), v.Digits, true
	case row.Time:
		return v.Nums(), timeDigits, true
	}
	return 0, 0, false
}

func (s *extremes) MemBytes() int {
	return 24*(cap(s.floats)+s.fixed.slots()) + 40*cap(s.texts) + s.textBytes
}

func (s *extremes) Approximate() bool { return false }
