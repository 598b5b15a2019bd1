package columnar

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/when"
)

// aggregated are questions for aggregates, each as somebody asks it again and again.
func aggregated(t testing.TB) (list []scan.Scan) {
	t.Helper()
	call := func(name string, args ...string) scan.Agg {
		c, ok := agg.Lookup(name)
		if !ok {
			t.Fatalf("no aggregate %s", name)
		}
		a := scan.Agg{Call: c}
		for _, f := range args {
			a.Args = append(a.Args, &expr.Field{Name: f})
		}
		return a
	}
	pattern, _ := expr.FunctionOf("pattern")
	keys := [][]expr.Expr{
		nil,
		{&expr.Field{Name: "level"}},
		{&expr.Field{Name: "user_id"}},
		{&expr.Field{Name: "status"}, &expr.Field{Name: "odd"}},
		{&expr.Step{Field: row.FieldTime, Span: when.AutoSpan(0, int64(time.Hour), 12)}, &expr.Field{Name: "level"}},
		{&expr.Step{Field: row.FieldTime, Span: when.AutoSpan(0, int64(time.Hour), 6)}},
		{&expr.Call{Func: pattern, Args: []expr.Expr{&expr.Field{Name: row.FieldMsg}}}},
		{&expr.Field{Name: "request_id"}},
	}
	for _, where := range []string{"*", "level=error", "user_id=usr_7 or http_status=500", "took", `_time>-80m`, `any=seven`} {
		for _, k := range keys {
			for _, aggs := range [][]scan.Agg{
				{call("count")},
				{call("sum", "duration"), call("avg", "duration"), call("max", "odd"), call("min", "duration")},
				{call("p50", "duration"), call("p99", "duration"), call("median", "odd")},
				{call("dc", "user_id"), call("dc", "odd"), call("mode", "level"), call("values", "http_status")},
				{call("stdev", "duration"), call("latest", "level", row.FieldTime), call("earliest", "odd", row.FieldTime)},
				{call("rate", row.FieldTime), call("count", "odd")},
			} {
				list = append(list, scan.Scan{
					From: math.MinInt64, To: math.MaxInt64, Where: search(t, where), Env: expr.Env{Now: testNow.UnixNano()},
					Group: &scan.Group{Keys: k, Aggs: aggs, Env: agg.Env{From: math.MinInt64, To: math.MaxInt64}},
				})
			}
		}
	}
	return list
}

// tabulated answers a question for aggregates.
func tabulated(t testing.TB, s *Store, will scan.Scan) (string, *scan.Read) {
	t.Helper()
	read := &scan.Read{}
	streams, err := s.Scan(context.Background(), s.Fit(will), read)
	if err != nil {
		t.Fatal(err)
	}
	var sum *agg.Table
	for _, stream := range streams {
		for b, err := range stream {
			if err != nil {
				t.Fatal(err)
			}
			if o := b.Partial.(*agg.Table); sum == nil {
				sum = o.Empty()
				sum.Merge(o)
			} else {
				sum.Merge(o)
			}
		}
	}
	if sum == nil {
		return "", read
	}
	return tableText(sum), read
}

// tableText is the groups of a table in the order of their keys.
func tableText(t *agg.Table) string {
	t.SortedKeys = true
	b := t.Batch()
	var text strings.Builder
	for i := range b.Len {
		for c := range b.Cols {
			fmt.Fprintf(&text, "%s=%s ", b.Cols[c].Name, b.Cols[c].Value(i).Text())
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// TestKeptTables asks questions for aggregates again and again while lines come, are
// sealed, merged and dropped: the answer with what is kept is the one without, and to
// most of them little is read anew.
func TestKeptTables(t *testing.T) {
	for seed := range uint64(3) {
		o := small()
		now := testNow
		o.Now = func() time.Time { return now }
		o.Dataset = hourly
		s := mustOpen(t, disk.Memory(), o)
		m := newMaker(seed)
		questions := aggregated(t)
		rng := rand.New(rand.NewPCG(seed, 11))
		less, asked := 0, 0
		for round := range 24 {
			for range 1 + rng.IntN(3) {
				mustAppend(t, s, m.lines([]string{"app", "comm"}[rng.IntN(2)], 1+rng.IntN(300))...)
			}
			var err error
			switch rng.IntN(6) {
			case 0:
				err = s.Flush(t.Context())
			case 1, 2, 3:
				err = s.sealAll(t.Context())
			case 4:
				err = s.merge(t.Context(), false)
			}
			if round == 16 { // partitions go
				o := hourly("app")
				o.Retention.Age = 2 * time.Hour
				s.opts.Dataset = func(string) dataset.Dataset { return o }
				now = now.Add(30 * time.Minute)
				err = s.retain(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				will := questions[rng.IntN(40)*len(questions)/40]
				will.Env.Now = now.UnixNano()
				switch rng.IntN(3) {
				case 0:
					will.From = now.Add(-time.Duration(rng.Int64N(int64(3 * time.Hour)))).UnixNano()
				case 1:
					will.From, will.To = now.Add(-2*time.Hour).UnixNano(), now.Add(-time.Hour).UnixNano()
				}
				fresh := will
				fresh.Fresh = true
				want, all := tabulated(t, s, fresh)
				for range 2 {
					got, read := tabulated(t, s, will)
					if got != want {
						t.Fatalf("seed %d, round %d, %s:\n%swithout what is kept:\n%s", seed, round, &will, got, want)
					}
					asked++
					if read.Rows.Load() < all.Rows.Load() {
						less++
					}
				}
				now = now.Add(time.Second)
			}
		}
		if less < asked/8 {
			t.Errorf("to %d of %d questions less was read than there is", less, asked)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKeptTablesAreBounded: what is kept stays within its memory, goes with its parts,
// and a merge carries it over.
func TestKeptTablesAreBounded(t *testing.T) {
	o := small()
	o.CacheBytes = 4 << 20
	s := mustOpen(t, disk.Memory(), o)
	m := newMaker(3)
	m.spread = 10 * time.Minute
	questions := aggregated(t)
	for range 8 {
		mustAppend(t, s, m.lines("app", 400)...)
		if err := s.sealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(questions); i += 7 {
			tabulated(t, s, questions[i])
		}
		if n := s.partials.size(); n > s.partials.maxBytes || n == 0 {
			t.Fatalf("%d bytes are kept of %d", n, s.partials.maxBytes)
		}
	}
	will := questions[0] // counts all
	will.Group.Keys = []expr.Expr{&expr.Field{Name: "level"}, &expr.Field{Name: "odd"}}
	tabulated(t, s, will)
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, read := tabulated(t, s, will); read.Rows.Load() != 0 {
		t.Errorf("after a merge %d rows were read again", read.Rows.Load())
	}
	for x := range s.partials.of {
		if !slices.Contains(allParts(s, "app"), x) {
			t.Errorf("a table is kept of part %d, which is gone", x.number)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func allParts(s *Store, dataset string) (list []*part) {
	for _, p := range s.shelves[dataset].partitions {
		list = append(list, p.parts...)
	}
	return list
}
