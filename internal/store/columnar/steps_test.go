package columnar

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/when"
)

// A chart of parts, whose steps are cut where time passes them, is that of the
// buffer, where each row is asked for its step.
func TestStepsOfPartsAsOfTheBuffer(t *testing.T) {
	s := mustOpen(t, disk.Memory(), small())
	defer func() { _ = s.Close() }()
	m := newMaker(11)
	if err := s.Append(t.Context(), batchOf(m.lines("app", 5000))); err != nil {
		t.Fatal(err)
	}
	spans := []when.Span{{N: 1, Unit: when.UnitSecond}, {N: 7, Unit: when.UnitMinute}, {N: 1, Unit: when.UnitHour}, {N: 1, Unit: when.UnitDay}}
	zones := []*time.Location{time.UTC, time.FixedZone("", 5*3600+45*60)}
	var buffered, sealed []string
	for _, list := range []*[]string{&buffered, &sealed} {
		for _, span := range spans {
			for _, zone := range zones {
				*list = append(*list, chartOf(t, s, span, zone))
			}
		}
		if err := s.sealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range buffered {
		if buffered[i] != sealed[i] {
			t.Errorf("span %d: parts give\n%s\nthe buffer\n%s", i, excerptOf(sealed[i]), excerptOf(buffered[i]))
		}
	}
}

func excerptOf(text string) string { return text[:min(len(text), 2000)] }

// chartOf is what a chart holds, as text.
func chartOf(t *testing.T, s *Store, span when.Span, zone *time.Location) string {
	t.Helper()
	group := &scan.Group{Keys: []expr.Expr{&expr.Step{Field: row.FieldTime, Span: span}}}
	var calls []agg.Call
	for _, name := range []string{"count", "p50", "p99", "max", "dc", "values"} {
		call, ok := agg.Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		a := scan.Agg{Call: call}
		switch name {
		case "count":
		case "p50", "p99":
			a.Args = []expr.Expr{&expr.Field{Name: "duration"}}
		case "max":
			a.Args = []expr.Expr{&expr.Field{Name: "odd"}}
		default:
			a.Args = []expr.Expr{&expr.Field{Name: "user_id"}}
		}
		group.Aggs, calls = append(group.Aggs, a), append(calls, call)
	}
	all := agg.NewTable([]string{"step"}, calls, []string{"n", "a", "b", "c", "d", "e"}, agg.Env{})
	all.SortedKeys = true
	want := scan.Scan{From: -1 << 63, To: 1<<63 - 1, Group: group, Env: expr.Env{Zone: zone}}
	streams, err := s.Scan(t.Context(), s.Fit(want), &scan.Read{})
	if err != nil {
		t.Fatal(err)
	}
	for _, stream := range streams {
		for b, err := range stream {
			if err != nil {
				t.Fatal(err)
			}
			all.Merge(b.Partial.(*agg.Table))
		}
	}
	var lines []string
	b := all.Batch()
	for i := range b.Len {
		lines = append(lines, string(b.AppendJSON(nil, i)))
	}
	return fmt.Sprint(slices.Compact(lines))
}
