//go:build system && unix

package links_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar"
)

// The race of the embedded engine with PostgreSQL, over the same links in one
// run. scripts/bench-related.sh runs it and keeps the table.
var (
	sizes    = flag.String("links", "", "numbers of links, as 1000000,10000000; none: no race")
	pgSizes  = flag.String("pg", "", "the largest number that PostgreSQL is given; 0: all")
	benchDir = flag.String("dir", "", "folder for both; a temporary one when empty")
	table    = flag.String("table", "", "file that the table is written to; none: standard output")
)

const (
	benchDays  = 7
	batchLinks = 20_000
	chainIDs   = 20     // of the small closure
	fanIDs     = 20_000 // of the large one: a bulk with 10,000 messages and their reports
)

// flows makes links as a service makes them: messages that go to an operator and
// come back as reports, each id in two links, over a week; among them one chain
// of 20 ids strewn over the week, and one bulk of 10,000 messages.
type flows struct {
	r     *rand.Rand
	n     int
	start int64
	step  int64 // nanoseconds between two links
	chain []related.ID
}

func newFlows(n int) *flows {
	f := &flows{r: rand.New(rand.NewPCG(uint64(n), 1)), n: n, start: suiteNow.UnixNano() - benchDays*24*int64(time.Hour)}
	f.step = benchDays * 24 * int64(time.Hour) / int64(n)
	for i := range chainIDs {
		f.chain = append(f.chain, related.ID{Kind: []string{"message_id", "operator_id"}[i%2], Text: f.id()})
	}
	return f
}

func (f *flows) id() string {
	var b [16]byte
	for i := 0; i < 16; i += 8 {
		u := f.r.Uint64()
		for k := range 8 {
			b[i+k] = byte(u >> (8 * k))
		}
	}
	return hex.EncodeToString(b[:])
}

// link is the i-th link: its time and its two ids.
func (f *flows) link(i int, last *[2]related.ID) (at int64, ids [2]related.ID) {
	at = f.start + int64(i)*f.step
	if every := f.n / chainIDs; i%every == every/2 && i/every < chainIDs-1 {
		return at, [2]related.ID{f.chain[i/every], f.chain[i/every+1]}
	}
	if from := f.n / 3; i >= from && i < from+fanIDs-1 { // bulk–message, then message–report
		if k := i - from; k < fanIDs/2 {
			return at, [2]related.ID{{Kind: "bulk_id", Text: "the-bulk"}, {Kind: "message_id", Text: fmt.Sprintf("fan-%08d", k)}}
		} else {
			return at, [2]related.ID{{Kind: "message_id", Text: fmt.Sprintf("fan-%08d", k-fanIDs/2)}, {Kind: "report_id", Text: fmt.Sprintf("rep-%08d", k)}}
		}
	}
	if i%2 == 0 {
		ids = [2]related.ID{{Kind: "message_id", Text: f.id()}, {Kind: "operator_id", Text: f.id()}}
		*last = ids
		return at, ids
	}
	return at, [2]related.ID{last[1], {Kind: "report_id", Text: f.id()}}
}

// each hands out all links in batches.
func (f *flows) each(take func(first int, times []int64, ids [][2]related.ID)) {
	var last [2]related.ID
	var times []int64
	var ids [][2]related.ID
	for i := range f.n {
		at, pair := f.link(i, &last)
		times, ids = append(times, at), append(ids, pair)
		if len(times) == batchLinks || i == f.n-1 {
			take(i+1-len(times), times, ids)
			times, ids = times[:0], ids[:0]
		}
	}
}

