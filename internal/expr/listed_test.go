package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// TestListed: chains of comparisons become lists, and nothing else does.
func TestListed(t *testing.T) {
	for _, c := range []struct {
		search bool
		text   string
		want   string
	}{
		{true, "a=1 or a=2 or a=3", "a=1 or a=2 or a=3"},
		{true, "a=1 or a=2 or a=x* or a=4", "a in (1, 2, x*, 4)"},
		{true, "a=1 or b=1 or a=2 or error or a=3 or a=4 or b=2", "a in (1, 2, 3, 4) or b=1 or error or b=2"},
		{true, "(a=1 or a=2 or a=3) or a=4", "a in (1, 2, 3, 4)"},
		{true, "a!=1 a!=2 error a!=3 a!=4", "a=* and not a in (1, 2, 3, 4) and error"},
		{true, "not (a=1 or a=2 or a=3 or a=4)", "not a in (1, 2, 3, 4)"},
		{true, "a=1 a=2 a=3 a=4", "a=1 and a=2 and a=3 and a=4"},
		{true, "a==1 or a==2 or a==3 or a==4", "a==1 or a==2 or a==3 or a==4"},
		{false, `a = 1 or a = "x" or a = 2.50 or a = "y z"`, `a in ("1", "x", "2.50", "y z")`},
		{false, `a != 1 and a != "x" and a != 2 and a != 3`, `a=* and not a in ("1", "x", "2", "3")`},
		{false, `if(a = 1 or a = 2 or a = 3 or a = 4, "x", b)`, `if(a in ("1", "2", "3", "4"), "x", b)`},
		{false, "a = b or a = c or a = d or a = e", "a = b or a = c or a = d or a = e"},
	} {
		r := NewReader(c.text, nil)
		read := r.Expression
		if c.search {
			read = r.Search
		}
		e, err := read()
		if err != nil {
			t.Fatal(err)
		}
		before := e.String()
		if got := Rewrite(e, Listed).String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.text, got, c.want)
		}
		if e.String() != before {
			t.Errorf("%s prints as %s afterwards", before, e)
		}
	}
}

// TestManyWildcardsEndWithTheirQuestion: nobody waits any more, so the wildcards of a
// list are not gone through.
func TestManyWildcardsEndWithTheirQuestion(t *testing.T) {
	e, err := NewReader("a in (x*y, plain)", nil).Search()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	set := newSetTest(e.(*In).List, false, &Env{Done: done})
	if !set.text("x1y") {
		t.Error("x1y does not fit while the question is alive")
	}
	close(done)
	if set.text("x1y") || set.value(row.TextOf("x1y")) || !set.text("plain") {
		t.Error("wildcards are gone through for nobody")
	}
}

// TestListedMeansTheSame compares what chains and lists find, in columns of
// every kind.
func TestListedMeansTheSame(t *testing.T) {
	for seed := range uint64(3000) {
		c := newChance(seed)
		b, _ := c.batch(1 + c.IntN(60))
		field, n := c.field(), fewValues+c.IntN(4)
		var list []Expr
		for range n {
			list = append(list, c.equality(field, seed%4 >= 2, seed%2 == 1))
		}
		var e Expr = &Or{list}
		if seed%2 == 1 {
			e = &And{list}
		}
		joined := Rewrite(e, Listed)
		if strings.Count(joined.String(), " in (") != 1 {
			t.Fatalf("%s becomes %s", e, joined)
		}
		want, got := NewEvaluator(Env{Now: noon}).Filter(e, b), NewEvaluator(Env{Now: noon}).Filter(joined, b)
		if fmt.Sprint(want) != fmt.Sprint(got) {
			i := 0
			for want.Has(i) == got.Has(i) {
				i++
			}
			t.Fatalf("seed %d: %s\nis %v, and %v as %s\nfor %v of kind %v", seed, e, want.Has(i), got.Has(i), joined, b.Col(field).Value(i).Text(), b.Col(field).Kind)
		}
	}
}

// equality is a comparison of a field with a value, of a search or an
// expression.
func (c chance) equality(field string, exact, not bool) Expr {
	if !exact {
		op := Eq
		if not {
			op = Ne
		}
		return &Compare{Field: field, Op: op, Pattern: c.pattern()}
	}
	op := "="
	if not {
		op = "!="
	}
	v := c.literal()
	for v.Kind != row.Text && v.Kind != row.Int && v.Kind != row.Decimal {
		v = c.literal()
	}
	if c.IntN(3) == 0 {
		v = row.TextOf(c.needle())
	}
	return &Binary{op, &Field{field}, &Literal{Value: v}}
}
