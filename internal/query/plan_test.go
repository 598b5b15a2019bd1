package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/query"
)

// planLines are few lines, for plans do not depend on them.
var planLines = []string{`{"a":1,"b":2}`, `{"a":2,"user_id":"u1"}`}

func planStore(t *testing.T, set func(*awkward)) specStore {
	c := specCase{lines: planLines}
	a := &awkward{specStore: memoryStage().open(t, c.batches(t, c.random())), r: c.random()}
	set(a)
	return a
}

// TestPlans: what the store does, what lanes do, and what is done with their
// results.
func TestPlans(t *testing.T) {
	fitting := planStore(t, func(*awkward) {})
	refusing := planStore(t, func(a *awkward) { a.refuse = true })
	grouping := planStore(t, func(a *awkward) { a.groups = true })
	for _, c := range []struct {
		src   query.Source
		query string
		plan  string
	}{
		{fitting, "*", "scan fields=* order=newest-first"},
		{fitting, "error service=api earliest=-1h | head 5",
			"scan from=2026-01-01T23:00:00Z where=(error and service=api) fields=* order=newest-first limit=5\nhead 5"},
		{fitting, "earliest=-1d latest=-1h", "scan from=2026-01-01T00:00:00Z to=2026-01-01T23:00:00Z fields=* order=newest-first"},
		{fitting, "a=1 | where b > 1 | search c | stats count",
			"scan where=(a=1 and b > 1 and c) fields=none\nlane: stats count\nmerge: stats count"},
		{fitting, "* | stats count p99(duration) by http_path | sort -count | head 3",
			"scan fields=http_path,duration\nlane: stats count p99(duration) by http_path\nmerge: stats count p99(duration) by http_path\nsort 3 -count"},
		{fitting, "* | eval b = a * 2 | where b > 2 | stats sum(b)",
			"scan fields=a\nlane: eval b=a * 2\nlane: where b > 2\nlane: stats sum(b)\nmerge: stats sum(b)"},
		{fitting, "* | stats first(a)", "scan fields=a order=newest-first\nstats first(a)"},
		{fitting, "a=1 | fields n, http_*", "scan where=(a=1) fields=* order=newest-first\nfields n, http_*"},
		{fitting, "a=1 | table n, user", "scan where=(a=1) fields=n,user order=newest-first\ntable n, user"},
		{fitting, "* | timechart span=5m count by s",
			"scan fields=_time,s\nlane: timechart span=5m count by s\nmerge: timechart span=5m count by s"},
		{fitting, "* | head 3 | where a = 1", "scan fields=* order=newest-first limit=3\nhead 3\nwhere a = 1"},
		{fitting, "* | sort -a | head 3 | head 2", "scan fields=* order=newest-first\nsort 2 -a"},
		{fitting, "a in [b=2 | table a]", "scan where=(a in (1)) fields=* order=newest-first"},
		{fitting, "any=x | top 3 a by b", "scan where=(any=x) fields=b,a\nlane: top 3 a by b\nmerge: top 3 a by b"},
		{fitting, "* | rename http_status as s | stats count by s",
			"scan fields=s,http_status\nlane: rename http_status as s\nlane: stats count by s\nmerge: stats count by s"},
		{fitting, "a=1 or a=2 or b=1 or a=3* or c or a=5", "scan where=(a in (1, 2, 3*, 5) or b=1 or c) fields=* order=newest-first"},
		{refusing, "a=1 | fields b | head 2",
			"scan fields=_time,_seq,_dataset,b,a\nlane: where a=1\nsort -_time, _dataset, -_seq\nfields b\nhead 2"},
		{refusing, "a=1 | stats count", "scan fields=a\nlane: where a=1\nlane: stats count\nmerge: stats count"},
		{grouping, "a=1 | stats count(b) by c", "scan where=(a=1) fields=c,b group=(count(isnotnull(b)) by c)\nmerge: stats count(b) by c"},
		{grouping, "* | patterns", "scan fields=_msg,_time group=(count, latest(_msg, _time) by pattern(_msg))\nmerge: patterns"},
		{grouping, "* | patterns | head 3", "scan fields=_msg,_time group=(count, latest(_msg, _time) by pattern(_msg))\nmerge: patterns | head 3"},
		{grouping, "* | timechart span=5m count by s",
			"scan fields=_time,s group=(count by step(_time, 5m), s)\nmerge: timechart span=5m count by s"},
		{grouping, "* | eval c = a | stats count by c", "scan fields=a\nlane: eval c=a\nlane: stats count by c\nmerge: stats count by c"},
	} {
		a, err := specEngine(c.src, 0).Ask(t.Context(), query.Request{Text: c.query})
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		if got := a.Plan.String(); got != c.plan {
			t.Errorf("%s\n--- planned\n%s\n--- want\n%s", c.query, got, c.plan)
		}
		a.Close()
	}
}

// TestExplain: the rows of an explained question are its steps, and what was
// read.
func TestExplain(t *testing.T) {
	src := planStore(t, func(*awkward) {}).(*awkward).specStore
	rows, meta, err := answer(t.Context(), specEngine(src, 1), "explain a=1 | stats count")
	if err != nil {
		t.Fatal(err)
	}
	groups := meta.GroupsTotal
	want := []string{
		`{"step":1,"plan":"scan where=(a=1) fields=none"}`,
		`{"step":2,"plan":"lane: stats count"}`,
		`{"step":3,"plan":"merge: stats count"}`,
		fmt.Sprintf(`{"step":4,"plan":"read %d of %d row groups, 0 columns, 0 B; 2 rows looked at, 1 given"}`, groups, groups),
	}
	if !slices.Equal(rows, want) {
		t.Errorf("explain gives\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

// TestExplainShowsLongStepsShort: a step with ten thousand values is cut.
func TestExplainShowsLongStepsShort(t *testing.T) {
	src := planStore(t, func(*awkward) {})
	rows, _, err := answer(t.Context(), specEngine(src, 1), "explain a in ("+strings.Repeat("usr_1,", 10_000)+"usr_2)")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || len(rows[0]) > 2000 {
		t.Errorf("explain gives %d rows, the first of %d bytes", len(rows), len(rows[0]))
	}
}

// TestRead: what was read is said as people say it.
func TestRead(t *testing.T) {
	m := query.Meta{Groups: 3, GroupsTotal: 812, Columns: 4, Bytes: 1_234_567, RowsRead: 196_608, Rows: 10}
	if got, want := m.Read(), "3 of 812 row groups, 4 columns, 1.2 MB; 196608 rows looked at, 10 given"; got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}
