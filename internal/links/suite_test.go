//go:build system && linux

package links_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// One suite of walks over memory, the embedded engine and PostgreSQL: the same
// lines, asked the same, give the same rows, distances, ways and cuts.

var suiteNow = time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)

// house is the three places in which the same lines lie.
type house struct {
	memory   *memory.Store
	columnar *columnar.Store
	links    []*links.Links // ids whole, and hashed
}

// newHouse keeps batches in all of them, the links in two databases.
func newHouse(t testing.TB, urls [2]string, batches []*row.Batch) *house {
	t.Helper()
	h := &house{memory: memory.Open(expr.Env{Now: suiteNow.UnixNano(), Zone: time.UTC})}
	var err error
	h.columnar, err = columnar.Open(disk.Memory(), "data", columnar.Options{Now: func() time.Time { return suiteNow }, Log: slog.New(slog.DiscardHandler)})
	check(t, err)
	t.Cleanup(func() { _ = h.columnar.Close() })
	for i, b := range batches {
		check(t, h.memory.Append(t.Context(), b))
		check(t, h.columnar.Append(t.Context(), b))
		if i%2 == 0 {
			check(t, h.columnar.Flush(t.Context()))
		}
	}
	for i, url := range urls {
		l, err := links.Open(t.Context(), links.Options{URL: url, Hashed: i == 1, Lines: h.columnar, Now: func() time.Time { return suiteNow }})
		check(t, err)
		t.Cleanup(l.Close)
		for more := true; more; {
			more, err = l.Follow(t.Context())
			check(t, err)
		}
		h.links = append(h.links, l)
	}
	return h
}

// overStore asks a store by the language.
func overStore(t testing.TB, src query.Source, start, options string) string {
	t.Helper()
	e := query.New(query.Options{Source: src, Now: func() time.Time { return suiteNow }})
	a, err := e.Ask(t.Context(), query.Request{Text: start + " | related" + options + " | sort n | table n, _distance, _via"})
	check(t, err)
	defer a.Close()
	var out []string
	for b, err := range a.Rows() {
		check(t, err)
		for i := range b.Len {
			out = append(out, strings.TrimSuffix(fmt.Sprintf("%s/%s/%s", b.Col("n").Value(i).Text(), b.Col("_distance").Value(i).Text(), b.Col("_via").Value(i).Text()), "/"))
		}
	}
	return strings.Join(append(out, a.Meta().Notes...), " ")
}

// overLinks walks over PostgreSQL from the same rows. n tells a line by its
// place.
func overLinks(t testing.TB, l *links.Links, start []related.Row, n map[string]int, caps related.Caps) string {
	t.Helper()
	need := &placed{Links: l}
	for i := range start {
		start[i].Ref = need.ref(start[i])
	}
	a, err := related.Walk(t.Context(), start, caps, need)
	check(t, err)
	type shown struct {
		n    int
		text string
	}
	var list []shown
	for _, s := range a.Steps {
		at := n[need.places[s.Ref]]
		text := fmt.Sprintf("%d/%d", at, s.Distance)
		if s.Distance > 0 {
			text += "/" + s.Via.String()
		}
		list = append(list, shown{at, text})
	}
	slices.SortFunc(list, func(a, b shown) int { return a.n - b.n })
	var out []string
	for _, s := range list {
		out = append(out, s.text)
	}
	for _, c := range a.Cuts {
		out = append(out, c.Say(caps))
	}
	return strings.Join(out, " ")
}

// placed remembers where each row lies.
type placed struct {
	*links.Links
	places []string
}

func (p *placed) ref(r related.Row) int {
	p.places = append(p.places, placeOf(r))
	return len(p.places) - 1
}

func placeOf(r related.Row) string { return fmt.Sprintf("%s/%d", r.Dataset, r.Seq) }

// Find numbers the rows as it passes them on.
func (p *placed) Find(ctx context.Context, hop *related.Hop) error {
	hop.Number = p.ref
	return p.Links.Find(ctx, hop)
}

// lineOf is a line of the suite: "message_id=a bulk_id=b,c @comm +2h".
type suiteLine struct {
	row     related.Row
	dataset string
}

// linesOf reads lines, a second apart from the first of January 2026 on.
func linesOf(texts []string) []suiteLine {
	var list []suiteLine
	seqs := map[string]int64{}
	for i, text := range texts {
		l := suiteLine{dataset: "app", row: related.Row{Time: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC).UnixNano()}}
		for f := range strings.FieldsSeq(text) {
			if name, ok := strings.CutPrefix(f, "@"); ok {
				l.dataset = name
				continue
			}
			if later, ok := strings.CutPrefix(f, "+"); ok {
				d, _ := time.ParseDuration(later)
				l.row.Time += int64(d)
				continue
			}
			kind, values, _ := strings.Cut(f, "=")
			for v := range strings.SplitSeq(values, ",") {
				l.row.IDs = append(l.row.IDs, related.ID{Kind: kind, Text: strings.ReplaceAll(v, "␀", "\x00")})
			}
		}
		seqs[l.dataset]++
		l.row.Dataset, l.row.Seq = l.dataset, seqs[l.dataset]
		list = append(list, l)
	}
	return list
}

