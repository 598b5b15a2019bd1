package query_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// damaged is a store of which a part cannot be read.
type damaged struct{ *memory.Store }

func (s damaged) Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error) {
	read.Damaged.Add("a#1", "a#2")
	return s.Store.Scan(ctx, will, read)
}

// TestMeta: what is not exact, not complete or cut is said beside the rows.
func TestMeta(t *testing.T) {
	src := manyLines(t, 5000)
	for _, c := range []struct {
		query  string
		source query.Source
		limit  int
		want   query.Meta // its marks
		note   string
	}{
		{query: "* | stats count dc(user) p99(duration)", source: src},
		{query: "* | stats dc(user)", source: src, want: query.Meta{Approximate: true}, note: "sketch of at most 1 % error"},
		{query: "* | eventstats dc(user) | head 1", source: src, want: query.Meta{Approximate: true}, note: "sketch of at most 1 % error"},
		{query: "* | sample 10 | stats count", source: src, want: query.Meta{Approximate: true}, note: "one of 10 rows"},
		{query: "* | timechart other=false limit=3 count by route", source: src, want: query.Meta{Truncated: true}, note: "7 values of route have no column"},
		{query: "*", source: src, limit: 10, want: query.Meta{Truncated: true}},
		{query: "* | head 10", source: src, limit: 10},
		{query: "* | stats count", source: damaged{src}, want: query.Meta{Partial: true}, note: "2 row groups could not be read"},
		{query: "* | head 1 | append [ * | stats count ]", source: damaged{src}, want: query.Meta{Partial: true}, note: "2 row groups could not be read"},
	} {
		o := query.Options{Source: c.source, Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }}
		if strings.Contains(c.query, "dc(user)") && c.want.Approximate {
			o.Limits.AggBytes = 1 << 12
		}
		a, err := query.New(o).Ask(t.Context(), query.Request{Text: c.query, Limit: c.limit})
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		rows := 0
		for b, err := range a.Rows() {
			if err != nil {
				t.Fatalf("%s: %v", c.query, err)
			}
			rows += b.Len
		}
		a.Close()
		m := a.Meta()
		if m.Approximate != c.want.Approximate || m.Truncated != c.want.Truncated || m.Partial != c.want.Partial {
			t.Errorf("%s: approximate %v, truncated %v, partial %v", c.query, m.Approximate, m.Truncated, m.Partial)
		}
		if !strings.Contains(strings.Join(m.Notes, "\n"), c.note) || c.note == "" && len(m.Notes) > 0 {
			t.Errorf("%s: notes %q, want %q", c.query, m.Notes, c.note)
		}
		if int(m.Rows) != rows || c.limit > 0 && rows > c.limit {
			t.Errorf("%s: %d rows, %d said", c.query, rows, m.Rows)
		}
		if m.Extent.Rows != 5000 {
			t.Errorf("%s: extent %+v", c.query, m.Extent)
		}
	}
}

// TestManyFields: fields are told in order of first sight, each once, be they few or many.
func TestManyFields(t *testing.T) {
	s := memory.Open(expr.Env{})
	var want []string
	for k := range 4 { // batches, each with some fields of the one before
		b := row.NewBuilder("app")
		b.Begin(int64(1000 - k))
		for i := range 60 {
			name := fmt.Sprintf("f%03d", 30*k+i)
			b.Value([]byte(name), row.IntOf(1))
			if i >= 30 || k == 0 {
				want = append(want, name)
			}
		}
		if err := s.Append(t.Context(), b.Batch()); err != nil {
			t.Fatal(err)
		}
	}
	a, err := query.New(query.Options{Source: s}).Ask(t.Context(), query.Request{Text: "*"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, err := range a.Rows() {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := slices.DeleteFunc(a.Meta().Fields, func(name string) bool { return strings.HasPrefix(name, "_") })
	if !slices.Equal(got, want) {
		t.Errorf("fields are\n%q\nnot\n%q", got, want)
	}
}
