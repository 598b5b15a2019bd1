package colfile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// TestHoldersAgreeWithValues: whatever form a field has, the rows found by the
// letter are those whose value, or an element of it, is one of the texts.
func TestHoldersAgreeWithValues(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	const rows = 20_000
	makers := map[string]func(i int) row.Value{
		"hex":     func(i int) row.Value { return row.TextOf(fmt.Sprintf("%032x", r.Uint64())) },
		"prefix":  func(i int) row.Value { return row.TextOf(fmt.Sprintf("req_%016x", i*7919)) },
		"uuid":    func(i int) row.Value { return row.TextOf(fmt.Sprintf("4bf92f35-77b3-4da6-a3ce-%012x", i)) },
		"shared":  func(i int) row.Value { return row.TextOf(fmt.Sprintf("id %d x%c", i/3, 'a'+i%2)) },
		"few":     func(i int) row.Value { return row.TextOf(fmt.Sprint("kind-", i%7)) },
		"shape":   func(i int) row.Value { return row.TextOf(fmt.Sprintf("order-%d-of-%d", i, i%13)) },
		"int":     func(i int) row.Value { return row.IntOf(int64(i / 2)) },
		"fewints": func(i int) row.Value { return row.IntOf(int64(i % 11)) },
		"const":   func(i int) row.Value { return row.TextOf("always") },
		"mixed": func(i int) row.Value {
			return []row.Value{row.IntOf(int64(i)), row.TextOf(fmt.Sprint("t", i)), {}, row.BoolOf(true)}[i%4]
		},
		"list": func(i int) row.Value {
			return []row.Value{row.ListOf([]row.Value{row.TextOf(fmt.Sprint("m", i)), row.TextOf(fmt.Sprint("n", i))}), row.TextOf(fmt.Sprint("m", i))}[i%2]
		},
	}
	for name, value := range makers {
		for _, gaps := range []bool{false, true} {
			t.Run(fmt.Sprint(name, gaps), func(t *testing.T) {
				b := row.NewBuilder("app")
				var all []row.Value
				for i := range rows {
					b.Begin(int64(i))
					v := value(i)
					if gaps && r.IntN(3) == 0 {
						v = row.Value{}
					}
					b.Value([]byte("f"), v)
					b.Value([]byte(row.FieldSeq), row.IntOf(int64(i+1)))
					all = append(all, v)
				}
				whole := b.Batch()
				p := mergeAll(t, whole.Slice(0, rows/3), whole.Slice(rows/3, rows))
				for _, n := range []int{1, 5, 40} {
					var texts []string
					for range n {
						texts = append(texts, textIn(all[r.IntN(rows)]), fmt.Sprintf("no%d", r.IntN(rows)), strings.ToUpper(textIn(all[r.IntN(rows)])))
					}
					slices.Sort(texts)
					texts = slices.Compact(texts)
					agreeHolders(t, p, all, texts)
				}
			})
		}
	}
}

func textIn(v row.Value) string {
	if v.Kind == row.List {
		return v.List()[0].Text()
	}
	return v.Text()
}

func agreeHolders(t *testing.T, p *Part, all []row.Value, texts []string) {
	t.Helper()
	located, err := p.Locate("f", NewWanted(texts), nil)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for k := range p.Groups() {
		g, err := p.Group(k)
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Holders("f", located, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !located.May(k) && got.Any() {
			t.Fatalf("group %d has rows where the index says there are none", k)
		}
		for i := range g.Rows {
			v, holds := all[at+i], false
			if v.Kind == row.List {
				holds = slices.ContainsFunc(v.List(), func(x row.Value) bool { return slices.Contains(texts, x.Text()) })
			} else if !v.IsMissing() {
				holds = slices.Contains(texts, v.Text())
			}
			if holds != got.Has(i) {
				t.Fatalf("row %d, %q, of %q: %v", at+i, v.Text(), texts, got.Has(i))
			}
		}
		at += g.Rows
	}
}
