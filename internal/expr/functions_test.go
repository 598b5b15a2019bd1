package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/row"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()

// valueOfText evaluates an expression over one row without fields.
func valueOfText(t testing.TB, text string) row.Value {
	t.Helper()
	c := NewEvaluator(Env{Now: noon}).Eval(expressed(t, text), &row.Batch{Len: 1})
	return c.Value(0)
}

// The documentation shows these examples.
func TestExamplesGiveTheirResults(t *testing.T) {
	for _, name := range FunctionNames() {
		f, _ := FunctionOf(name)
		if got := valueOfText(t, f.Example).Text(); got != f.Result {
			t.Errorf("%s is %q, the documentation says %q", f.Example, got, f.Result)
		}
		if !strings.HasPrefix(f.Example, name+"(") || !strings.HasSuffix(f.Summary, ".") {
			t.Errorf("%s: the example calls it first, the summary is a sentence", name)
		}
	}
}

func TestFunctions(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`if(null, 1, 2)`, "2"}, {`if(1 = 1, "a")`, "a"}, {`if(1 = 2, "a")`, ""}, {`if("true", 1, 2)`, "1"}, {`if(0, 1, 2)`, "2"}, {`if(1 = 1, null, 2)`, ""},
		{`case(null, 1, 2 > 1, 2)`, "2"}, {`case(1 > 2, 1)`, ""}, {`case(1 > 2, 1, "else")`, "else"},
		{`coalesce(null, null)`, ""}, {`coalesce("")`, ""}, {`isnull(coalesce(null))`, "true"}, {`isnotnull(null)`, "false"},

		{`len("")`, "0"}, {`len(200)`, "3"}, {`len(null)`, ""}, {`lower("ÀÉ")`, "àé"}, {`upper("café")`, "CAFÉ"}, {`lower(5)`, "5"},
		{`substr("abcdef", 2, 3)`, "bcd"}, {`substr("abcdef", 0, 2)`, "ab"}, {`substr("abcdef", -2)`, "ef"}, {`substr("abcdef", -9, 2)`, "ab"}, {`substr("abc", 9)`, ""}, {`substr("naïve", 3, 1)`, "ï"}, {`substr("abc", 1, -1)`, ""}, {`substr("abc", "x")`, ""}, {`substr(12345, 2, 2)`, "23"},
		{`trim("--a--", "-")`, "a"}, {`trim("\t a\n")`, "a"}, {`ltrim("xxa", "x")`, "a"}, {`rtrim("a  ")`, "a"}, {`trim("abc", "")`, "abc"},
		{`split("abc", "")`, `["a","b","c"]`}, {`split("", ",")`, `[""]`}, {`split("a::b", "::")`, `["a","b"]`},
		{`replace("aaa", "a", "b")`, "bbb"}, {`replace("a.b", "(\\w)\\.(\\w)", "\\2.\\1")`, "b.a"}, {`replace("a.b", "(?P<x>a)", "<${x}>")`, "<a>.b"}, {`replace("abc", "", "-")`, "-a-b-c-"}, {`replace("abc", "x", "y")`, "abc"}, {`replace("5", "5", "$$")`, "$"}, {`replace("a", "(" + "", "b")`, ""},
		{`match("abc", "b")`, "true"}, {`match("abc", "^b")`, "false"}, {`match(200, "^2")`, "true"}, {`contains("abc", "B")`, "false"}, {`startswith("abc", "")`, "true"}, {`endswith("abc", "bc")`, "true"},
		{`printf("%5d|%-5s|%05.1f|%x|%X|%o|%e|%c|%%", 42, "ab", 3.14159, 255, 255, 8, 1500, "xyz")`, "   42|ab   |003.1|ff|FF|10|1.500000e+03|x|%"}, {`printf("%d", "12")`, "12"}, {`printf("%d", 3.9)`, "3"}, {`printf("%d", "x")`, ""}, {`printf("%s %s", "a")`, ""}, {`printf("plain")`, "plain"}, {`printf("%i%u", 1, 2)`, "12"}, {`printf("%s", 1.50)`, "1.50"}, {`printf("%s", null)`, ""},
		{`tostring(1.50)`, "1.50"}, {`tostring(true)`, "true"}, {`tostring(-1234.5, "commas")`, "-1,234.5"}, {`tostring(999, "commas")`, "999"}, {`tostring(255, "hex")`, "0xff"}, {`tostring(90.5, "duration")`, "1m30.5s"}, {`tostring("x", "commas")`, ""}, {`tostring(-1, "hex")`, ""},
		{`tonumber(" 42 ")`, "42"}, {`tonumber("1e3")`, "1000"}, {`tonumber("0x1F", 16)`, "31"}, {`tonumber("z", 36)`, "35"}, {`tonumber("9", 8)`, ""}, {`tonumber("x")`, ""}, {`tonumber("1", 1)`, ""}, {`tonumber(true)`, "1"}, {`tonumber(now())`, "1795262400"}, {`tonumber("NaN")`, ""},
		{`urldecode("a%2Fb%zz%4")`, "a/b%zz%4"}, {`urldecode("%ff")`, "\ufffd"}, {`pattern("")`, ""}, {`pattern(12)`, "<n>"},

		{`abs(-5)`, "5"}, {`abs("x")`, ""}, {`abs(-1e300)`, "1e+300"}, {`ceil(2)`, "2"}, {`ceil(-2.5)`, "-2"}, {`ceil(1e300)`, "1e+300"}, {`floor(2.9)`, "2"}, {`floor("2.9")`, "2"}, {`floor(-0.5)`, "-1"}, {`ceil(-0.5)`, "0"}, {`floor(now())`, ""},
		{`round(2.5)`, "3"}, {`round(-2.5)`, "-3"}, {`round(-2.4)`, "-2"}, {`round(1234, -2)`, "1200"}, {`round(1250, -2)`, "1300"}, {`round(1.005, 2)`, "1.01"}, {`round(5, 2)`, "5"}, {`round(1e20)`, "100000000000000000000"}, {`round(0.1 + 0.2, 20)`, ""}, {`round(1 / 3, 3)`, "0.333"}, {`round(5, -18)`, "0"}, {`round(600000000000000000, -18)`, "1000000000000000000"}, {`round(4.700000000000000001, -1)`, "0"}, {`round(-4.700000000000000001, -1)`, "0"}, {`round(5.000000000000000001, -1)`, "10"}, {`round(-5.000000000000000001, -1)`, "-10"}, {`round(92233720368547.75807, -18)`, "0"},
		{`sqrt(-1)`, ""}, {`sqrt(2)`, "1.4142135623730951"}, {`pow(2, 0.5)`, "1.4142135623730951"}, {`pow(0, -1)`, ""}, {`exp(1)`, "2.718281828459045"}, {`ln(0)`, ""}, {`ln(exp(1))`, "1"}, {`log(1000)`, "3"}, {`log(8, 1)`, ""}, {`log(-1)`, ""}, {`log(100, 10)`, "2"}, {`exp(10000)`, ""},

		{`now()`, "2026-11-21T12:00:00Z"}, {`strftime(now(), "%Y")`, "2026"}, {`strftime("x", "%Y")`, ""}, {`strftime(0, "rfc3339")`, "1970-01-01T00:00:00Z"}, {`strftime("1.5", "%s.%3N")`, "1.500"},
		{`strptime("2026-11-21 10:00", "%Y-%m-%d %H:%M")`, "2026-11-21T10:00:00Z"}, {`strptime("nonsense", "%Y")`, ""}, {`strptime("2026-11-21T10:00:00Z", "auto")`, "2026-11-21T10:00:00Z"}, {`now() - strptime("2026-11-21", "%Y-%m-%d")`, "43200"},
		{`relative_time(now(), "@d")`, "2026-11-21T00:00:00Z"}, {`relative_time("x", "-1d")`, ""}, {`relative_time(0, "+1h")`, "1970-01-01T01:00:00Z"},

		{`cidrmatch("10.0.0.0/8", "11.0.0.1")`, "false"}, {`cidrmatch("10.0.0.0/8", "no address")`, "false"}, {`cidrmatch("10.0.0.0/8", null)`, ""}, {`cidrmatch("x" + "", "10.0.0.1")`, ""}, {`cidrmatch("2001:db8::/32", "2001:db8::7")`, "true"}, {`cidrmatch("10.1.2.3/8", "10.9.9.9")`, "true"},
		{`sha256("abc")`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},

		{`json_extract("{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}", "a.b[1].c")`, "x"}, {`json_extract("{\"a\":1.50}", "a")`, "1.50"}, {`json_extract("{\"a\":null}", "a")`, ""}, {`json_extract("{\"a\":true}", "$.a")`, "true"}, {`json_extract("[1,2,3]", "[-1]")`, "3"}, {`json_extract("[1,2,3]", "[9]")`, ""}, {`json_extract("[1,2,3]", "[-9]")`, ""},
		{`json_extract("{\"a\":{\"b\":1}}", "a")`, `{"b":1}`}, {`json_extract("{\"a\":[1,\"x\",[2]]}", "a")`, `[1,"x","[2]"]`}, {`json_extract("{\"a.b\":7}", "[\"a.b\"]")`, "7"}, {`json_extract("not json", "a")`, ""}, {`json_extract("{\"a\":1", "b")`, ""}, {`json_extract("5", "")`, "5"}, {`json_extract("{\"a\":\"\\u00e9\"}", "a")`, "é"}, {`json_extract("5", "a")`, ""}, {`json_extract("{\"a\":1e3}", "a")`, "1000"},

		{`mvcount("x")`, "1"}, {`mvcount(null)`, ""}, {`mvindex("x", 0)`, "x"}, {`mvindex("x", 1)`, ""}, {`mvindex(split("a,b,c", ","), 0, 1)`, `["a","b"]`}, {`mvindex(split("a,b,c", ","), -2, -1)`, `["b","c"]`}, {`mvindex(split("a,b,c", ","), 2, 1)`, ""}, {`mvindex(split("a,b,c", ","), -9, 0)`, `["a"]`}, {`mvindex(split("a,b", ","), "x")`, ""}, {`mvjoin(5, ",")`, "5"}, {`mvjoin(split("a", ","), 1)`, "a"}, {`mvindex(split("a,b,c", ","), -9)`, ""},
	} {
		if got := valueOfText(t, c.text).Text(); got != c.want {
			t.Errorf("%s is %q, want %q", c.text, got, c.want)
		}
	}
}

