package query_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// graphLine is a line of a random graph: what ids it holds, a text each.
type graphLine struct {
	n       int
	dataset string
	ids     map[string][]string
}

// randomGraphs are lines that hang together in parts; graphs share no id.
func randomGraphs(r *rand.Rand, graphs int) []graphLine {
	var lines []graphLine
	for g := range graphs {
		size := 1 + r.IntN(12)
		values := 1 + r.IntN(2*size)
		for range size {
			l := graphLine{n: len(lines), dataset: []string{"app", "comm"}[r.IntN(2)], ids: map[string][]string{}}
			for range r.IntN(4) {
				kind := []string{"message_id", "bulk_id", "report.id"}[r.IntN(3)]
				l.ids[kind] = append(l.ids[kind], fmt.Sprintf("%d-%d", g, r.IntN(values)))
			}
			lines = append(lines, l)
		}
	}
	r.Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
	for i := range lines {
		lines[i].n = i
	}
	return lines
}

// unions is the model: union-find over the ids of lines.
func unions(lines []graphLine) func(i int) int {
	boss := make([]int, len(lines))
	for i := range boss {
		boss[i] = i
	}
	find := func(i int) int {
		for boss[i] != i {
			i = boss[i]
		}
		return i
	}
	first := map[string]int{}
	for i, l := range lines {
		for kind, list := range l.ids {
			for _, text := range list {
				key := kind + "=" + text
				if k, ok := first[key]; ok {
					boss[find(i)] = find(k)
				} else {
					first[key] = i
				}
			}
		}
	}
	return find
}

func (l *graphLine) addTo(b *row.Builder) {
	b.Begin(specNow.UnixNano() - int64(l.n+1)*int64(time.Second))
	b.Value([]byte("n"), row.IntOf(int64(l.n)))
	for kind, list := range l.ids {
		values := make([]row.Value, len(list))
		for i, text := range list {
			values[i] = row.TextOf(text)
		}
		if len(values) == 1 {
			b.Value([]byte(kind), values[0])
		} else {
			b.Value([]byte(kind), row.ListOf(values))
		}
	}
}

// TestRelatedAgreesWithUnionFind asks for what is related to lines of many
// random graphs that lie mixed in one store.
func TestRelatedAgreesWithUnionFind(t *testing.T) {
	const graphs, asked = 400, 120
	lines := randomGraphs(rand.New(rand.NewPCG(4, 4)), graphs)
	builders := map[string]*row.Builder{"app": row.NewBuilder("app"), "comm": row.NewBuilder("comm")}
	var batches []*row.Batch
	for i := range lines {
		b := builders[lines[i].dataset]
		if lines[i].addTo(b); b.Len() == 300 {
			batches = append(batches, b.Batch())
		}
	}
	batches = append(batches, builders["app"].Batch(), builders["comm"].Batch())
	find := unions(lines)
	for _, stage := range specStages() {
		t.Run(stage.name, func(t *testing.T) {
			e := specEngine(stage.open(t, batches), 2)
			for i := range asked {
				var want []string
				for k := range lines {
					if find(k) == find(i) {
						want = append(want, fmt.Sprintf(`{"n":%d}`, k))
					}
				}
				got, meta, err := answer(t.Context(), e, fmt.Sprintf("n=%d | related depth=100 | sort n | table n", i))
				if err != nil || !slices.Equal(got, want) || meta.Truncated {
					t.Fatalf("line %d: %v, got %v, want %v", i, err, got, want)
				}
			}
		})
	}
}

