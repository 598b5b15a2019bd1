package agg

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// Lanes that share dictionaries, meet several, or meet their texts in other
// columns too, make the groups that plain texts make.
func TestLentTextsAsTexts(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 11))
		dicts := make([]row.Column, 1+r.IntN(8))
		for i := range dicts {
			randomDict(r, &dicts[i], 1)
			if texts := dicts[i].Dict.Values(); r.IntN(2) == 0 {
				dicts[i].Dict = row.NewSortedDictionary(slices.Sorted(slices.Values(texts)))
			}
		}
		lanes := make([]*Table, 1+r.IntN(3))
		plain := distinctTable()
		for i := range lanes {
			lanes[i] = distinctTable()
			for range r.IntN(9) {
				c := lentColumn(r, dicts)
				lanes[i].Add([]row.Column{c}, [][]row.Column{{c}, nil}, 8)
				texts := asTexts(&c, 8)
				plain.Add([]row.Column{texts}, [][]row.Column{{texts}, nil}, 8)
			}
		}
		got := distinctTable()
		for _, lane := range lanes {
			got.Merge(lane)
		}
		if a, b := shown(got.Batch()), shown(plain.Batch()); a != b {
			t.Fatalf("seed %d: lent:\n%s\nas texts:\n%s", seed, a, b)
		}
	}
}

func distinctTable() *Table {
	dc, _ := Lookup("dc")
	count, _ := Lookup("count")
	t := NewTable([]string{"k"}, []Call{dc, count}, []string{"dc", "count"}, Env{})
	t.SortedKeys = true
	return t
}

// lentColumn is eight rows of texts, mostly of one of the dictionaries.
func lentColumn(r *rand.Rand, dicts []row.Column) row.Column {
	if r.IntN(5) == 0 {
		return randomColumn(r, row.Text, 8)
	}
	c := row.Column{Kind: row.Dict, Dict: dicts[r.IntN(len(dicts))].Dict}
	for range 8 {
		c.Codes = append(c.Codes, uint32(r.IntN(c.Dict.Len())))
	}
	return c
}

func asTexts(c *row.Column, n int) row.Column {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = c.Value(i).Text()
	}
	out := textColumn(texts)
	if c.Nulls != nil {
		out.Nulls = c.Nulls
	}
	return out
}

func shown(b *row.Batch) string {
	text := ""
	for i := range b.Len {
		for k := range b.Cols {
			text += fmt.Sprint(b.Cols[k].Value(i).Text(), " ")
		}
		text += "\n"
	}
	return text
}
