package columnar

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// testNow is when all tests begin.
var testNow = time.Date(2026, 11, 21, 10, 20, 0, 0, time.UTC)

// small are options under which little is much.
func small() Options {
	return Options{
		Now:             func() time.Time { return testNow },
		Dataset:         hourly,
		LogSegmentBytes: 16 << 10,
		SealAge:         time.Hour,
		DiskShare:       -1,
		Log:             slog.New(slog.DiscardHandler),
	}
}

func hourly(name string) dataset.Dataset {
	d := dataset.New(name)
	d.Period = time.Hour
	return d
}

func mustOpen(t testing.TB, fs disk.FS, o Options) *Store {
	t.Helper()
	s, err := Open(fs, "data", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// line is one row as the generator made it. Its number is in the field mark,
// and tells it from all others.
type line struct {
	dataset string
	at      int64
	mark    int
	fields  []field
	said    string // text, once it was asked for
}

type field struct {
	name  string
	value row.Value
}

// maker makes random lines.
type maker struct {
	*rand.Rand
	marks int
	// spread is the stretch of time before testNow in which lines lie.
	spread time.Duration
}

func newMaker(seed uint64) *maker {
	return &maker{Rand: rand.New(rand.NewPCG(seed, 7)), spread: 3 * time.Hour}
}

var levels = []string{"debug", "info", "info", "info", "warn", "error"}

func (m *maker) line(dataset string) line {
	m.marks++
	l := line{dataset: dataset, mark: m.marks, at: testNow.Add(-time.Duration(m.Int64N(int64(m.spread)))).UnixNano()}
	if m.IntN(4) == 0 { // equal times, and whole seconds
		l.at = l.at / int64(time.Minute) * int64(time.Minute)
	}
	add := func(name string, v row.Value) { l.fields = append(l.fields, field{name, v}) }
	add("mark", row.IntOf(int64(l.mark)))
	add("level", row.TextOf(levels[m.IntN(len(levels))]))
	add("_msg", row.TextOf(fmt.Sprintf("Request %d took %d ms, id %08xa1", m.IntN(50), m.IntN(3000), m.Uint32())))
	if m.IntN(3) > 0 {
		add("user_id", row.TextOf(fmt.Sprintf("usr_%d", m.IntN(30))))
	}
	if m.IntN(3) > 0 {
		add("duration", row.DecimalOf(m.Int64N(5_000_000), 6))
	}
	add("request_id", row.TextOf(fmt.Sprintf("%016x", m.Uint64())))
	switch m.IntN(5) {
	case 0:
		add("http_status", row.IntOf([]int64{200, 200, 201, 404, 500}[m.IntN(5)]))
	case 1:
		add("status", row.IntOf([]int64{200, 404, 500}[m.IntN(3)]))
	}
	switch m.IntN(6) { // no two services agree on a type
	case 0:
		add("odd", row.IntOf(m.Int64N(10)))
	case 1:
		add("odd", row.TextOf("seven"))
	case 2:
		add("odd", row.BoolOf(m.IntN(2) == 0))
	case 3:
		add("odd", row.ListOf([]row.Value{row.IntOf(m.Int64N(5)), row.TextOf("x")}))
	}
	return l
}

// lines makes n lines of one dataset.
func (m *maker) lines(dataset string, n int) []line {
	list := make([]line, n)
	for i := range list {
		list[i] = m.line(dataset)
	}
	return list
}

// batchOf is lines of one dataset as a batch.
func batchOf(lines []line) *row.Batch {
	b := row.NewBuilder(lines[0].dataset)
	for _, l := range lines {
		b.Begin(l.at)
		for _, f := range l.fields {
			b.Value([]byte(f.name), f.value)
		}
	}
	return b.Batch()
}

// text is a line as shown reads it from a store.
func (l *line) text() string {
	if l.said != "" {
		return l.said
	}
	var parts []string
	for _, f := range l.fields {
		parts = append(parts, f.name+"="+string(f.value.AppendJSON(nil)))
	}
	parts = append(parts, "_time="+string(row.TimeOf(l.at).AppendJSON(nil)))
	slices.Sort(parts)
	l.said = l.dataset + " " + strings.Join(parts, " ")
	return l.said
}

// textOf is row i of a batch, its fields in the order of their names.
func textOf(b *row.Batch, i int, without ...string) string {
	var parts []string
	dataset := b.Col(row.FieldDataset).Value(i).Text()
	for k := range b.Cols {
		if c := &b.Cols[k]; c.Has(i) && c.Name != row.FieldDataset && !slices.Contains(without, c.Name) {
			parts = append(parts, c.Name+"="+string(c.AppendJSON(nil, i)))
		}
	}
	slices.Sort(parts)
	return dataset + " " + strings.Join(parts, " ")
}

// source is what the engine and the simple store have in common.
type source interface {
	Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error)
}

// shown are the rows of a scan as texts.
func shown(t testing.TB, s source, will scan.Scan, without ...string) ([]string, *scan.Read) {
	t.Helper()
	read := &scan.Read{}
	streams, err := s.Scan(context.Background(), will, read)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, stream := range streams {
		for b, err := range stream {
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Len {
				out = append(out, textOf(b, i, without...))
			}
		}
	}
	return out, read
}

// everything is the scan of all that there is.
func everything() scan.Scan {
	return scan.Scan{From: -1 << 63, To: 1<<63 - 1, All: true}
}

// search reads a search.
func search(t testing.TB, text string) expr.Expr {
	t.Helper()
	e, err := expr.NewReader(text, nil).Search()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// expectLines fails unless the store holds these lines, each once, and
// nothing else but some of maybe, each at most once.
func expectLines(t testing.TB, s *Store, want, maybe []line) {
	t.Helper()
	if problem := checkLines(t, s, want, maybe); problem != "" {
		t.Fatal(problem)
	}
}

func checkLines(t testing.TB, s *Store, want, maybe []line) string {
	t.Helper()
	got, read := shown(t, s, everything(), row.FieldSeq)
	left := map[string]int{}
	for _, x := range got {
		left[x]++
	}
	missing := 0
	for i := range want {
		if x := want[i].text(); left[x] == 0 {
			missing++
		} else if left[x]--; left[x] == 0 {
			delete(left, x)
		}
	}
	for i := range maybe {
		if x := maybe[i].text(); left[x] == 1 {
			delete(left, x)
		}
	}
	if missing == 0 && len(left) == 0 && read.Damaged.Len() == 0 {
		return ""
	}
	example := ""
	for x, n := range left {
		example = fmt.Sprintf("; for example %d× %s", n, x)
		break
	}
	return fmt.Sprintf("of %d lines %d are missing, %d are there that should not be%s; %d damaged", len(want), missing, len(left), example, read.Damaged.Len())
}
