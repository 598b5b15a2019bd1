package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// sameAnswer says how two answers to a question differ; nil when they do not.
// Rows are compared as a set, unless the question is ordered.
func sameAnswer(q question, a, b [][]string) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d rows and %d", len(a), len(b))
	}
	if len(a) == 0 {
		return fmt.Errorf("no rows at all")
	}
	a, b = slices.Clone(a), slices.Clone(b)
	if !q.ordered {
		byText := func(x, y []string) int { return strings.Compare(labels(x), labels(y)) }
		slices.SortFunc(a, byText)
		slices.SortFunc(b, byText)
	}
	for i := range a {
		for k := range a[i] {
			if !sameValue(a[i][k], b[i][k], q.slack) {
				return fmt.Errorf("row %d: %s is %q and %q", i+1, q.columns[k], a[i][k], b[i][k])
			}
		}
	}
	return nil
}

// labels are the values of a row that are not numbers with digits after the
// point: those that sort alike in all systems.
func labels(row []string) string {
	var out []string
	for _, v := range row {
		if !strings.Contains(v, ".") {
			out = append(out, v)
		}
	}
	return key(out)
}

func sameValue(a, b string, slack float64) bool {
	if a == b {
		return true
	}
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return false
	}
	y, err := strconv.ParseFloat(b, 64)
	return err == nil && math.Abs(x-y) <= slack*math.Max(math.Abs(x), math.Abs(y))
}
