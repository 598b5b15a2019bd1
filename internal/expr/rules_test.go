package expr

import (
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// ruleRow is the row that the rules are shown on.
func ruleRow() *row.Batch {
	b := row.NewBuilder("app")
	b.Begin(noon)
	for key, value := range map[string]row.Value{
		row.FieldMsg: row.TextOf("Request finished: connection reset by peer"),
		"service":    row.TextOf("api-Payments"),
		"status":     row.IntOf(200), "statusText": row.TextOf("200"), "statusFloat": row.FloatOf(200),
		"duration": row.DecimalOf(1500, 3), "version": row.TextOf("1.10.2"), "ok": row.BoolOf(false), "path": row.TextOf(`C:\temp\*.log`),
		"ip": row.TextOf("10.1.2.3"), "ip6": row.TextOf("2001:db8::1"), "mapped": row.TextOf("::ffff:10.1.2.3"), "empty": row.TextOf(""),
		"tags":    row.ListOf([]row.Value{row.TextOf("Urgent"), row.TextOf("10.9.9.9"), row.IntOf(7)}),
		"nothing": row.ListOf(nil), "at": row.TimeOf(noon - 3600e9), "order_id": row.TextOf("1234567890123456789"),
	} {
		b.Value([]byte(key), value)
	}
	return b.Batch()
}

func TestRulesOfSearch(t *testing.T) {
	for _, c := range []struct {
		search string
		want   bool
	}{
		{"*", true}, {"not *", false}, {"finished", true}, {"FINISHED", true}, {"finish", false}, {"finish*", true}, {"*nish*", true}, {`"connection reset"`, true}, {"connection*peer", true},
		{"payments", false}, {"any=payments", true}, {"any=pay", false}, {"any=200", true}, {"any=urgent", true}, {"any=2026*", true}, {"any=app", false}, {`case("Request")`, true}, {"case(request)", false},

		{"status=200", true}, {"statusText=200", true}, {"statusFloat=200", true}, {"status=200.0", true}, {"statusText=200.00", true}, {"status=2*", true}, {"status=20", false}, {"status=0200", false},
		{"status!=4*", true}, {"status!=200", false}, {"absent!=200", false}, {"not absent=200", true}, {"not status=200", false}, {"absent=200", false}, {"absent=*", false}, {"status=*", true}, {"absent!=*", true}, {"status!=*", false},
		{"duration=1.5", true}, {"duration=1.500", true}, {"duration>1.4999", true}, {"duration<1.5", false}, {"duration<=1.5", true}, {"duration>=1e0", true}, {"status>abc", false}, {"service>100", false},
		{"service=API-payments", true}, {"service=api-*", true}, {"service==api-payments", false}, {"service==api-Payments", true}, {"service!==api-payments", true}, {"service=api", false}, {"status==200.0", true},
		{"service<b", true}, {"service>API", true}, {"version>1.9.0", false}, {"ok=false", true}, {"ok=FALSE", true}, {"ok!=true", true}, {"ok==false", true},
		{`empty=""`, true}, {"empty=*", true}, {`absent=""`, false}, {`path="C:\temp\\\*.log"`, true}, {`path="c:\\TEMP\\*"`, true}, {`path=="C:\temp\*.log"`, false},

		{"ip=10.0.0.0/8", true}, {"ip!=10.0.0.0/8", false}, {"ip=192.168.0.0/16", false}, {"ip!=192.168.0.0/16", true}, {"absent!=10.0.0.0/8", false}, {"service!=10.0.0.0/8", true}, {"mapped=10.0.0.0/8", true}, {"ip6=2001:db8::/32", true}, {"tags=10.0.0.0/8", true},
		{"status in (200, 201)", true}, {"status in (201, 4*)", false}, {"status in (2*)", true}, {"statusText in (200.0)", true}, {"service in (x, API-PAYMENTS)", true}, {"status not in (200)", false}, {"status not in (404)", true}, {"absent not in (404)", false}, {"tags in (x, urgent)", true}, {"status in [anything]", false},
		{`service~"^api"`, true}, {`service~"^API"`, false}, {`service~"(?i)^API"`, true}, {`status~"^2..$"`, true}, {`service!~"^x"`, true}, {`absent!~"x"`, false}, {`tags~"^Urg"`, true}, {`tags!~"^Urg"`, false},

		{"tags=urgent", true}, {"tags=7", true}, {"tags!=urgent", false}, {"tags!=other", true}, {"nothing=*", true}, {"nothing=x", false}, {"nothing!=x", true}, {"tags>6", true},
		{`at="2026-11-21T11:00:00Z"`, true}, {"at=-1h", true}, {"at>=-1h", true}, {"at>-1h", false}, {"at<now", true}, {"at=2026-11-21T11*", true}, {"at!=-1h", false}, {"at>1795250000", true}, {"_time=now", true}, {"at in (-1h)", true},
		{"order_id=1234567890123456789", true}, {"order_id=1234567890123456788", false},
		{"finished status=200", true}, {"finished status=404", false}, {"absent=1 or status=200", true}, {"not (finished or status=404)", false}, {"not not finished", true},
	} {
		if got := NewEvaluator(Env{Now: noon}).Filter(searched(t, c.search), ruleRow()).Has(0); got != c.want {
			t.Errorf("%s is %v, want %v", c.search, got, c.want)
		}
	}
}

func TestRulesOfExpressions(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{"status = 200", "true"}, {`status = "200"`, "true"}, {"statusText = 200", "true"}, {"statusFloat = status", "true"}, {"status", "200"}, {"absent", ""}, {"absent = 1", "false"}, {"absent != 1", "false"}, {"not absent = 1", "true"},
		{`service = "api-payments"`, "false"}, {`service = "api-Payments"`, "true"}, {`service > "api"`, "true"}, {"service > 1", "false"}, {"service < 1", "false"}, {`status < "abc"`, "false"}, {"duration * 2", "3"}, {"duration + status", "201.5"},
		{`ok = "false"`, "true"}, {"ok", "false"}, {"not ok", "true"}, {"status and duration", "true"}, {`empty = ""`, "true"}, {"service", "api-Payments"},
		{`tags = "Urgent"`, "false"}, {`tags ~ "Urgent"`, "true"}, {"mvcount(tags)", "3"}, {`status in ("200")`, "true"}, {"status in (200.0)", "true"}, {"service in (x)", "false"}, {"absent in (x)", "false"}, {"status not in (1)", "true"}, {"absent not in (1)", "true"},
		{`at = "2026-11-21T11:00:00Z"`, "true"}, {`at < "now"`, "true"}, {"at < now()", "true"}, {"now() - at", "3600"}, {"at = 1795258800", "true"}, {`service ~ "^api"`, "true"}, {`absent !~ "x"`, "false"}, {`status ~ "^2"`, "true"},
		{"order_id = 1234567890123456789", "true"}, {"order_id = 1234567890123456788", "false"}, {"status in [x]", "false"}, {"_dataset", "app"}, {"_time = now()", "true"},
	} {
		got := NewEvaluator(Env{Now: noon}).Eval(expressed(t, c.text), ruleRow())
		if text := got.Value(0).Text(); text != c.want || got.Name != "" {
			t.Errorf("%s is %q, want %q", c.text, text, c.want)
		}
	}
}

