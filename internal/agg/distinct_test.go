package agg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

func textColumn(texts []string) row.Column {
	c := row.Column{Kind: row.Text, Offs: []uint32{0}}
	for _, t := range texts {
		c.Bytes = append(c.Bytes, t...)
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	return c
}

// Beyond the bound distinct counts are within 1 %, whatever order values came
// in and however tables were merged.
func TestDistinctBeyondBound(t *testing.T) {
	dc, _ := Lookup("dc")
	for _, different := range []int{10, 1000, 60_000, 200_000} {
		r := rand.New(rand.NewPCG(uint64(different), 7))
		var tables []*Table
		for range 3 {
			tables = append(tables, NewTable(nil, []Call{dc}, []string{"dc"}, Env{MaxBytes: 400_000}))
		}
		for at := 0; at < different; {
			var texts []string
			for range min(5000, different-at) {
				texts = append(texts, fmt.Sprint("usr_", at))
				if r.IntN(3) == 0 {
					texts = append(texts, fmt.Sprint("usr_", r.IntN(at+1)))
				}
				at++
			}
			tables[r.IntN(3)].Add(nil, [][]row.Column{{textColumn(texts)}}, len(texts))
		}
		tables[1].Merge(tables[2])
		tables[0].Merge(tables[1])
		got, _ := tables[0].Batch().Cols[0].Value(0).Float()
		if math.Abs(got-float64(different)) > 0.01*float64(different) {
			t.Errorf("%v of %d", got, different)
		}
		if want := different > 10_000; tables[0].Approximate() != want || tables[0].MemBytes() > 500_000 {
			t.Errorf("%d: approximate %v, %d bytes", different, tables[0].Approximate(), tables[0].MemBytes())
		}
	}
}

// Sets and tables of pairs are maps of pairs, while they are grids and when
// they are hashed.
func TestPairsAsMap(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 8))
		var set pairSet
		var table pairTable
		numbers := map[uint64]uint32{}
		firsts, seconds := 1, 1
		for range 12 {
			firsts += r.IntN(1 + firsts*2)
			seconds += r.IntN(1 + seconds*2)
			a, b := make([]uint32, 300), make([]uint32, 300)
			for i := range a {
				a[i], b[i] = uint32(r.IntN(firsts)), uint32(r.IntN(seconds))
			}
			set.reserve(firsts, seconds)
			var want []uint32
			for i := range a {
				pair := uint64(a[i])<<32 | uint64(b[i])
				n, known := numbers[pair]
				if !known {
					n = uint32(len(numbers))
					numbers[pair] = n
				}
				if set.add(a[i], b[i]) == known {
					t.Fatalf("seed %d: pair %d, %d: known %v", seed, a[i], b[i], known)
				}
				want = append(want, n)
			}
			table.assign(a, b, firsts, seconds)
			if fmt.Sprint(a) != fmt.Sprint(want) {
				t.Fatalf("seed %d: numbers %v, want %v", seed, a, want)
			}
		}
		n := 0
		set.each(func(first, second uint32) {
			n++
			if _, ok := numbers[uint64(first)<<32|uint64(second)]; !ok {
				t.Fatalf("seed %d: the set has %d, %d", seed, first, second)
			}
		})
		if n != len(numbers) || len(table.pairs) != n {
			t.Fatalf("seed %d: %d in the set, %d in the table, want %d", seed, n, len(table.pairs), len(numbers))
		}
	}
}
