package colfile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

func TestSortedTextsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	sets := map[string]func() string{
		"words":   func() string { return pickText(r) + pickText(r) + fmt.Sprint(r.IntN(50)) },
		"numbers": func() string { return fmt.Sprintf("usr_%d", r.IntN(100000)) },
		"zeros":   func() string { return fmt.Sprintf("%0*d", 1+r.IntN(18), r.IntN(2)) },
		"long":    func() string { return fmt.Sprintf("n%0*d", 1+r.IntN(30), r.IntN(100)) },
		"bare":    func() string { return fmt.Sprint(r.Uint64() >> 5) },
	}
	for name, draw := range sets {
		for _, n := range []int{1, 2, 3, 300} {
			var texts []string
			for range n {
				texts = append(texts, draw())
			}
			slices.Sort(texts)
			texts = slices.Compact(texts)
			var got row.SortedTexts
			err := readSorted(&got, appendSorted(nil, texts, new(numbersPage)), len(texts))
			if back := got.Dictionary().Values(); err != nil || !slices.Equal(back, texts) {
				t.Fatalf("%s: %q became %q: %v", name, texts, back, err)
			}
		}
	}
	users := appendSorted(nil, []string{"usr_1", "usr_10", "usr_2"}, new(numbersPage))
	if users[0] != numbered {
		t.Error("ids of users are not kept as numbers")
	}
}

func FuzzSorted(f *testing.F) {
	f.Add(appendSorted(nil, []string{"usr_1", "usr_10", "usr_2"}, new(numbersPage)), 3)
	f.Add(appendSorted(nil, []string{"alpha", "beta", "betamax"}, new(numbersPage)), 3)
	f.Fuzz(func(t *testing.T, data []byte, count int) {
		if count < 1 || count > dictionaryBlock {
			return
		}
		var read row.SortedTexts
		if err := readSorted(&read, data, count); err != nil {
			return
		}
		if texts := read.Dictionary().Values(); len(texts) != count || !slices.IsSorted(texts) {
			t.Fatalf("%d texts, sorted %v", len(texts), slices.IsSorted(texts))
		}
	})
}

func TestOrderOfTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 44))
	for range 100 {
		var texts []string
		for range r.IntN(50) {
			texts = append(texts, "prefix"[:r.IntN(7)]+pickText(r)+fmt.Sprint(r.IntN(5)))
		}
		var got []string
		for _, id := range new(sorter).order(nil, texts) {
			got = append(got, texts[id])
		}
		want := slices.Clone(texts)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
