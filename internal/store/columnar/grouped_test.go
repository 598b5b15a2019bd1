package columnar

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// owned is lines of which one field decides another, which have fields beside the
// aliases that stand for them, texts that are numbers, and numbers at the ends of what
// there is.
func owned(r *rand.Rand, dataset string, n int) *row.Batch {
	b := row.NewBuilder(dataset)
	text, none := row.TextOf, row.Value{}
	for range n {
		b.Begin(testNow.Add(-time.Duration(r.Int64N(int64(2 * time.Hour)))).UnixNano())
		set := func(name string, among ...row.Value) {
			b.Value([]byte(name), among[r.IntN(len(among))])
		}
		route := r.IntN(20)
		set("route", text(fmt.Sprintf("/r%d", route)))
		if route%5 > 0 {
			set("team", text([]string{"", "a", "b", "true"}[route%4]))
		}
		set("user_id", none, text("usr_1"), text("usr_2"), text("usr_3"))
		set("user", none, none, text("own"), text("usr_1"))
		set("http_status", text("200"), text("200.0"), text("x"), text("y"))
		set("status", none, none, row.IntOf(200), text("x"))
		set("odd", none, row.BoolOf(true), text("true"), row.IntOf(1), text("1.0"))
		set("n", none, row.IntOf(math.MaxInt64), row.IntOf(math.MinInt64), row.IntOf(-r.Int64()>>r.IntN(64)), row.DecimalOf(r.Int64(), 18), row.DecimalOf(-r.Int64N(1000), 3))
	}
	return b.Batch()
}

// TestGroupsAsRows: what lies in parts and buffers comes to the groups that its rows
// make one batch after the other, whatever ways there are to read less.
func TestGroupsAsRows(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 77))
		s, plain := mustOpen(t, disk.Memory(), small()), memory.Open(expr.Env{}, hourly("app"), hourly("comm"))
		for range 6 {
			b := owned(r, []string{"app", "comm"}[r.IntN(2)], 1+r.IntN(600))
			err := errors.Join(plain.Append(t.Context(), b), s.Append(t.Context(), b))
			switch r.IntN(3) {
			case 0:
				err = errors.Join(err, s.sealAll(t.Context()))
			case 1:
				err = errors.Join(err, s.Flush(t.Context()))
			}
			if err != nil {
				t.Fatal(err)
			}
			for range 10 {
				will := grouping(t, r)
				fresh := will
				fresh.Fresh = true
				want := groupsOfRows(t, plain, will)
				for _, will := range []scan.Scan{fresh, will, will} {
					if got, read := tabulated(t, s, will); got != want || read.Damaged.Len() > 0 {
						t.Fatalf("seed %d: %s\n%swant\n%s", seed, &will, got, want)
					}
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// grouping is a question for aggregates by random fields.
func grouping(t *testing.T, r *rand.Rand) scan.Scan {
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	g := &scan.Group{Env: agg.Env{From: math.MinInt64, To: math.MaxInt64}}
	for range r.IntN(4) {
		g.Keys = append(g.Keys, &expr.Field{Name: one("route", "team", "user_id", "user", "http_status", "status", "odd")})
	}
	for range 1 + r.IntN(3) {
		call, _ := agg.Lookup(one("count", "sum", "avg", "min", "max", "median", "dc", "values"))
		g.Aggs = append(g.Aggs, scan.Agg{Call: call, Args: []expr.Expr{&expr.Field{Name: one("n", "n", "user", "user_id", "odd")}}})
	}
	return scan.Scan{
		From: math.MinInt64, To: math.MaxInt64, Env: expr.Env{Now: testNow.UnixNano()}, Group: g, Lanes: 1 + r.IntN(3),
		Where: search(t, one("*", "*", "route=/r1*", "not team=a", "user=usr_1", "status=200", "n>0")),
	}
}

// groupsOfRows are the groups of the rows that the simple store finds.
func groupsOfRows(t *testing.T, s *memory.Store, will scan.Scan) string {
	g := will.Group
	calls := make([]agg.Call, len(g.Aggs))
	for i, a := range g.Aggs {
		calls[i] = a.Call
	}
	table := agg.NewTable([]string{"0", "1", "2"}[:len(g.Keys)], calls, make([]string, len(calls)), g.Env)
	will.Group = nil
	will.Fields, _ = groupFields(g)
	streams, err := s.Scan(t.Context(), will, &scan.Read{})
	if err != nil {
		t.Fatal(err)
	}
	ev := expr.NewEvaluator(will.Env)
	for _, stream := range streams {
		for b, err := range stream {
			if err != nil {
				t.Fatal(err)
			}
			keys, args := make([]row.Column, len(g.Keys)), make([][]row.Column, len(g.Aggs))
			for k, e := range g.Keys {
				keys[k] = ev.Eval(e, b)
			}
			for k, a := range g.Aggs {
				args[k] = []row.Column{ev.Eval(a.Args[0], b)}
			}
			table.Add(keys, args, b.Len)
		}
	}
	return tableText(table)
}