// TestRelatedStaysWhereItMayRead: the walk crosses the datasets that whoever
// asks may read, and no others.
func TestRelatedStaysWhereItMayRead(t *testing.T) {
	c := specCase{lines: []string{
		`{"n":1,"message_id":"m"}`, `{"n":2,"message_id":"m","report_id":"r","_dataset":"secret"}`,
		`{"n":3,"message_id":"m","part_id":"p","_dataset":"comm"}`, `{"n":4,"report_id":"r"}`,
	}}
	for _, stage := range specStages() {
		e := specEngine(stage.open(t, c.batches(t, c.random())), 2)
		a, err := e.Ask(t.Context(), query.Request{Text: "n=1 | related | table n", Datasets: []string{"app", "comm"}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for b, err := range a.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Len {
				got = append(got, string(b.AppendJSON(nil, i)))
			}
		}
		a.Close()
		if strings.Join(got, " ") != `{"n":3} {"n":1}` {
			t.Errorf("%s: %v", stage.name, got)
		}
	}
}

// TestRelatedSaysWhatItCannot: ids that are none for their length, parts that
// cannot be read, a time that is over, memory that is used up.
func TestRelatedSaysWhatItCannot(t *testing.T) {
	src := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC})
	b := row.NewBuilder("app")
	for i := range 3 {
		b.Begin(specNow.UnixNano() - int64(i))
		b.Text([]byte("message_id"), []byte("m"))
		b.Text([]byte("document_id"), []byte(strings.Repeat(string(rune('a'+i)), 1<<20)))
	}
	if err := src.Append(t.Context(), b.Batch()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, query, note, fails string
		src                      query.Source
		budget                   int64
		want                     query.Meta
	}{
		{name: "long", src: src, query: "* | head 1 | related", want: query.Meta{Truncated: true, Rows: 3}, note: "not followed, as an id is at most 1024 bytes: document_id holds longer texts"},
		{name: "damaged", src: damaged{src}, query: "* | head 1 | fields -document_id | related", want: query.Meta{Partial: true, Truncated: true, Rows: 3}, note: "2 row groups could not be read"},
		{name: "time", src: src, query: "* | head 1 | related time=1ns", want: query.Meta{Truncated: true, Rows: 1}, note: "time= sets it"},
		{name: "memory", src: src, query: "* | related", budget: 8, fails: "memory limit of 0 KiB for one question reached; --memory raises it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := query.Options{Source: c.src, Budget: pipe.NewBudget(c.budget), Now: func() time.Time { return specNow }}
			_, meta, err := answer(t.Context(), query.New(o), c.query)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Fatalf("error %v, want %s", err, c.fails)
				}
				return
			}
			if err != nil || meta.Rows != c.want.Rows || meta.Partial != c.want.Partial || meta.Truncated != c.want.Truncated || !strings.Contains(strings.Join(meta.Notes, "\n"), c.note) {
				t.Errorf("%v; %d rows, partial %v, truncated %v, notes %q", err, meta.Rows, meta.Partial, meta.Truncated, meta.Notes)
			}
		})
	}
}

// TestManyNeighbours: an id that very many lines share is found to be a hub
// without holding them, on every store, and the rest is found all the same.
func TestManyNeighbours(t *testing.T) {
	const lines = 140_000
	var batches []*row.Batch
	b := row.NewBuilder("app")
	for i := range lines {
		b.Begin(specNow.UnixNano() - int64(lines-i)*1e6)
		b.Text([]byte("bulk_id"), []byte("everything"))
		b.Text([]byte("message_id"), fmt.Appendf(nil, "m-%d", i%(lines/2)))
		b.Value([]byte("n"), row.IntOf(int64(i)))
		if b.Len() == 20_000 {
			batches = append(batches, b.Batch())
		}
	}
	for _, stage := range specStages() {
		t.Run(stage.name, func(t *testing.T) {
			e := specEngine(stage.open(t, batches), 2)
			got, meta, err := answer(t.Context(), e, "n=17 | related | sort n | table n")
			if err != nil || strings.Join(got, " ") != fmt.Sprintf(`{"n":17} {"n":%d}`, 17+lines/2) {
				t.Errorf("%v %v", err, got)
			}
			if notes := strings.Join(meta.Notes, "\n"); notes != "not followed, as more than 1000 rows hold it: bulk_id=everything; degree= sets how many may" {
				t.Error(notes)
			}
		})
	}
}