// What must be demanded of a text is found in every text that matches.
func FuzzDemandsHold(f *testing.F) {
	for _, re := range regexpStock {
		for _, text := range textStock {
			f.Add(re, text)
		}
	}
	f.Add("(?i)ſtraße|x", "STRASSE")
	f.Add("(?i:k)elvin", "\u212aelvin")
	f.Add("a(?:bc)+?d{2,}e*", "xabcbcdd")
	f.Add("\ufffd", "\xff")
	f.Fuzz(func(t *testing.T, text, in string) {
		re, err := CompileRegexp(text)
		if err != nil {
			return
		}
		test := newMatchTest(re)
		if got, want := test.text(in), re.MatchString(in); got != want {
			t.Fatalf("%q in %q is %v, want %v", text, in, got, want)
		}
		shaped, fill := row.SplitShape(nil, nil, []byte(in))
		var s shape
		s.read(string(shaped))
		if test.shape(&s) == never && re.MatchString(in) {
			t.Fatalf("%q matches %q, its shape says never", text, in)
		}
		if p := placesIn(test, &s); p.in(fill) == never && re.MatchString(in) {
			t.Fatalf("%q matches %q, what fills its holes says never", text, in)
		}
	})
}

// The answer of a shape holds for every message of it.
func FuzzShapesDecide(f *testing.F) {
	for _, text := range textStock {
		f.Add("17", text)
		f.Add("error*9f", text)
		f.Add("*a1*", text)
	}
	f.Fuzz(func(t *testing.T, pattern, in string) {
		p := ParsePattern(pattern)
		shaped, fill := row.SplitShape(nil, nil, []byte(in))
		var s shape
		s.read(string(shaped))
		for _, test := range []test{newTermTest(p, false), newTermTest(p, true), newEqualTest(p, &Env{})} {
			want, got := test.text(in), test.(interface{ shape(*shape) verdict }).shape(&s)
			if got == never && want || got == always && !want {
				t.Fatalf("%q in %q is %v, its shape says %d", pattern, in, want, got)
			}
			if got == open {
				if p := placesIn(test, &s); p.in(fill) == never && want || p.in(fill) == always && !want {
					t.Fatalf("%q in %q is %v, what fills its holes says %d", pattern, in, want, p.in(fill))
				}
			}
		}
	})
}