// result is a row of the table.
type result struct {
	name, embedded, postgres string
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRelated runs the race once for each size.
func BenchmarkRelated(b *testing.B) {
	if *sizes == "" {
		b.Log("no sizes: make bench-related gives them")
		return
	}
	out := os.Stdout
	if *table != "" {
		var err error
		out, err = os.Create(*table)
		check(b, err)
		defer out.Close()
	}
	fmt.Fprintf(out, "# Related ids: the embedded engine beside PostgreSQL\n\nWritten by `make bench-related` on %d processors (shared with other work), %s, PostgreSQL 15 with shared_buffers=512MB, fsync on and synchronous_commit=off: both make links durable in groups.\nIds are 128 bits, as hex; each is in two links; the chain of %d ids is strewn over the week that all links lie in.\n", runtime.NumCPU(), runtime.Version(), chainIDs)
	for text := range strings.SplitSeq(*sizes, ",") {
		var n, most int
		_, err := fmt.Sscan(text, &n)
		check(b, err)
		if *pgSizes != "" {
			_, err = fmt.Sscan(*pgSizes, &most)
			check(b, err)
		}
		race(b, out, n, most == 0 || n <= most)
	}
}

func race(b *testing.B, out io, n int, withPostgres bool) {
	dir := *benchDir
	if dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprintf("links-%d", n))
	check(b, os.RemoveAll(dir))
	check(b, os.MkdirAll(dir, 0o755))
	defer os.RemoveAll(dir)
	rows := embeddedSide(b, dir, n)
	if withPostgres {
		postgresSide(b, n, rows)
	}
	fmt.Fprintf(out, "\n## %s links\n\n| | embedded | PostgreSQL |\n|---|---|---|\n", grouped(n))
	for _, r := range rows {
		fmt.Fprintf(out, "| %s | %s | %s |\n", r.name, r.embedded, r.postgres)
	}
}

type io interface{ Write(p []byte) (int, error) }

func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const (
	rowRate = iota
	rowCPU
	rowBytes
	rowSmall
	rowCold
	rowLarge
	rowDrop
)

func newTable() []result {
	return []result{
		rowRate: {name: "links/s, durable"}, rowCPU: {name: "CPU per link of the process that keeps them"}, rowBytes: {name: "bytes per link"},
		rowSmall: {name: "closure of 20 ids, median of 15"}, rowCold: {name: "the same, first after a restart"},
		rowLarge: {name: "closure of 20,000 ids, median of 5"}, rowDrop: {name: "dropping a day"},
	}
}

func embeddedSide(b *testing.B, dir string, n int) []result {
	rows := newTable()
	for i := range rows {
		rows[i].postgres = "–"
	}
	open := func() *columnar.Store {
		s, err := columnar.Open(disk.Real(), dir, columnar.Options{Now: func() time.Time { return suiteNow }, DiskShare: -1})
		check(b, err)
		return s
	}
	s := open()
	f := newFlows(n)
	var took, used time.Duration
	builder := row.NewBuilder("links")
	f.each(func(_ int, times []int64, ids [][2]related.ID) {
		for i := range times {
			builder.Begin(times[i])
			for _, d := range ids[i] {
				builder.Text([]byte(d.Kind), []byte(d.Text))
			}
		}
		batch := builder.Batch()
		began, before := time.Now(), cpu()
		check(b, s.Append(b.Context(), batch))
		took, used = took+time.Since(began), used+cpu()-before
	})
	began, before := time.Now(), cpu()
	check(b, s.Flush(b.Context()))
	took, used = took+time.Since(began), used+cpu()-before
	rows[rowRate].embedded = grouped(int(float64(n) / took.Seconds()))
	rows[rowCPU].embedded = fmt.Sprintf("%.2f µs (append, seal, merge)", float64(used.Nanoseconds())/float64(n)/1e3)
	parts := s.Extents(nil)[0].Bytes
	rows[rowBytes].embedded = fmt.Sprintf("%.1f: the whole line, two ids of 16 bytes among it", float64(parts)/float64(n))
	small, large := askings(f)
	rows[rowSmall].embedded = median(15, func() { ask(b, s, small, chainIDs-1) })
	check(b, s.Close())
	s = open()
	rows[rowCold].embedded = median(1, func() { ask(b, s, small, chainIDs-1) })
	rows[rowLarge].embedded = median(5, func() { ask(b, s, large, fanIDs-1) })
	check(b, s.Close())
	rows[rowDrop].embedded = "not measured here"
	return rows
}

