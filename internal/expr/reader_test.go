package expr

import (
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
)

func TestErrorsSayWhereAndWhat(t *testing.T) {
	for _, c := range []struct {
		grammar, text, want string
		column              int
	}{
		{"search", "a (b", "the ( that opens here is never closed", 3},
		{"search", "a b)", "this ) closes nothing", 4},
		{"search", `"abc`, "the quote that opens here is never closed", 1},
		{"search", "f=", "expected a value after f=", 3},
		{"search", "f~", "expected a value after f~", 3},
		{"search", "=x", "expected a word", 1},
		{"search", "a or", "expected a clause after “or”", 5},
		{"search", "a and", "expected a clause after “and”", 6},
		{"search", "not", "expected a clause after “not”", 4},
		{"search", "f*o=x", "cannot have a wildcard", 1},
		{"search", `""`, "nothing to look for", 1},
		{"search", `f~"("`, "missing closing )", 3},
		{"search", "f in (a", "the ( that opens here is never closed", 6},
		{"search", "f in [a", "the [ that opens here is never closed", 6},
		{"search", "not earliest=-1h", "cannot stand under not or or", 5},
		{"search", "earliest=-1h earliest=-2h", "given twice", 23},
		{"search", strings.Repeat("(", 300) + "a", "nested too deeply", 201},
		{"search", strings.Repeat("not ", 300) + "a", "nested too deeply", 805},
		{"expression", "a +", "expected a field, a number", 4},
		{"expression", "lenn(a)", "there is no function “lenn”", 1},
		{"expression", "len()", "wrong number of arguments for len(text)", 1},
		{"expression", "len(a, b)", "wrong number of arguments", 1},
		{"expression", `match(a, "(")`, "missing closing )", 10},
		{"expression", `printf("%q")`, "no verb %q", 8},
		{"expression", `printf("%9999d", a)`, "at most 1000", 8},
		{"expression", `strftime(a, "%!")`, "", 13},
		{"expression", `cidrmatch("10.0.0.0", a)`, "no network", 11},
		{"expression", `json_extract(a, "b..c")`, "empty key", 17},
		{"expression", `tostring(a, "roman")`, "styles", 13},
		{"expression", `relative_time(a, "1x")`, "", 18},
		{"expression", "a = 4*", "found the end", 7},
		{"expression", "a = *", "wildcards belong to a search", 5},
		{"expression", "5x", "neither a number nor a length of time", 1},
		{"expression", strings.Repeat("(", 300) + "a", "nested too deeply", 201},
		{"expression", strings.Repeat("-", 300) + "a", "nested too deeply", 201},
		{"expression", strings.Repeat("not ", 300) + "a", "nested too deeply", 800},
		{"expression", strings.Repeat("len(", 300) + "a", "nested too deeply", 801},
		{"expression", "a" + strings.Repeat(" + a", 5000), "too many operations", 4004},
		{"expression", "a in ()", "expected a value", 7},
		{"expression", `a ~ b`, "expected a regular expression in quotes", 5},
	} {
		_, err := readers[c.grammar](c.text)
		if err == nil {
			t.Errorf("%s %.40q reads", c.grammar, c.text)
			continue
		}
		at, ok := err.(*fault.At)
		if !ok || !strings.Contains(at.Error(), c.want) || at.Column != c.column {
			t.Errorf("%s %.40q: %v, want column %d: %s", c.grammar, c.text, err, c.column, c.want)
		}
	}
}

func TestNearestFunctionIsProposed(t *testing.T) {
	_, err := readers["expression"]("lenght(a)")
	if err == nil || !strings.Contains(err.Error(), "did you mean len?") {
		_, err = readers["expression"]("uper(a)")
		if err == nil || !strings.Contains(err.Error(), "did you mean upper?") {
			t.Errorf("uper: %v", err)
		}
	}
}

func TestTimeRange(t *testing.T) {
	r := NewReader("error earliest=-1h (a or b) latest=now | head", nil)
	e, err := r.Search()
	if err != nil || r.Range != (Range{"-1h", "now"}) || e.String() != "error and (a or b)" {
		t.Errorf("%v, %v, range %v", e, err, r.Range)
	}
	if !r.Done() || r.Peek() != '|' {
		t.Error("the search ends at the pipe")
	}
}