func TestSimplify(t *testing.T) {
	judge := func(e Expr) Verdict {
		switch text := e.String(); {
		case strings.Contains(text, "yes"):
			return Yes
		case strings.Contains(text, "no"):
			return No
		}
		return Maybe
	}
	for _, c := range []struct{ search, want string }{
		{"*", "*"}, {"not *", "not *"}, {"maybe", "maybe"}, {"yes", "*"}, {"no", "not *"}, {"not no", "*"}, {"not yes", "not *"}, {"not maybe", "not maybe"}, {"not not maybe", "maybe"},
		{"a yes b", "a and b"}, {"a no b", "not *"}, {"yes yes", "*"}, {"a or no or b", "a or b"}, {"a or yes", "*"}, {"no or no", "not *"}, {"a or no", "a"},
		{"a (b or no) (c or yes)", "a and b"}, {"a (b no or c)", "a and c"}, {"not (a or yes)", "not *"}, {"a or (b or (c or no))", "a or b or c"}, {"a not (no or no)", "a"},
	} {
		if got := Simplify(searched(t, c.search), judge).String(); got != c.want {
			t.Errorf("%s becomes %s, want %s", c.search, got, c.want)
		}
	}
	if got := Simplify(nil, judge).String(); got != "*" {
		t.Errorf("no filter becomes %s", got)
	}
}

// Simplify may only leave out what judge decided.
func TestSimplifyKeepsTheMeaning(t *testing.T) {
	for seed := range uint64(200) {
		c := newChance(seed)
		b, _ := c.batch(100)
		ev := NewEvaluator(Env{Now: noon})
		judge := func(e Expr) Verdict {
			switch ev.Filter(e, b).Count() {
			case 0:
				return No
			case b.Len:
				return Yes
			}
			return Maybe
		}
		e := c.search(4)
		short := Simplify(e, judge)
		if got, want := ev.Filter(short, b).Count(), ev.Filter(e, b).Count(); got != want {
			t.Fatalf("seed %d: %s finds %d, simplified to %s %d", seed, e, want, short, got)
		}
	}
}

func TestCompileRegexp(t *testing.T) {
	if _, err := CompileRegexp("(a"); err == nil || !strings.Contains(err.Error(), "missing closing )") {
		t.Errorf("an open bracket: %v", err)
	}
	if _, err := CompileRegexp(strings.Repeat("a", maxRegexp+1)); err == nil {
		t.Error("an endless expression compiles")
	}
}