// batchesOf writes lines as rows; n is the place in the list.
func batchesOf(lines []suiteLine, cut int) []*row.Batch {
	builders := map[string]*row.Builder{}
	var out []*row.Batch
	var names []string
	for i, l := range lines {
		b := builders[l.dataset]
		if b == nil {
			b = row.NewBuilder(l.dataset)
			builders[l.dataset] = b
			names = append(names, l.dataset)
		}
		b.Begin(l.row.Time)
		b.Value([]byte("n"), row.IntOf(int64(i)))
		byKind := map[string][]row.Value{}
		var kinds []string
		for _, d := range l.row.IDs {
			if byKind[d.Kind] == nil {
				kinds = append(kinds, d.Kind)
			}
			byKind[d.Kind] = append(byKind[d.Kind], row.TextOf(d.Text))
		}
		for _, k := range kinds {
			if v := byKind[k]; len(v) == 1 {
				b.Value([]byte(k), v[0])
			} else {
				b.Value([]byte(k), row.ListOf(v))
			}
		}
		if b.Len() == cut {
			out = append(out, b.Batch())
		}
	}
	for _, name := range names {
		if builders[name].Len() > 0 {
			out = append(out, builders[name].Batch())
		}
	}
	return out
}

// agree asks all three and compares.
func (h *house) agree(t *testing.T, lines []suiteLine, start int, options string, caps related.Caps) string {
	t.Helper()
	n := map[string]int{}
	for i, l := range lines {
		n[placeOf(l.row)] = i
	}
	search := fmt.Sprintf("n=%d", start)
	want := overStore(t, h.memory, search, options)
	if got := overStore(t, h.columnar, search, options); got != want {
		t.Fatalf("from %d%s\nmemory   %s\ncolumnar %s", start, options, want, got)
	}
	for i, l := range h.links {
		if got := overLinks(t, l, []related.Row{lines[start].row}, n, caps); got != want {
			t.Fatalf("from %d%s\nmemory     %s\nPostgreSQL %s, %s", start, options, want, got, [...]string{"whole", "hashed"}[i])
		}
	}
	return want
}

// defaults are the caps of the pipe when nothing is said.
func defaults() related.Caps {
	return related.Caps{Depth: 4, IDs: 2000, Rows: 10_000, Degree: 1000, Within: 7 * 24 * int64(time.Hour)}
}

