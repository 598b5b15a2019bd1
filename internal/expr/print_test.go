package expr

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
)

// readers are the two grammars.
var readers = map[string]func(text string) (Expr, error){
	"search": func(text string) (Expr, error) {
		r := NewReader(text, nil)
		e, err := r.Search()
		if err == nil && !r.End() {
			return nil, r.Fail(r.Offset(), "there is more", "")
		}
		return e, err
	},
	"expression": func(text string) (Expr, error) {
		r := NewReader(text, func(name string) bool { return name == "p99" || name == "count" })
		e, err := r.Expression()
		if err == nil && !r.End() {
			return nil, r.Fail(r.Offset(), "there is more", "")
		}
		return e, err
	},
}

// printsBack checks that what was read prints to a text that reads as the
// same, and gives that.
func printsBack(t *testing.T, grammar, text string, e Expr) {
	t.Helper()
	printed := e.String()
	again, err := readers[grammar](printed)
	if err != nil {
		t.Fatalf("%s %q prints as %q, which does not read: %v", grammar, text, printed, err)
	}
	if !reflect.DeepEqual(e, again) {
		t.Fatalf("%s %q prints as %q, which reads as another: %q", grammar, text, printed, again)
	}
}

var searchTexts = []string{
	"*", "error", "not *", `"not$"`, "not-found or/and", "or$ a", "a orders", "0 in(\"\x00\")", "* search 0", "a explain", `"connection reset"`, "“Request started”", "„so“", "prefix*", "*fi*x*", `"*"`, `a\*b`, `"a\"b"`, `"back\\slash"`, `'single'`, "'a\"b'",
	"status=200", "status!=4*", "http_status=4*", "f=*", "f!=*", "'odd name'=x", "`it's`=x", "f==Exact", "f!==x", "f<5", "f<=5", "f>5", "f>=-5", "f<>5",
	"ip=10.0.0.0/8", "ip!=10.0.0.0/8", `f~"^a.*b$"`, `f!~"x|y"`, `f~"a\"b"`, `f~"\\d+"`, "f in (a, b, c*)", "f not in (a b)", `f in ("a b", "c,d")`, "f in [search x | fields y]",
	"a b c", "a and b", "a or b", "a b or c d", "a (b or c)", "not a", "not (a b)", "not not a", "(a or b) (c or d)", "a or (b and (c or d))", "case(\"ERROR\")", "case(GET)",
	"any=x", "any!=x", `any="a b"`, "earliest=-1h", "error earliest=-1h latest=now", "f=\"\"", `f="earliest"`, `"or"`, `"and"`, `"not"`, `"in"`, `f="case(x)"`, "caf\u00e9=x",
	"user-agent=x", "f=a=b", "f=a,b", "a/* comment */b", "a # comment\nb", "f=(x)", "f=http://a/b?c=d", "1=1", "@timestamp=x", "a.b.c=d", "f=1e3", "blk_-77", "f=“x y”", "f=\"a*b\"", `f="a\*b"`,
	`f=a\\b`, `C:\temp`, `"C:\temp\*"`, "a|", "~x", "x~", `x ~ y`, "#tag", "a#b", "in", "in (x)", "[x]",
}

var expressionTexts = []string{
	"1", "-1", "1.50", "-(1)", "5m", "-5m", "1e3", "true", "null", `"a"`, `"a\"b\\c\n"`, "f", "'odd name'", "a.b", "p99(duration)", "count", "p99(duration) > 1",
	"a + b * c", "(a + b) * c", "a - b - c", "a - (b - c)", "-a", "- -a", "-(a + b)", "a = b", "a == b", "a != b", "a <> b", "a < b", "(a < b) = c", "a and b or c", "a && b || !c", "not a", "not (a and b)", "!a", "not a = b",
	`f ~ "x"`, `f !~ "x"`, `f ~ "a\"b\\d"`, "f in (1, 2, \"a b\")", "f not in (1)", "f in [x | fields y]", "(a + b) in (1)", `lower(f) ~ "x"`, "if(a > 1, b, c)", "case(a, 1, b, 2)", "coalesce(a, b, null)", "len(\"naïve\")", "now() - 5m",
	"a % 2 = 0", "1.5h", ".5", "if(a, b)", "-2 * -3", "not not a", "a * (b and c)", "(not a) = b", "-true", "'true'", "a in (\"x\\ny\")", "(f ~ \"x\") = true", "9223372036854775807", "0.000000000000000001", "'and'", "e5", "'5m'",
}

func TestPrintsBack(t *testing.T) {
	for grammar, texts := range map[string][]string{"search": searchTexts, "expression": expressionTexts} {
		for _, text := range texts {
			if e, err := readers[grammar](text); err == nil {
				printsBack(t, grammar, text, e)
			} else if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %q: %v is no Invalid", grammar, text, err)
			} else {
				t.Logf("%s %q: %v", grammar, text, err)
			}
		}
	}
}

func FuzzSearchPrintsBack(f *testing.F) {
	for _, text := range searchTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := readers["search"](text); err == nil {
			printsBack(t, "search", text, e)
		}
	})
}

func FuzzExpressionPrintsBack(f *testing.F) {
	for _, text := range expressionTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := readers["expression"](text); err == nil {
			printsBack(t, "expression", text, e)
		}
	})
}

// What is printed means the same as what it was printed from.
func TestPrintKeepsTheMeaning(t *testing.T) {
	for seed := range uint64(300) {
		c := newChance(seed)
		grammar, e := "search", c.search(3)
		if seed%2 == 0 {
			grammar, e = "expression", c.expression(3)
		}
		text := e.String()
		if strings.ToValidUTF8(text, "") != text {
			continue // nobody can type it
		}
		again, err := readers[grammar](text)
		if err != nil {
			t.Fatalf("seed %d: %s %q does not read: %v", seed, grammar, text, err)
		}
		printsBack(t, grammar, text, again)
		b, _ := c.batch(50)
		ev := NewEvaluator(Env{Now: noon})
		if got, want := ev.Filter(again, b), ev.Filter(e, b); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %q finds %v, before it was printed %v", seed, text, got, want)
		}
	}
}
