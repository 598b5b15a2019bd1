package colfile

import (
	"github.com/plumbline/plumbline/internal/row"
)

// book is what is written down of one field over the whole part.
type book struct {
	id      int
	name    string
	kinds   kindSet
	rows    int64 // that have a value
	low     row.Value
	high    row.Value
	unsized bool // some group does not know its least and greatest value

	texts  lexicon[string]
	shapes lexicon[string]
	nums   lexicon[int64]
	bools  [2]uint64

	keys   []groupKeys // of groups that were not copied
	others int         // groups of which some values are in no index
}

// kindSet is a set of row.Kind.
type kindSet uint16

func (k kindSet) with(kind row.Kind) kindSet { return k | 1<<kind }

// note adds a vector of a group to the book: its values to the dictionaries,
// its bounds to those of the part.
func (b *book) note(v *vector) {
	b.noteChunk(&v.chunk)
	if !v.form.coded() {
		return
	}
	switch v.kind {
	case row.Bool:
		b.countBools(v.rows)
	case row.Int:
		v.ranks = b.nums.add(v.list, v.rows)
	default:
		v.ranks = b.lexiconOf(v.kind).add(v.texts, v.rows)
	}
}

// noteChunk adds what a chunk says of itself. A constant stands in the
// dictionary too, so that such a group can be counted and grouped by code.
func (b *book) noteChunk(c *chunk) {
	b.rows += int64(c.present)
	b.widen(c.low, c.high)
	if c.form != formConst {
		b.kinds = b.kinds.with(c.kind)
		return
	}
	one, rows := c.value, uint64(c.present)
	b.kinds = b.kinds.with(one.Kind)
	switch one.Kind {
	case row.Text:
		b.texts.add([]string{one.Str()}, []uint64{rows})
	case row.Int:
		b.nums.add([]int64{one.Nums()}, []uint64{rows})
	case row.Bool:
		b.bools[one.Nums()] += rows
	}
}

func (b *book) lexiconOf(kind row.Kind) *lexicon[string] {
	if kind == row.Shape {
		return &b.shapes
	}
	return &b.texts
}

// countBools adds the rows that have false and true.
func (b *book) countBools(rows []uint64) {
	for c, n := range rows {
		b.bools[c] += n
	}
}

// widen takes the bounds of a group into those of the part. They are kept
// while all groups know theirs and all are numbers, all times, or all texts.
func (b *book) widen(low, high row.Value) {
	switch {
	case b.unsized:
	case low.IsMissing(), !b.low.IsMissing() && orderOf(b.low) != orderOf(low):
		b.unsized = true
		b.low, b.high = row.Value{}, row.Value{}
	case b.low.IsMissing():
		b.low, b.high = low, high
	default:
		if before(low, b.low) {
			b.low = low
		}
		if before(b.high, high) {
			b.high = high
		}
	}
}

// orderOf is what a value is ordered among: texts, times, or numbers.
func orderOf(v row.Value) row.Kind {
	switch v.Kind {
	case row.Int, row.Decimal, row.Float:
		return row.Int
	}
	return v.Kind
}

// before orders the bounds of one field: texts by their bytes – also those
// that read as numbers, for only that order holds between them – and numbers
// by size.
func before(a, b row.Value) bool {
	if a.Kind == row.Text && b.Kind == row.Text {
		return a.Str() < b.Str()
	}
	return row.Compare(a, b) < 0
}

// bounds finds the least and the greatest value of a vector, if that is cheap.
func (v *vector) bounds() {
	switch {
	case v.form == formConst:
		v.low, v.high = bound(v.value, false), bound(v.value, true)
	case v.form == formNums && v.chunk.digits.kind != digitsEach:
		low, high := v.nums[0], v.nums[0]
		for _, n := range v.nums {
			low, high = min(low, n), max(high, n)
		}
		v.low, v.high = v.number(low), v.number(high)
	case v.form.coded() && v.kind == row.Int:
		v.low, v.high = row.IntOf(v.list[0]), row.IntOf(v.list[len(v.list)-1])
	case v.form.coded() && v.kind == row.Dict:
		v.low, v.high = bound(row.TextOf(v.texts[0]), false), bound(row.TextOf(v.texts[len(v.texts)-1]), true)
	}
}

func (v *vector) number(n int64) row.Value {
	switch v.kind {
	case row.Time:
		return row.TimeOf(n)
	case row.Decimal:
		return row.DecimalOf(n, v.chunk.digits.scale)
	}
	return row.IntOf(n)
}

// bound is a value as a bound: a long text is cut, and as an upper bound then
// raised above all that begin with the rest.
func bound(v row.Value, upper bool) row.Value {
	if v.Kind == row.List {
		return row.Value{}
	}
	if v.Kind != row.Text || len(v.Str()) <= prefixBytes {
		return v
	}
	cut := []byte(v.Str()[:prefixBytes])
	if upper {
		for len(cut) > 0 && cut[len(cut)-1] == 0xff {
			cut = cut[:len(cut)-1]
		}
		if len(cut) == 0 {
			return row.Value{}
		}
		cut[len(cut)-1]++
	}
	return row.TextOf(string(cut))
}
