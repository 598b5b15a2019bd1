package row

import (
	"math"
	"slices"
	"strings"
)

// sortColumn is a key made ready.
type sortColumn struct {
	SortKey
	ready   bool
	missing Bitmap  // nil when no row is
	nums    []int64 // in the order of the values, where they are at hand
	values  []Value // where reading one costs more than keeping it; nil: those of Col
}

// rankedUse is how many rows a text of a dictionary should have for all of them to
// be sorted before the rows are.
const rankedUse = 4

func (c *sortColumn) prepare(n int) {
	c.ready = true
	missing := FullBitmap(n)
	if missing.AndNot(c.Col.Present(n)); missing.Any() {
		c.missing = missing
	}
	switch c.Col.Kind {
	case Missing, Const, Text:
	case Int, Time:
		c.nums = c.Col.Nums
	case Decimal:
		c.nums = scaled(c.Col)
	case Float:
		c.nums = floatRanks(c.Col.Floats)
	case Dict:
		c.nums = textRanks(c.Col)
	default:
		c.values = make([]Value, n)
		for i := range c.values {
			v := c.Col.Value(i)
			if v.Kind != Missing && v.Number().Kind == Missing {
				v = TextOf(v.Text())
			}
			c.values[i] = v
		}
	}
}

func (c *sortColumn) value(r uint32) Value {
	if c.values != nil {
		return c.values[r]
	}
	return c.Col.Value(int(r))
}

func (c *sortColumn) text(r uint32) string {
	if c.Col.Kind == Dict {
		return c.Col.Dict.At(c.Col.Codes[r])
	}
	return c.value(r).str
}

func (c *sortColumn) isNumber(r uint32) bool { return c.value(r).Number().Kind != Missing }

func (c *sortColumn) key(rising uint64) uint64 {
	if c.Falling {
		return ^rising
	}
	return rising
}

// common is how many bytes from one place on the texts of all rows share.
func (c *sortColumn) common(rows []sortRow, from int) int {
	shared := c.text(rows[0].row)[from:]
	for _, r := range rows[1:] {
		text := c.text(r.row)[from:]
		if strings.HasPrefix(text, shared) {
			continue
		}
		n := 0
		for n < min(len(shared), len(text)) && shared[n] == text[n] {
			n++
		}
		if shared = shared[:n]; n == 0 {
			break
		}
	}
	return len(shared)
}

// scaled gives all decimals the same digits after the point; nil when one of
// them does not fit then.
func scaled(c *Column) []int64 {
	most := uint8(0)
	for _, d := range c.Digits {
		most = max(most, d)
	}
	out := make([]int64, len(c.Nums))
	for i, m := range c.Nums {
		var ok bool
		if out[i], ok = scaleUp(m, most-c.Digits[i]); !ok {
			return nil
		}
	}
	return out
}

// floatRanks are the bits of floats as numbers in the same order, nil when one of
// them has no place in it.
func floatRanks(floats []float64) []int64 {
	out := make([]int64, len(floats))
	for i, f := range floats {
		if FloatOf(f).IsMissing() {
			return nil
		}
		bits := int64(math.Float64bits(f + 0)) // there is one zero
		out[i] = bits ^ bits>>63&math.MaxInt64
	}
	return out
}

// textRanks are the places of the texts of a dictionary in their order: those it
// has, or those that sorting it gives, if rows are many. Entries that are equal,
// 1.5 and 1.50, have one. Those of missing rows mean nothing.
func textRanks(c *Column) []int64 {
	n := c.Dict.Len()
	if n > len(c.Codes) {
		return nil
	}
	var rank []int64
	if !c.Dict.Sorted() || !c.Dict.Wordish() && slices.ContainsFunc(c.Dict.Values(), func(text string) bool { return !TextOf(text).Number().IsMissing() }) {
		if rankedUse*n > len(c.Codes) {
			return nil
		}
		rank = ranked(c.Dict)
	}
	out := make([]int64, len(c.Codes))
	for i, code := range c.Codes {
		if rank == nil {
			out[i] = int64(code)
		} else if int(code) < len(rank) { // a missing row may hold any code
			out[i] = rank[code]
		}
	}
	return out
}

// ranked sorts the texts of a dictionary.
func ranked(d *Dictionary) []int64 {
	texts := Column{Kind: Dict, Dict: d, Codes: make([]uint32, d.Len())}
	for i := range texts.Codes {
		texts.Codes[i] = uint32(i)
	}
	rank := make([]int64, d.Len())
	order := Sorted([]SortKey{{Col: &texts}}, d.Len(), d.Len())
	for i, at := range order {
		if rank[at] = int64(i); i > 0 && Compare(texts.Value(int(order[i-1])), texts.Value(int(at))) == 0 {
			rank[at] = rank[order[i-1]]
		}
	}
	return rank
}
