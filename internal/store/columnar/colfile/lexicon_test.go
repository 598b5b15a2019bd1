package colfile

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestLexicon: the dictionary of groups written and groups copied holds each value
// that one of them has once, in order, with all its rows; and each group finds its
// own there.
func TestLexicon(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	for round := range 400 {
		pool := textsLike(round%4, r)
		some := func() (out []string, rows []uint64) { // values in order
			for _, text := range pool {
				if r.IntN(3) == 0 {
					out, rows = append(out, text), append(rows, 1+r.Uint64N(9))
				}
			}
			return out, rows
		}
		type group struct {
			values []string
			places []uint32
			ranks  *ranksOf
		}
		var l lexicon[string]
		var groups []group
		counts := map[string]uint64{}
		note := func(g group, rows []uint64) {
			groups = append(groups, g)
			for i, v := range g.values {
				counts[v] += rows[i]
			}
		}
		for range r.IntN(5) {
			values, rows := some()
			note(group{values: values, ranks: l.add(values, rows)}, rows)
		}
		for range r.IntN(4) {
			dictionary, all := some()
			from, err := l.dictionary(new(Part), func() ([]string, error) { return dictionary, nil })
			if err != nil {
				t.Fatal(err)
			}
			for range 1 + r.IntN(3) {
				g, rows := group{values: dictionary}, all
				if r.IntN(3) > 0 { // a group that has only some
					g.values, g.places, rows = nil, []uint32{}, nil
					for i, v := range dictionary {
						if r.IntN(2) == 0 {
							g.values, g.places, rows = append(g.values, v), append(g.places, uint32(i)), append(rows, all[i])
						}
					}
				}
				g.ranks = from.use(g.places, rows)
				note(g, rows)
			}
		}
		values, rows := l.merged(textHeads(l.runs))
		if !slices.IsSorted(values) || len(values) != len(counts) || len(rows) != len(values) {
			t.Fatalf("round %d: %q with %d counts for %d values", round, values, len(rows), len(counts))
		}
		for i, v := range values {
			if rows[i] != counts[v] {
				t.Fatalf("round %d: %d rows of %q, not %d", round, rows[i], v, counts[v])
			}
		}
		for _, g := range groups {
			for i, v := range g.values {
				at := uint32(i)
				if g.places != nil {
					at = g.places[i]
				}
				if rank := g.ranks.rank(at); values[rank] != v {
					t.Fatalf("round %d: %q is found as %q", round, v, values[rank])
				}
			}
		}
	}
}

// textsLike are some sixty texts in order: numbers, long ones that differ at their end,
// those of bytes that fill up heads, and messages.
func textsLike(kind int, r *rand.Rand) (out []string) {
	for i := range 60 {
		switch kind {
		case 0:
			out = append(out, strconv.Itoa(100+i))
		case 1:
			out = append(out, "usr_1234567890"+strconv.Itoa(i))
		case 2:
			out = append(out, strings.Repeat("\x00", r.IntN(10))+strings.Repeat("\xff", r.IntN(10)))
		default:
			out = append(out, string(rune('a'+i%3))+strings.Repeat("é", i%5)+strconv.Itoa(i))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestNumbersOrderByTheirHeads: of both signs, and at both ends.
func TestNumbersOrderByTheirHeads(t *testing.T) {
	a := []int64{math.MinInt64, -256, -1, 0, 255, math.MaxInt64 - 1}
	b := []int64{math.MinInt64, math.MinInt64 + 1, -1, 1, 255, 256, math.MaxInt64}
	var l lexicon[int64]
	inA, inB := l.add(a, make([]uint64, len(a))), l.add(b, make([]uint64, len(b)))
	values, _ := l.merged(numberHead)
	want := slices.Concat(a, b)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(values, want) {
		t.Fatalf("%d, want %d", values, want)
	}
	for i, n := range a {
		if values[inA.rank(uint32(i))] != n {
			t.Errorf("%d is found as %d", n, values[inA.rank(uint32(i))])
		}
	}
	for i, n := range b {
		if values[inB.rank(uint32(i))] != n {
			t.Errorf("%d is found as %d", n, values[inB.rank(uint32(i))])
		}
	}
}
