package row

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomTexts are up to so many different texts in their order; some look like
// numbers.
func randomTexts(r *rand.Rand, most int) []string {
	texts := make([]string, r.IntN(most+1))
	for i := range texts {
		texts[i] = fmt.Sprintf("%s%d", []string{"", "a", "b", "usr_"}[r.IntN(4)], r.IntN(most))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// A union holds the texts of both, each once and in order, and says where.
func TestUnionHoldsBoth(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		list := [2][]string{randomTexts(r, 40), randomTexts(r, 40)}
		if seed%5 == 0 { // the second adds nothing
			list[1] = list[1][:0]
			for _, text := range list[0] {
				if r.IntN(2) == 0 {
					list[1] = append(list[1], text)
				}
			}
		}
		a, b := NewSortedDictionary(list[0]), NewSortedDictionary(list[1])
		u, fromA, fromB := Union(a, b)
		want := slices.Concat(list[0], list[1])
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(u.Values(), want) || !u.Sorted() {
			t.Fatalf("%q and %q are %q", list[0], list[1], u.Values())
		}
		if u.Wordish() && slices.ContainsFunc(want, LooksNumeric) || (u == a) != (len(want) == len(list[0])) {
			t.Fatalf("%q: wordish %v, the first %v", want, u.Wordish(), u == a)
		}
		for k, from := range [][]uint32{fromA, fromB} {
			if len(from) != len(list[k]) {
				t.Fatalf("%d places of %d texts", len(from), len(list[k]))
			}
			for code, at := range from {
				if u.At(at) != list[k][code] {
					t.Fatalf("%q is at %d of %q", list[k][code], at, want)
				}
			}
		}
		for _, text := range append(want, "", "b", "zz") {
			at, found := u.Search(text)
			if place, ok := slices.BinarySearch(want, text); at != place || found != ok {
				t.Fatalf("%q is found at %d, %v; want %d, %v", text, at, found, place, ok)
			}
		}
	}
}
