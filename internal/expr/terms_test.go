package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// TestTermsMeanTheSame compares what many terms find, one by one and together, in
// columns of every kind, and how many of them are joined.
func TestTermsMeanTheSame(t *testing.T) {
	found := 0
	for seed := range uint64(2000) {
		c := newChance(seed)
		b, _ := c.batch(1 + c.IntN(60))
		field, exact, not := c.field(), seed%4 == 3, seed%2 == 1
		var list []Expr
		joinable := 0
		for n := c.IntN(3 * manyTerms); len(list) <= n; {
			p := c.pattern()
			if text, ok := p.Literal(); ok && strings.TrimSpace(text) == "" {
				continue
			}
			term := &Term{Field: field, Pattern: p, Case: exact}
			if plainTerm(term) {
				joinable++
			}
			if list = append(list, term); not {
				list[len(list)-1] = &Not{term}
			}
		}
		var e Expr = &Or{list}
		if not {
			e = &And{list}
		}
		joined := Listed(e)
		terms := 0
		Walk(joined, func(e Expr) {
			if x, ok := e.(*Terms); ok {
				terms += len(x.List)
			}
		})
		if joinable < manyTerms {
			joinable = 0
		}
		if terms != joinable {
			t.Fatalf("%s becomes %s: %d terms are joined, not %d", e, joined, terms, joinable)
		}
		want, got := NewEvaluator(Env{Now: noon}).Filter(e, b), NewEvaluator(Env{Now: noon}).Filter(joined, b)
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("seed %d: %s\nis %v, and %v as %s, in %v", seed, e, want, got, joined, b.Col(field).Kind)
		}
		if terms > 0 && want.Any() {
			found++
		}
	}
	if found < 200 {
		t.Errorf("only %d of the questions found anything by joined terms", found)
	}
}

// BenchmarkTerms looks for many words in a page of messages, most of which have none.
func BenchmarkTerms(b *testing.B) {
	plain := benchBatch()
	for _, n := range []int{20, 1000, 10_000} {
		list := make([]Expr, n)
		for i := range list {
			list[i] = &Term{Field: row.FieldMsg, Pattern: LiteralPattern(fmt.Sprintf("word%dx", i))}
		}
		e := Listed(&Or{list})
		for name, batch := range map[string]*row.Batch{"Text": plain, "Shape": shapedBatch(plain)} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				ev := NewEvaluator(Env{Now: noon})
				for b.Loop() {
					ev.Filter(e, batch)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
			})
		}
	}
}
