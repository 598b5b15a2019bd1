package columnar

import (
	"fmt"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// What parts count by the shapes of their messages, without opening a row group,
// is what the buffer counts line by line.
func TestShapesCountAsTheBuffer(t *testing.T) {
	s := mustOpen(t, disk.Memory(), small())
	defer func() { _ = s.Close() }()
	m := newMaker(17)
	lines := m.lines("app", 6000)
	for i := range lines {
		lines[i].fields[2] = field{row.FieldMsg, row.TextOf(fmt.Sprintf("%s %d of worker %d took %d ms", []string{"job", "request", "Session"}[i%3], i*7919, i%50, i*i))}
	}
	if err := s.Append(t.Context(), batchOf(lines)); err != nil {
		t.Fatal(err)
	}
	pattern, _ := expr.FunctionOf("pattern")
	byPattern := []expr.Expr{&expr.Call{Func: pattern, Args: []expr.Expr{&expr.Field{Name: row.FieldMsg}}}}
	filters := []string{"*", "job", "session worker", "not job", "absent", "*7919*", "job level=error"}
	ask := func() (out []string, groups int64) {
		for _, text := range filters {
			for _, keys := range [][]expr.Expr{nil, byPattern} {
				answer, read := countOf(t, s, search(t, text), keys)
				out, groups = append(out, text+": "+answer), groups+read.Groups.Load()
			}
		}
		return out, groups
	}
	buffered, _ := ask()
	if err := s.sealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealed, _ := ask()
	if !slices.Equal(buffered, sealed) {
		t.Errorf("parts give\n%q\nthe buffer\n%q", sealed, buffered)
	}
	filters = filters[:5]
	if _, groups := ask(); groups > 0 {
		t.Errorf("%d row groups were opened to count shapes", groups)
	}
}

// countOf is how many lines there are of each key, as text.
func countOf(t *testing.T, s *Store, where expr.Expr, keys []expr.Expr) (string, *scan.Read) {
	t.Helper()
	call, _ := agg.Lookup("count")
	all := agg.NewTable(make([]string, len(keys)), []agg.Call{call}, []string{"n"}, agg.Env{})
	all.SortedKeys = true
	read := &scan.Read{}
	want := scan.Scan{From: -1 << 63, To: 1<<63 - 1, Where: where, Group: &scan.Group{Keys: keys, Aggs: []scan.Agg{{Call: call}}}}
	streams, err := s.Scan(t.Context(), s.Fit(want), read)
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
	b, text := all.Batch(), ""
	for i := range b.Len {
		for k := range b.Cols {
			v := b.Cols[k].Value(i)
			text += v.Text() + " "
		}
	}
	return text, read
}