// askings are the two questions: from the middle of the chain, and from a
// message of the bulk.
func askings(f *flows) (small, large string) {
	m := f.chain[chainIDs/2]
	return fmt.Sprintf("%s=%s | related depth=30 within=30d", m.Kind, m.Text),
		"report_id=rep-00012345 | related depth=30 within=30d max=30000 rows=50000 degree=20000"
}

func ask(b *testing.B, src query.Source, text string, want int) {
	e := query.New(query.Options{Source: src, Now: func() time.Time { return suiteNow }})
	a, err := e.Ask(b.Context(), query.Request{Text: text})
	check(b, err)
	defer a.Close()
	n := 0
	for batch, err := range a.Rows() {
		check(b, err)
		n += batch.Len
	}
	if n != want {
		b.Fatalf("%s gives %d lines, want %d; %v", text, n, want, a.Meta().Notes)
	}
}

// median is that of the wall clock, and of the processor time that this process
// took, which other work on the machine does not lengthen as much.
func median(times int, do func()) string {
	var list, used []time.Duration
	for range times {
		began, before := time.Now(), cpu()
		do()
		list, used = append(list, time.Since(began)), append(used, cpu()-before)
	}
	slices.Sort(list)
	slices.Sort(used)
	return fmt.Sprintf("%s (%s of CPU)", millis(list[times/2]), millis(used[times/2]))
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func postgresSide(b *testing.B, n int, rows []result) {
	pg := postgrestest.Start(b, "shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=30min")
	options := links.Options{URL: pg.URL(), Now: func() time.Time { return suiteNow }}
	l, err := links.Open(b.Context(), options)
	check(b, err)
	f := newFlows(n)
	var took time.Duration
	list := make([]related.Row, 0, batchLinks)
	f.each(func(first int, times []int64, ids [][2]related.ID) {
		list = list[:0]
		for i := range times {
			list = append(list, related.Row{Time: times[i], Dataset: "links", Seq: int64(first + i + 1), IDs: ids[i][:]})
		}
		began := time.Now()
		check(b, l.Put(b.Context(), list, nil))
		took += time.Since(began)
	})
	rows[rowRate].postgres = grouped(int(float64(n) / took.Seconds()))
	bytes, err := l.Bytes(b.Context())
	check(b, err)
	rows[rowBytes].postgres = fmt.Sprintf("%.1f, ids whole, indices with it", float64(bytes)/float64(n))
	walk := func(start related.ID, want int) {
		caps := related.Caps{Depth: 30, IDs: 30_000, Rows: 50_000, Degree: 20_000, Within: 30 * day}
		a, err := related.Walk(b.Context(), []related.Row{{Time: suiteNow.UnixNano() - benchDays*day/2, IDs: []related.ID{start}}}, caps, l)
		check(b, err)
		if len(a.Steps) != want+1 {
			b.Fatalf("PostgreSQL gives %d lines, want %d; %v", len(a.Steps)-1, want, a.Cuts)
		}
	}
	small := func() { walk(f.chain[chainIDs/2], chainIDs-1) }
	rows[rowSmall].postgres = median(15, small)
	rows[rowLarge].postgres = median(5, func() { walk(related.ID{Kind: "report_id", Text: "rep-00012345"}, fanIDs-1) })
	l.Close()
	pg.Rest()
	pg.Start()
	l, err = links.Open(b.Context(), options)
	check(b, err)
	defer l.Close()
	rows[rowCold].postgres = median(1, small)
	began := time.Now()
	_, err = l.Drop(b.Context(), suiteNow.Add(-(benchDays-1)*24*time.Hour))
	check(b, err)
	rows[rowDrop].postgres = millis(time.Since(began))
}

const day = 24 * int64(time.Hour)
