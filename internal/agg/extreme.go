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
// Numbers are kept apart for each number of digits, so that none is scaled,
// and compared when all is done.
type extremes struct {
	calls  []Call
	len    int
	reader numbers
	scales []scaleSpans
	floats []span[float64]
	texts  []span[string]
}

type scaleSpans struct {
	scale uint8 // digits after the point, or timeScale
	of    []span[int64]
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
	s.len = max(s.len, n)
	for i := range s.scales {
		s.scales[i].of = grown(s.scales[i].of, s.len)
	}
	if s.floats != nil {
		s.floats = grown(s.floats, s.len)
	}
	if s.texts != nil {
		s.texts = grown(s.texts, s.len)
	}
}

func (s *extremes) Add(args []row.Column, n int, groups []uint32) {
	c := &args[0]
	s.reader.read(c, n, groups, s)
	switch c.Kind {
	case row.Missing, row.Int, row.Decimal, row.Float, row.Time:
	case row.Const:
		if c.Nulls != nil {
			s.addTexts(c, n, groups)
		} else if text, ok := plainTextOf(c.One); ok {
			s.addConstText(text, n, groups)
		}
	default:
		s.addTexts(c, n, groups)
	}
}

// plainTextOf is the text by which a value is compared when it is no number.
func plainTextOf(v row.Value) (string, bool) {
	if v.IsMissing() || !v.Number().IsMissing() {
		return "", false
	}
	return v.Text(), true
}

func (s *extremes) addConstText(text string, n int, groups []uint32) {
	s.needTexts()
	if groups == nil {
		s.addText(0, text)
		return
	}
	for _, g := range groups[:n] {
		s.addText(g, text)
	}
}

func (s *extremes) addTexts(c *row.Column, n int, groups []uint32) {
	s.needTexts()
	for i := range n {
		text, ok := plainTextOf(c.Value(i))
		if !ok {
			continue
		}
		g := uint32(0)
		if groups != nil {
			g = groups[i]
		}
		s.addText(g, text)
	}
}

// addText copies what it keeps: texts belong to the batch.
func (s *extremes) addText(g uint32, text string) {
	t := &s.texts[g]
	if !t.any || text < t.lo || text > t.hi {
		t.add(strings.Clone(text))
	}
}

func (s *extremes) needTexts() {
	if s.texts == nil {
		s.texts = make([]span[string], s.len)
	}
}

func (s *extremes) scale(scale uint8) []span[int64] {
	for i := range s.scales {
		if s.scales[i].scale == scale {
			return s.scales[i].of
		}
	}
	s.scales = append(s.scales, scaleSpans{scale, make([]span[int64], s.len)})
	return s.scales[len(s.scales)-1].of
}

func (s *extremes) addFixed(vals []int64, digits uint8, groups []uint32) {
	if s.reader.asTimes {
		digits = timeScale // apart from decimals, so that they stay times
	}
	addSpans(s.scale(digits), vals, groups)
}

func (s *extremes) addFloats(vals []float64, groups []uint32) {
	if s.floats == nil {
		s.floats = make([]span[float64], s.len)
	}
	addSpans(s.floats, vals, groups)
}

func addSpans[T int64 | float64](of []span[T], vals []T, groups []uint32) {
	if groups != nil {
		for i, v := range vals {
			of[groups[i]].add(v)
		}
		return
	}
	if len(vals) == 0 {
		return
	}
	lo, hi := vals[0], vals[0]
	for _, v := range vals {
		lo, hi = min(lo, v), max(hi, v)
	}
	of[0].add(lo)
	of[0].add(hi)
}

func (s *extremes) Merge(other State, to []uint32) {
	o := other.(*extremes)
	for _, from := range o.scales {
		mergeSpans(s.scale(from.scale), from.of, to)
	}
	if o.floats != nil {
		s.addFloats(nil, nil)
		mergeSpans(s.floats, o.floats, to)
	}
	if o.texts != nil {
		s.needTexts()
		mergeSpans(s.texts, o.texts, to)
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
	for i := range s.scales {
		if t := s.scales[i].of[g]; t.any {
			add(scaledValue(t.lo, s.scales[i].scale), scaledValue(t.hi, s.scales[i].scale))
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
	n := 24*cap(s.floats) + 40*cap(s.texts)
	for _, sc := range s.scales {
		n += 24 * cap(sc.of)
	}
	for _, t := range s.texts {
		n += len(t.lo) + len(t.hi)
	}
	return n
}

func (s *extremes) Approximate() bool { return false }
