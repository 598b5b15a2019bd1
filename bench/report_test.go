package main

import (
	"strings"
	"testing"
	"time"
)

func TestRowsAreHeldAgainstTheirGoals(t *testing.T) {
	of := func(r *result) float64 { return micros(median(r.Times["q"])) / 1000 }
	times := func(system string, ms ...int) result {
		r := result{System: system, Times: map[string][]time.Duration{}}
		for _, n := range ms {
			r.Times["q"] = append(r.Times["q"], time.Duration(n)*time.Millisecond)
		}
		return r
	}
	results := []result{times("Plumbline", 9, 1, 4), times("VictoriaLogs", 40), times("ClickHouse", 20)}
	for _, c := range []struct {
		what string
		goal goal
		want string
	}{
		{"none", goal{}, "| q | 4.0 | 40.0 | 20.0 | 0.20 |  |  |  |\n"},
		{"met by itself", goal{most: 4}, "| q | 4.0 | 40.0 | 20.0 | 0.20 | ≤ 4 |  | met |\n"},
		{"missed by itself", goal{most: 2}, "| q | 4.0 | 40.0 | 20.0 | 0.20 | ≤ 2 |  | short, ×2.00 |\n"},
		{"met as a share, on a slower machine", goal{2, "ClickHouse", 10}, "| q | 4.0 | 40.0 | 20.0 | 0.20 | ≤ 2 | ≤ 0.20 of ClickHouse | met |\n"},
		{"missed as a share, on a faster one", goal{5, "VictoriaLogs", 100}, "| q | 4.0 | 40.0 | 20.0 | 0.20 | ≤ 5 | ≤ 0.05 of VictoriaLogs | short, ×2.00 |\n"},
	} {
		var b strings.Builder
		f := figure{"q", "%.1f", of, c.goal}
		f.row(&b, results)
		if b.String() != c.want {
			t.Errorf("%s: %s", c.what, b.String())
		}
	}
}
