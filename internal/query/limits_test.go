package query_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// manyLines is a store with n lines: n different users, ten routes.
func manyLines(t testing.TB, n int) *memory.Store {
	s := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC}, dataset.New("app"))
	b := row.NewBuilder("app")
	for i := range n {
		b.Begin(specNow.UnixNano() - int64(n-i)*int64(time.Millisecond))
		b.Text([]byte("_msg"), fmt.Appendf(nil, "request %d of user %d took a while", i, i%97))
		b.Text([]byte("user"), fmt.Appendf(nil, "user-%d", i))
		b.Text([]byte("route"), fmt.Appendf(nil, "/v1/r%d", i%10))
		b.Value([]byte("n"), row.IntOf(int64(i)))
		b.Value([]byte("duration"), row.DecimalOf(int64(i*7919%100_000), 3))
		if b.Len() == 4096 || i == n-1 {
			if err := s.Append(context.Background(), b.Batch()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// TestLimits: a question that would take too much ends with an error that
// names the limit and its setting, and gives back what it took.
func TestLimits(t *testing.T) {
	src := manyLines(t, 12_000)
	percentiles := make([]string, 500) // which hold little, and answer much
	for i := range percentiles {
		percentiles[i] = fmt.Sprintf(" p99(duration) as p%d", i)
	}
	for _, c := range []struct {
		query string
		set   func(*query.Options)
		want  string
	}{
		{"* | stats count by user", func(o *query.Options) { o.Limits.Groups = 1000 }, "groups limit of 1000 reached; --max-groups raises it"},
		{"* | timechart count by user", func(o *query.Options) { o.Limits.Groups = 1000 }, "groups limit of 1000"},
		{"* | eventstats count by user", func(o *query.Options) { o.Limits.Groups = 1000 }, "groups limit of 1000"},
		{"* | top user", func(o *query.Options) { o.Limits.Groups = 1000 }, "groups limit of 1000"},
		{"*", func(o *query.Options) { o.Limits.OutRows = 1000 }, "rows limit of 1000 reached; --max-rows raises it"},
		{"* | join user [ * ]", func(o *query.Options) { o.Limits.JoinRows = 100 }, "rows of a join limit of 100 reached; --max-join-rows raises it"},
		{"* | sort duration", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit of 256 KiB for one question reached; --memory raises it"},
		{"* | dedup user", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | stats list(_msg)", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | stats values(user)", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 18) }, "memory limit"},
		{"* | stats" + strings.Join(percentiles, "") + " by user", func(o *query.Options) { o.Budget = pipe.NewBudget(64 << 20) }, "memory limit"},
		{"* | eventstats count", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | transaction user", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | union [ * ]", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | join user [ * ]", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | tail 11999", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | facets", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | fillnull", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | streamstats window=5 list(_msg) by user", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | streamstats count by user", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"user in [ * | table user ]", func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 18) }, "memory limit"},
		{`* | format "<_msg><_msg><_msg>" | format "<_msg><_msg><_msg>" | stats count`, func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{`* | replace ~"." with "$0$0$0$0$0$0$0$0" | stats count`, func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{`* | rex max_match=1000 "(?<x>.)" | stats count`, func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{`* | eval x = split(_msg, "") | stats count`, func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{`* | eval x = "[1,2,3,4,5,6,7,8,9,10]" | unroll x | where _msg != "" | stats count`, func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{`n < 300 | eval k = 1 | join k [ n < 300 | eval k = 1 | table k, user ] | where _msg != "" | stats count`, func(o *query.Options) { o.Budget = pipe.NewBudget(1 << 19) }, "memory limit"},
		{"* | streamstats list(n)", func(*query.Options) {}, "length of list(n) in streamstats limit of 1000 values (window= looks back on fewer rows) reached"},
		{"* | timechart span=1ms count | timechart span=1ns count", func(*query.Options) {}, "steps of a timechart limit of 100000"},
		{"* | timechart span=1ms limit=1000 count by user", func(*query.Options) {}, "cells of a timechart limit of 5000000"},
	} {
		for _, lanes := range []int{1, 3} {
			o := query.Options{Source: &awkwardLanes{src, lanes}, Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }}
			c.set(&o)
			_, _, err := answer(t.Context(), query.New(o), c.query)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %s", c.query, err, c.want)
			}
			if fault.KindOf(err) != fault.OverLimit {
				t.Errorf("%s: error of kind %s", c.query, fault.KindOf(err))
			}
			if used := o.Budget.Used(); used != 0 {
				t.Errorf("%s: %d bytes were not given back", c.query, used)
			}
		}
	}
}

// awkwardLanes gives the rows of a store in several lanes.
type awkwardLanes struct {
	*memory.Store
	lanes int
}

func (s *awkwardLanes) Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error) {
	streams, err := s.Store.Scan(ctx, will, read)
	if err != nil || will.Order == scan.NewestFirst || s.lanes == 1 {
		return streams, err
	}
	piles := make([][]*row.Batch, s.lanes)
	n := 0
	for b, err := range streams[0] {
		if err != nil {
			return nil, err
		}
		piles[n%s.lanes] = append(piles[n%s.lanes], b)
		n++
	}
	out := make([]row.Rows, s.lanes)
	for i, pile := range piles {
		out[i] = func(yield func(*row.Batch, error) bool) {
			for _, b := range pile {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
	return out, nil
}

// TestBudgetIsGivenBack: questions that have room enough give back what they took.
func TestBudgetIsGivenBack(t *testing.T) {
	src := manyLines(t, 5000)
	budget := pipe.NewBudget(64 << 20)
	e := query.New(query.Options{Source: &awkwardLanes{src, 3}, Budget: budget, Now: func() time.Time { return specNow }})
	for _, q := range []string{
		"* | sort -duration | head 3", "* | stats count p99(duration) dc(user) by route", "* | dedup route", "* | eventstats count by route",
		"* | streamstats window=9 avg(n) by route", "* | streamstats p50(n)", "* | transaction route", "* | join route [ * | dedup route ]",
		"* | union [ * | head 5 ]", "* | append [ * | stats count ]", "user in [ * | head 5 ]", "* | timechart count by route | compare 1h", "* | facets", "* | patterns",
		"* | head 1", "* | tail 5",
	} {
		if _, _, err := answer(t.Context(), e, q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
		if used := budget.Used(); used != 0 {
			t.Fatalf("%s: %d bytes were not given back", q, used)
		}
	}
}

// TestGrowthIsTaken: whoever gets rows that a pipe has made larger gets them in batches
// of usual size, and what they were made larger by is taken from the budget until it
// asks for more.
func TestGrowthIsTaken(t *testing.T) {
	src := manyLines(t, 3000)
	const most = 40 << 20 // about twice what pipes hand on
	for _, q := range []string{
		"* | " + strings.TrimSuffix(strings.Repeat(`format "<_msg><_msg><_msg>" | `, 5), " | "),
		`* | replace "e" with "eeeeeeeeeeeeeeeeeeeeeeee" | replace "e" with "eeeeeeeeeeeeeeeeeeeeeeee"`,
		`* | rex max_match=1000 "(?<x>.)(?<y>.)" | rex max_match=1000 "(?<z>.)(?<u>.)"`,
		`* | eval x = _msg + _msg, x = x + x, x = x + x, x = x + x, x = x + x, x = x + x`,
		`* | eval x = split(_msg, ""), y = split(_msg, ""), z = split(_msg, "")`,
		`* | eval x = split(_msg, "") | unroll x | eval x = split(_msg, "")`,
		`* | format "<_msg><_msg><_msg><_msg><_msg><_msg><_msg><_msg>" | eval x = split("aaaaaaaaaaaaaaaa", "") | unroll x`,
		`* | eval x = if(n = 7, "` + manyPairs(1500) + `", "a=1") | kv field=x`,
		`* | eval k = 1 | join k [ n < 100 | eval k = 1, wide = _msg + _msg + _msg + _msg | table k, wide ]`,
	} {
		budget := pipe.NewBudget(512 << 20)
		a, err := query.New(query.Options{Source: src, Budget: budget, Now: func() time.Time { return specNow }}).Ask(t.Context(), query.Request{Text: q})
		if err != nil {
			t.Fatal(err)
		}
		large, made := 0, 0
		for b, err := range a.Rows() {
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			if large = max(large, b.MemBytes()); large > most {
				t.Fatalf("%s: a batch of %d bytes", q, large)
			}
			if large == b.MemBytes() {
				made = int(budget.Used())
			}
		}
		a.Close()
		if own := 1 << 20; large-own > made { // what came out of the store is the store's
			t.Errorf("%s: of a batch of %d bytes %d were taken", q, large, made)
		}
		if used := budget.Used(); used != 0 {
			t.Errorf("%s: %d bytes were not given back", q, used)
		}
	}
}

// manyPairs is a text of so many fields.
func manyPairs(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "field%d=%d ", i, i)
	}
	return text.String()
}

// endless is a store whose streams never end.
type endless struct {
	*memory.Store
	lanes int
}

func (s *endless) Scan(ctx context.Context, _ scan.Scan, _ *scan.Read) ([]row.Rows, error) {
	b := row.NewBuilder("app")
	for i := range 100 {
		b.Begin(int64(i))
		b.Text([]byte("_msg"), []byte("again"))
	}
	batch := b.Batch()
	out := make([]row.Rows, s.lanes)
	for i := range out {
		out[i] = func(yield func(*row.Batch, error) bool) {
			for ctx.Err() == nil {
				if !yield(batch, nil) {
					return
				}
			}
			yield(nil, ctx.Err())
		}
	}
	return out, nil
}

// TestRunTime: a question that takes too long ends, and says which limit ended
// it.
func TestRunTime(t *testing.T) {
	for _, q := range []string{"*", "* | stats count", "* | sort _msg | where x = 1", "* | head 100000000 | stats count", "* | dedup _msg", "_msg in [ * | stats count ]", "* | append [ * ]", "again | join _msg [ * | where x = 1 ]", "* | streamstats count | where x = 1"} {
		for _, lanes := range []int{1, 4} {
			e := query.New(query.Options{Source: &endless{manyLines(t, 1), lanes}, Budget: pipe.NewBudget(0), RunTime: 30 * time.Millisecond, Now: func() time.Time { return specNow }})
			err := exhaust(t.Context(), e, q)
			if err == nil || !strings.Contains(err.Error(), "run time limit of 30ms reached; --max-run-time raises it") {
				t.Errorf("%s: %v", q, err)
			}
		}
	}
}

// exhaust reads an answer to its end and keeps nothing of it.
func exhaust(ctx context.Context, e *query.Engine, text string) error {
	a, err := e.Ask(ctx, query.Request{Text: text})
	if err != nil {
		return err
	}
	defer a.Close()
	for _, err := range a.Rows() {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestNobodyAsksAnyMore: when the reader stops or goes away, lanes end.
func TestNobodyAsksAnyMore(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, q := range []string{"*", "* | where _msg = \"again\"", "* | eval x = 1 | where x = 1", "* | stats count", "* | head 150", "* | sample 1 | fields _msg"} {
		e := query.New(query.Options{Source: &endless{manyLines(t, 1), 4}, Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }})
		ctx, leave := context.WithCancel(t.Context())
		a, err := e.Ask(ctx, query.Request{Text: q})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(q, "stats") {
			time.AfterFunc(20*time.Millisecond, leave)
		}
		for _, err := range a.Rows() {
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", q, err)
			}
			break
		}
		a.Close()
		leave()
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestHostileQuestions: what a program or an attacker may write ends soon, with
// an answer or an error, and never by exhausting the process.
func TestHostileQuestions(t *testing.T) {
	e := query.New(query.Options{
		Source: manyLines(t, 200), Budget: pipe.NewBudget(32 << 20), RunTime: time.Second, Now: func() time.Time { return specNow },
		Limits: pipe.Limits{Groups: 100_000, JoinRows: 50_000, OutRows: 100_000},
	})
	many := func(n int, text, between string) string {
		return strings.TrimSuffix(strings.Repeat(text+between, n), between)
	}
	for name, c := range map[string]struct{ query, want string }{
		"deep brackets":         {strings.Repeat("(", 100_000) + "a" + strings.Repeat(")", 100_000), "nested too deeply"},
		"deep expression":       {"* | where " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), "nested too deeply"},
		"many nots":             {strings.Repeat("not ", 100_000) + "a", "nested too deeply"},
		"many signs":            {"* | eval x = " + strings.Repeat("- ", 100_000) + "1", "nested too deeply"},
		"calls in calls":        {"* | eval x = " + strings.Repeat("abs(", 50_000) + "1" + strings.Repeat(")", 50_000), "nested too deeply"},
		"open brackets":         {"user in " + strings.Repeat("[", 200_000), "never closed"},
		"questions in question": {strings.Repeat("a in [", 50_000) + "b" + strings.Repeat("]", 50_000), "nested more than 8 deep"},
		"ten thousand ors":      {many(10_000, "user-1", " or "), ""},
		"ten thousand values":   {many(10_000, "user=user-1", " or ") + " | stats count", ""},
		"ten thousand wheres":   {"* | " + many(10_000, "where n > 5", " | ") + " | stats count", "more than 256 pipes"},
		"ten thousand evals":    {"* | head 1 | eval " + many(10_000, "x=1", ", "), ""},
		"a long list":           {"user in (" + many(80_000, "user-1", ",") + ") | stats count", ""},
		"a long sum":            {"* | head 1 | eval x = " + many(50_000, "1", "+") + " | table x", ""},
		"a question too long":   {strings.Repeat("a ", 1<<20), "longer than"},
		"a long regexp":         {`_msg~"` + strings.Repeat("(a|b)*", 2000) + `"`, "longer than"},
		"a growing regexp":      {`_msg~"((a{100}){100}){100}"`, "does not read"},
		"a slow regexp":         {`_msg~"(.*)*(.*)*(.*)*(.*)*x$" | stats count`, ""},
		"doubled texts":         {"* | eval a = _msg + _msg" + strings.Repeat(", a = a + a", 40) + " | stats count", ""},
		"doubled formats":       {"* | " + many(40, `format "<_msg><_msg>"`, " | ") + " | stats count", "limit"},
		"doubled replacements":  {"* | " + many(40, `replace "r" with "rrrrrrrr"`, " | ") + " | stats count", "limit"},
		"repeated unrolls":      {`* | eval x = split("` + many(1000, "a", ",") + `", ",") | unroll x | eval y = x | stats count`, ""},
		"joins of everything":   {"* | eval k = 1 | join k [ * | eval k = 1 ] | join k [ * | eval k = 1 ]", "limit"},
		"a wide printf":         {`* | eval x = printf("%99999999d", 1)`, "at most 1000"},
		"many printfs":          {"* | eval x = printf(\"" + strings.Repeat("%1000d", 200) + "\"" + strings.Repeat(", n", 200) + ") | stats count", ""},
		"many series":           {"* | timechart span=5us limit=100000 count by user", "cells of a timechart"},
		"many steps":            {"earliest=0 | timechart span=1us count", "steps of a timechart"},
		"a wide window":         {"* | streamstats window=10000 p99(duration) | stats count", ""},
		"a large head":          {"* | head 9223372036854775807 | stats count", ""},
		"a large tail":          {"* | tail 9223372036854775807 | stats count", ""},
		"a large sort":          {"* | sort 9223372036854775807 n | stats count", ""},
		"all fields":            {"* | facets 9223372036854775807 | stats count", ""},
		"bytes that are none":   {"\xff\xfe\x00 | stats count", ""},
		"a NUL":                 {"a\x00b | stats count", ""},
	} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			err := exhaust(t.Context(), e, c.query)
			switch {
			case c.want == "" && err != nil && fault.KindOf(err) != fault.OverLimit && fault.KindOf(err) != fault.Invalid:
				t.Errorf("%v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %.200v, want %s", err, c.want)
			case err != nil && len(err.Error()) > 2000:
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			t.Logf("%s %.100v", time.Since(started).Round(time.Millisecond), err)
		})
	}
}

// TestManyAssignments: eight times the assignments take about eight times the
// memory on their way, in one eval as behind one another.
func TestManyAssignments(t *testing.T) {
	e := query.New(query.Options{Source: manyLines(t, 6), Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }})
	taken := func(n int, between string) uint64 {
		sets := make([]string, n)
		for i := range sets {
			sets[i] = fmt.Sprintf("f%d=1", i)
		}
		q := "* | eval " + strings.Join(sets, between) + " | stats count"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := exhaust(t.Context(), e, q); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, c := range []struct {
		between string
		few     int
		most    uint64 // times as much; columns copied for each assignment would make it 64
	}{{", ", 500, 16}, {" | eval ", 30, 24}} {
		if few, many := taken(c.few, c.between), taken(8*c.few, c.between); many > c.most*few {
			t.Errorf("with %q: %d bytes for %d assignments, %d for eight times as many", c.between, few, c.few, many)
		}
	}
}