func TestFunctionsKeepZones(t *testing.T) {
	zone := time.FixedZone("", 7*3600)
	for text, want := range map[string]string{
		`strftime(0, "%H:%M %z")`:                        "07:00 +0700",
		`strptime("1970-01-01 07:00", "%Y-%m-%d %H:%M")`: "1970-01-01T00:00:00Z",
		`relative_time(now(), "@d")`:                     "2026-11-20T17:00:00Z",
		`_time = "1970-01-01 07:00:00"`:                  "true",
	} {
		b := row.NewBuilder("")
		b.Begin(0)
		c := NewEvaluator(Env{Now: noon, Zone: zone}).Eval(expressed(t, text), b.Batch())
		if got := c.Value(0).Text(); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

// No function may fill the memory, whatever it is asked.
func TestResultsAreBounded(t *testing.T) {
	long := row.TextOf(strings.Repeat("a", maxText))
	batch := &row.Batch{Len: 1, Cols: []row.Column{
		{Name: "long", Kind: row.Mixed, Values: []row.Value{long}},
		{Name: "short", Kind: row.Mixed, Values: []row.Value{row.TextOf("aaaaaaaaaa")}},
	}}
	for text, there := range map[string]bool{
		`upper(long)`:                        true,
		`long + long`:                        false,
		`long + short`:                       false,
		`replace(long, "a", "b")`:            false,
		`replace(long, "^a", "b")`:           true,
		`printf("%s%s", long, long)`:         false,
		`mvjoin(split(short, ""), long)`:     false,
		`mvcount(split(long, ""))`:           true,
		`sha256(long)`:                       true,
		`substr(long, 2)`:                    true,
		`urldecode(long)`:                    true,
		`replace(short, "a", printf("%9d"))`: false,
	} {
		c := NewEvaluator(Env{}).Eval(expressed(t, text), batch)
		if c.Has(0) != there {
			t.Errorf("%s has a value: %v, want %v", text, c.Has(0), there)
		}
	}
}

func TestOneBatchOfResultsIsBounded(t *testing.T) {
	left, long := newAllowance(nil), row.TextOf(strings.Repeat("a", maxText))
	for i := range maxGrowth / maxText {
		if left.take(long).IsMissing() {
			t.Fatalf("text %d is missing", i)
		}
	}
	if !left.take(long).IsMissing() || !left.take(row.ListOf([]row.Value{long})).IsMissing() {
		t.Error("a batch may grow without end")
	}
	if left.take(row.IntOf(7)).IsMissing() {
		t.Error("numbers are not counted")
	}
}
