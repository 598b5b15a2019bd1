package main

import "testing"

func TestAnswersAreCompared(t *testing.T) {
	q := question{columns: []string{"name", "n"}, slack: 0.01}
	a := [][]string{{"x", "100"}, {"y", "2.5"}}
	for _, c := range []struct {
		what string
		b    [][]string
		same bool
	}{
		{"the same", [][]string{{"x", "100"}, {"y", "2.5"}}, true},
		{"another order", [][]string{{"y", "2.5"}, {"x", "100"}}, true},
		{"within the slack", [][]string{{"x", "100"}, {"y", "2.51"}}, true},
		{"beyond it", [][]string{{"x", "100"}, {"y", "2.6"}}, false},
		{"another text", [][]string{{"z", "100"}, {"y", "2.5"}}, false},
		{"a row less", [][]string{{"x", "100"}}, false},
		{"no number", [][]string{{"x", "many"}, {"y", "2.5"}}, false},
	} {
		if err := sameAnswer(q, a, c.b); (err == nil) != c.same {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if sameAnswer(q, nil, nil) == nil {
		t.Error("two empty answers say nothing, and pass")
	}
	q.ordered = true
	if sameAnswer(q, a, [][]string{a[1], a[0]}) == nil {
		t.Error("a top list passes in another order")
	}
}