func TestSuite(t *testing.T) {
	pg := postgrestest.Start(t, "fsync=off")
	chain := []string{"m_id=1", "m_id=1 r_id=2", "r_id=2 d_id=3", "d_id=3 e_id=4", "e_id=4 f_id=5", "f_id=5"}
	for i, c := range []struct {
		name    string
		lines   []string
		start   int
		options string
		caps    func(*related.Caps)
		want    string
	}{
		{"chain", chain, 0, " depth=9", func(c *related.Caps) { c.Depth = 9 }, "0/0 1/1/m_id=1 2/2/r_id=2 3/3/d_id=3 4/4/e_id=4 5/5/f_id=5"},
		{"chain, cut", chain, 0, "", nil, "0/0 1/1/m_id=1 2/2/r_id=2 3/3/d_id=3 4/4/e_id=4 more is related beyond 4 hops: depth= sets how far"},
		{"split and merge", []string{"b_id=1 m_id=a,b,c,d", "m_id=a,b p_id=1", "m_id=c,d p_id=2", "p_id=1 r_id=9", "p_id=2 r_id=9", "p_id=3"}, 3, "", nil, "0/2/m_id=a 1/1/p_id=1 2/2/p_id=2 3/0 4/1/r_id=9"},
		{"cycle", []string{"a_id=1 b_id=1", "b_id=1 c_id=1", "c_id=1 a_id=1"}, 1, "", nil, "0/1/b_id=1 1/0 2/1/c_id=1"},
		{"hub", []string{"m_id=1 h_id=all", "h_id=all", "h_id=all x_id=2", "m_id=1", "h_id=all"}, 0, " degree=3", func(c *related.Caps) { c.Degree = 3 }, "0/0 3/1/m_id=1 not followed, as more than 3 rows hold it: h_id=all; degree= sets how many may"},
		{"late join", []string{"m_id=1", "m_id=1 o_id=2 +48h @comm", "o_id=2 r_id=3 +160h @comm"}, 0, "", nil, "0/0 1/1/m_id=1 2/2/o_id=2"},
		{"too late", []string{"m_id=1", "m_id=1 o_id=2 +169h"}, 0, "", nil, "0/0"},
		{"within", []string{"m_id=1", "m_id=1 +1h", "m_id=1 +2h"}, 0, " within=2h", func(c *related.Caps) { c.Within = 2 * int64(time.Hour) }, "0/0 1/1/m_id=1 2/2/m_id=1"},
		{"ids", chain, 0, " max=3", func(c *related.Caps) { c.IDs = 3 }, "0/0 1/1/m_id=1 2/2/r_id=2 3/3/d_id=3 more than 3 ids are related: max= sets how many are followed"},
		{"rows", chain, 0, " rows=2", func(c *related.Caps) { c.Rows = 2 }, "0/0 1/1/m_id=1 more than 2 rows are related: rows= sets how many are given"},
		{"odd ids", []string{`a_id=x"y'z\␀%_;--,' b_id=*`, `a_id=x"y'z\␀%_;--,'`, `b_id=*`, `b_id=anything`, `a_id=é`}, 0, "", nil, ""},
		{"forms of ids", []string{"a_id=0123456789abcdef", "a_id=0123456789abcdef b_id=4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "b_id=4bf92f35-77b3-4da6-a3ce-929d0e0e4736 c_id=ABCDEF", "c_id=abcdef", "c_id=ABCDEF"}, 0, "", nil, "0/0 1/1/a_id=0123456789abcdef 2/2/b_id=4bf92f35-77b3-4da6-a3ce-929d0e0e4736 4/3/c_id=ABCDEF"},
		{"many ids in a line", []string{"m_id=" + manyIDs(200), "m_id=id-7", "m_id=id-199 z_id=1", "z_id=1"}, 1, "", nil, "0/1/m_id=id-7 1/0 2/2/m_id=id-199 3/3/z_id=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := linesOf(c.lines)
			h := newHouse(t, [2]string{pg.Database(t, fmt.Sprintf("whole%d", i)), pg.Database(t, fmt.Sprintf("hashed%d", i))}, batchesOf(lines, 2))
			caps := defaults()
			if c.caps != nil {
				c.caps(&caps)
			}
			if got := h.agree(t, lines, c.start, c.options, caps); c.want != "" && got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func manyIDs(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("id-%d", i)
	}
	return strings.Join(ids, ",")
}

// TestRandomGraphsAgree: a thousand random graphs, mixed in one table of several
// days, against union-find, and distances and ways against memory and the engine.
func TestRandomGraphsAgree(t *testing.T) {
	const graphs = 1000
	r := rand.New(rand.NewPCG(5, 5))
	var texts []string
	for g := range graphs {
		size := 1 + r.IntN(10)
		values := 1 + r.IntN(2*size)
		for range size {
			text := fmt.Sprintf("@%s +%dm", []string{"app", "comm"}[r.IntN(2)], r.IntN(6*24*60))
			for range r.IntN(4) {
				text += fmt.Sprintf(" %s=%d.%d", []string{"m_id", "b_id", "r_id"}[r.IntN(3)], g, r.IntN(values))
			}
			texts = append(texts, text)
		}
	}
	r.Shuffle(len(texts), func(i, k int) { texts[i], texts[k] = texts[k], texts[i] })
	lines := linesOf(texts)
	pg := postgrestest.Start(t, "fsync=off")
	h := newHouse(t, [2]string{pg.URL(), pg.Database(t, "hashed")}, batchesOf(lines, 700))
	find := unions(lines)
	size := map[int]int{}
	for i := range lines {
		size[find(i)]++
	}
	caps := defaults()
	caps.Depth = 100
	n := map[string]int{}
	for i, l := range lines {
		n[placeOf(l.row)] = i
	}
	met := map[int]bool{}
	for i := range lines {
		if met[find(i)] {
			continue
		}
		met[find(i)] = true
		got := overLinks(t, h.links[len(met)%2], []related.Row{lines[i].row}, n, caps)
		if k := len(strings.Fields(got)); k != size[find(i)] {
			t.Fatalf("from line %d PostgreSQL finds %d rows, union-find has %d: %s", i, k, size[find(i)], got)
		}
		if len(met)%10 == 0 {
			h.agree(t, lines, i, " depth=100", caps)
		}
	}
	if len(met) < graphs {
		t.Errorf("only %d parts in %d graphs", len(met), graphs)
	}
}

// unions is the model: union-find over the ids of lines.
func unions(lines []suiteLine) func(i int) int {
	boss := make([]int, len(lines))
	for i := range boss {
		boss[i] = i
	}
	find := func(i int) int {
		for boss[i] != i {
			boss[i] = boss[boss[i]]
			i = boss[i]
		}
		return i
	}
	first := map[related.ID]int{}
	for i, l := range lines {
		for _, d := range l.row.IDs {
			if k, ok := first[d]; ok {
				boss[find(i)] = find(k)
			} else {
				first[d] = i
			}
		}
	}
	return find
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
