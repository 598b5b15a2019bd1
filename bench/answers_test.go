package main

import "testing"

func TestAnswersAreCompared(t *testing.T) {
	q := question{columns: []string{"name", "n"}}
	a := answer{rows: [][]string{{"x", "100"}, {"y", "2.5"}}}
	for _, c := range []struct {
		what string
		b    [][]string
		same bool
	}{
		{"the same", [][]string{{"x", "100"}, {"y", "2.5"}}, true},
		{"another order", [][]string{{"y", "2.5"}, {"x", "100"}}, true},
		{"other digits of the same number", [][]string{{"x", "1e2"}, {"y", "2.500000"}}, true},
		{"within the slack", [][]string{{"x", "100"}, {"y", "2.51"}}, true},
		{"beyond it", [][]string{{"x", "100"}, {"y", "2.6"}}, false},
		{"another text", [][]string{{"z", "100"}, {"y", "2.5"}}, false},
		{"a row less", [][]string{{"x", "100"}}, false},
		{"no number", [][]string{{"x", "many"}, {"y", "2.5"}}, false},
		{"a gap", [][]string{{"x", "100"}, {"y", "2.5"}, {"z", ""}}, false},
	} {
		if err := sameAnswer(q, a, answer{rows: c.b, slack: 0.01}); (err == nil) != c.same {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if sameAnswer(q, a, answer{rows: [][]string{{"x", "100"}, {"y", "2.51"}}}) == nil {
		t.Error("a system that takes no samples has slack")
	}
	if sameAnswer(q, answer{}, answer{}) == nil {
		t.Error("two empty answers say nothing, and pass")
	}
	q.gaps = true
	if err := sameAnswer(q, a, answer{rows: append(a.rows, []string{"z", ""})}); err != nil {
		t.Errorf("a step without lines: %v", err)
	}
	q.ordered = true
	if sameAnswer(q, a, answer{rows: [][]string{a.rows[1], a.rows[0]}}) == nil {
		t.Error("a top list passes in another order")
	}
}
