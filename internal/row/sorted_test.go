package row

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Sorted gives what comparing rows gives, whatever kind the columns are of, with
// ties and gaps, and however few rows are asked for.
func TestSortedAsCompared(t *testing.T) {
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 3))
		n := r.IntN(400)
		if seed%20 == 0 {
			n = 3000
		}
		keys := make([]SortKey, 1+r.IntN(3))
		for k := range keys {
			c := sortedColumn(r, n)
			keys[k] = SortKey{&c, r.IntN(2) == 0}
		}
		want := make([]uint32, n)
		for i := range want {
			want[i] = uint32(i)
		}
		slices.SortStableFunc(want, func(a, b uint32) int { return compareRows(keys, int(a), int(b)) })
		for _, first := range []int{0, 1, r.IntN(20), n / 3, n, n + 5} {
			if got := Sorted(keys, n, first); !slices.Equal(got, want[:min(first, n)]) {
				t.Fatalf("seed %d: the first %d of %d rows are %v, compared %v", seed, first, n, got, want)
			}
		}
	}
}

func compareRows(keys []SortKey, a, b int) int {
	for _, k := range keys {
		x, y := k.Col.Value(a), k.Col.Value(b)
		c := Compare(x, y)
		if k.Falling && !x.IsMissing() && !y.IsMissing() {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// sortedColumn is a column of some kind, with few different values or many, some
// of them missing.
func sortedColumn(r *rand.Rand, n int) Column {
	distinct := []int{2, 9, 100_000}[r.IntN(3)]
	value, all := sortedValues(r), kinfolk()
	b := NewBuilder("")
	for range n {
		b.BeginBare()
		if v := r.IntN(distinct + 1); v > 0 {
			b.Value([]byte("a"), value(v, all))
		}
	}
	c := *b.Batch().Col("a")
	if c.Kind == Dict && r.IntN(2) == 0 {
		inOrder(&c)
	}
	return c
}

func sortedValues(r *rand.Rand) func(v int, all []Value) Value {
	switch r.IntN(9) {
	case 0:
		return func(v int, _ []Value) Value { return IntOf(int64(v) - 4) }
	case 1:
		return func(v int, _ []Value) Value { return DecimalOf(int64(v), uint8(v%3)) }
	case 2:
		return func(v int, _ []Value) Value { return FloatOf(float64(v-50) / 7) }
	case 3:
		return func(v int, _ []Value) Value { return TimeOf(int64(v) << 40) }
	case 4:
		return func(v int, _ []Value) Value { return TextOf(fmt.Sprint("the same beginning, then ", v*7919)) }
	case 5:
		return func(v int, _ []Value) Value { return TextOf(strings.Repeat("ab\x00", v%40)[:v%40]) }
	case 6:
		return func(v int, _ []Value) Value { return TextOf(fmt.Sprint(v % 50)) }
	case 7:
		return func(v int, _ []Value) Value { return BoolOf(v%2 == 0) }
	}
	return func(v int, all []Value) Value { return all[v%len(all)] }
}

// inOrder makes the dictionary of a column one that is in order.
func inOrder(c *Column) {
	place := make([]uint32, c.Dict.Len())
	for i := range place {
		place[i] = uint32(i)
	}
	slices.SortFunc(place, func(a, b uint32) int { return cmp.Compare(c.Dict.At(a), c.Dict.At(b)) })
	texts, to := make([]string, len(place)), make([]uint32, len(place))
	for i, at := range place {
		texts[i], to[at] = c.Dict.At(at), uint32(i)
	}
	codes := slices.Clone(c.Codes)
	for i, code := range codes {
		if int(code) < len(to) {
			codes[i] = to[code]
		}
	}
	c.Dict, c.Codes = NewSortedDictionary(texts), codes
}

// BenchmarkSorted sorts groups as stats and patterns have them.
func BenchmarkSorted(b *testing.B) {
	const n = 1 << 20
	r := rand.New(rand.NewPCG(1, 2))
	texts, counts := make([]string, n), make([]int64, n)
	codes := make([]uint32, n)
	for i, at := range r.Perm(n) {
		texts[i], codes[i] = fmt.Sprintf("GET /v1/things/%07x/parts HTTP/1.1", at*7919), uint32(i)
		counts[i] = 1 + 100_000/int64(1+at)
	}
	text := SortKey{Col: &Column{Kind: Dict, Dict: NewDictionary(texts), Codes: codes}}
	count := SortKey{Col: &Column{Kind: Int, Nums: counts}, Falling: true}
	for _, x := range []struct {
		name  string
		first int
		keys  []SortKey
	}{{"text", n, []SortKey{text}}, {"count and text", n, []SortKey{count, text}}, {"ten by count and text", 10, []SortKey{count, text}}} {
		b.Run(x.name, func(b *testing.B) {
			for b.Loop() {
				Sorted(x.keys, n, x.first)
			}
		})
	}
}
