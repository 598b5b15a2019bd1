package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// rounding is the share by which sums of the same numbers may differ.
const rounding = 1e-9

// sameAnswer says how two answers to a question differ; nil when they do not.
// Rows are compared as a set, unless the question is ordered.
func sameAnswer(q question, first, second answer) error {
	a, b := slices.Clone(first.rows), slices.Clone(second.rows)
	if q.gaps {
		a, b = slices.DeleteFunc(a, hasGap), slices.DeleteFunc(b, hasGap)
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d rows and %d", len(a), len(b))
	}
	if len(a) == 0 {
		return fmt.Errorf("no rows at all")
	}
	if !q.ordered {
		byText := func(x, y []string) int { return strings.Compare(labels(x), labels(y)) }
		slices.SortFunc(a, byText)
		slices.SortFunc(b, byText)
	}
	slack := max(first.slack, second.slack, rounding)
	for i := range a {
		for k := range a[i] {
			if !sameValue(a[i][k], b[i][k], slack) {
				return fmt.Errorf("row %d: %s is %q and %q", i+1, q.columns[k], a[i][k], b[i][k])
			}
		}
	}
	return nil
}

func hasGap(row []string) bool { return slices.Contains(row, "") }

// labels are the values of a row that are not numbers with digits after the
// point: those that sort alike in all systems.
func labels(row []string) string {
	var out []string
	for _, v := range row {
		if !strings.Contains(v, ".") {
			out = append(out, v)
		}
	}
	return strings.Join(out, "\x00")
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
