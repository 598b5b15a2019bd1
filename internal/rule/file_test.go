package rule

import (
	"strings"
	"testing"
)

func anyQuestion(*Rule) error { return nil }

func TestParse(t *testing.T) {
	rules, err := Parse("a.yaml", []byte(`
rules:
  - name: fails
    question: x | stats count by http_route | where count > 10
    over: 5m
    for: 2m
    severity: critical
    except: [{http_route: /healthz}]
slos:
  - name: api
    slo: 99.9% of canonical-log-line over 30d good http_status<500
`), anyQuestion)
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) != 3 || rules[0].For != 2*minute || rules[0].Every != minute || rules[0].Severity != Critical {
		t.Fatalf("rules are %+v", rules)
	}
	slo := rules[1].Burn
	if slo == nil || slo.Search != "canonical-log-line" || slo.Good != "http_status<500" || slo.Factor(Windows()[0]) < 14.39 || slo.Factor(Windows()[0]) > 14.41 {
		t.Errorf("the promise is %+v", slo)
	}
	if week := (&SLO{Over: Duration(7 * 24 * 3600e9)}); week.Factor(Windows()[3]) != 1 {
		t.Errorf("10 %% of a week's budget in three days is what the promise allows; the factor is %v", week.Factor(Windows()[3]))
	}
	if left := slo.Left(Counts{Total: 10_000, Good: 9_995}); left < 0.49 || left > 0.51 {
		t.Errorf("half of the budget is spent, left is %v", left)
	}
}

// TestParseErrors: each names what is wrong, where, and what to do.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"rules:\n  - question: x", "wants a name"},
		{"rules:\n  - name: a b\n    question: x", "letters, digits"},
		{"rules:\n  - name: a", "wants a question"},
		{"rules:\n  - name: a\n    question: x\n    evry: 1m", "evry"},
		{"rules:\n  - name: a\n    question: x\n    every: 1q", "1q"},
		{"rules:\n  - name: a\n    question: x\n    every: 1ms", "at least 1s"},
		{"rules:\n  - name: a\n    question: x\n    over: 400d", "at most 31d"},
		{"rules:\n  - name: a\n    question: x\n    severity: high", "info, warning, critical"},
		{"rules:\n  - name: a\n    question: x\n    for: -1m", "negative"},
		{"slos:\n  - name: a\n    slo: 100% of x over 30d good y", "no percentage"},
		{"slos:\n  - name: a\n    slo: 99% of x good y", "over"},
		{"slos:\n  - name: a\n    slo: 99% of x over 1h good y", "too short"},
		{"rules: 7", "a.yaml"},
		{":", "a.yaml"},
	} {
		_, err := Parse("a.yaml", []byte(c.text), anyQuestion)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.yaml") {
			t.Errorf("%q gives %v, want %q", c.text, err, c.want)
		}
	}
}

// FuzzParse: no file of rules, however wrong, does more than fail.
func FuzzParse(f *testing.F) {
	f.Add([]byte("rules:\n  - name: a\n    question: x\n    every: 1m\n    except: [{a: b}]\nslos:\n  - {name: a, slo: 99% of x over 30d good y}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, err := Parse("f", data, anyQuestion)
		for i := range rules {
			if err == nil && rules[i].Check() != nil {
				t.Errorf("rule %d passes once and not twice", i)
			}
		}
	})
}
