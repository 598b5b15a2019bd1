//go:build system && linux

package links_test

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
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

	"github.com/plumbline/plumbline/internal/dataset"
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
	keep     = flag.Bool("keep", false, "leave the embedded engine's links in the folder, and ask those that an earlier run left")
)

const (
	benchDays  = 7
	batchLinks = 50_000 // as many as Run links at a time
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

// The rows and columns of the table.
const (
	rowRate = iota
	rowCPU
	rowBytes
	rowSettled
	rowSmall
	rowCold
	rowLarge
	rowDrop
	benchRows
)

const (
	colEmbedded = iota
	colWhole
	colHashed
	benchCols
)

var rowNames = [benchRows]string{
	rowRate: "links/s, durable", rowCPU: "processor time per link of the process that keeps them", rowBytes: "bytes per link",
	rowSettled: "bytes per link, days that are over", rowSmall: "closure of 20 ids, median of 15", rowCold: "the same, first after a restart",
	rowLarge: "closure of 20,000 ids, median of 5", rowDrop: "dropping a day",
}

// figures is the table of one size; empty: there is none.
type figures [benchRows][benchCols]string

// cpu and threadCPU are the processor time of the process, and of the thread
// that asks.
func cpu() time.Duration       { return used(syscall.RUSAGE_SELF) }
func threadCPU() time.Duration { return used(rusageThread) }

const rusageThread = 1 // of Linux; package syscall has no name for it

func used(of int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(of, &u) != nil {
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
	fmt.Fprintf(out, "# Related ids: the embedded engine beside PostgreSQL\n\nWritten by `make bench-related` on %d processors (shared with other work), %s, PostgreSQL 15 with shared_buffers=512MB, fsync on and synchronous_commit=off: a crash of its machine loses the last moments, which are linked again.\nIds are 128 bits, as hex; each is in two links; the chain of %d ids is strewn over the week that all links lie in.\n", runtime.NumCPU(), runtime.Version(), chainIDs)
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
	if !*keep {
		check(b, os.RemoveAll(dir))
		defer os.RemoveAll(dir)
	}
	check(b, os.MkdirAll(dir, 0o755))
	var t figures
	s := embeddedSide(b, dir, n, &t)
	if withPostgres {
		postgresSide(b, n, s, false, &t)
		postgresSide(b, n, s, true, &t)
	}
	dropDay(b, dir, s, &t)
	fmt.Fprintf(out, "\n## %s links\n\n| | embedded | PostgreSQL, ids whole | PostgreSQL, hashes |\n|---|---|---|---|\n", grouped(n))
	for i, cells := range t {
		fmt.Fprintf(out, "| %s |", rowNames[i])
		for _, c := range cells {
			fmt.Fprintf(out, " %s |", cmp.Or(c, "–"))
		}
		fmt.Fprintln(out)
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

// embeddedSide gives the store as it is after a restart.
func embeddedSide(b *testing.B, dir string, n int, t *figures) *columnar.Store {
	open := func() *columnar.Store { return openStore(b, dir, suiteNow) }
	f := newFlows(n)
	made := fillEmbedded(b, dir, f, open)
	s := open()
	t[rowRate][colEmbedded] = grouped(int(float64(n) / made.Took.Seconds()))
	t[rowCPU][colEmbedded] = fmt.Sprintf("%.2f µs (append, seal, merge)", float64(made.Used.Nanoseconds())/float64(n)/1e3)
	parts := s.Extents(nil)[0].Bytes
	t[rowBytes][colEmbedded] = fmt.Sprintf("%.1f: the whole line, two ids of 16 bytes among it", float64(parts)/float64(n))
	small, large := askings(f)
	t[rowCold][colEmbedded] = median(1, func() { ask(b, s, small, chainIDs-1) })
	t[rowSmall][colEmbedded] = median(15, func() { ask(b, s, small, chainIDs-1) })
	t[rowLarge][colEmbedded] = median(5, func() { ask(b, s, large, fanIDs-1) })
	return s
}

func openStore(b *testing.B, dir string, now time.Time) *columnar.Store {
	s, err := columnar.Open(disk.Real(), filepath.Join(dir, "data"), columnar.Options{
		Now: func() time.Time { return now }, DiskShare: -1,
		Dataset: func(name string) dataset.Dataset {
			d := dataset.New(name)
			d.Retention.Age = (benchDays*24 - 4) * time.Hour // the first day is over 20 hours after suiteNow
			return d
		},
	})
	check(b, err)
	return s
}

// dropDay measures how long a server that starts nearly a day later takes until a day of
// lines is out of its sight; files are removed behind that.
func dropDay(b *testing.B, dir string, s *columnar.Store, t *figures) {
	first := s.Extents(nil)[0].From
	check(b, s.Close())
	if *keep {
		return
	}
	s = openStore(b, dir, suiteNow.Add(22*time.Hour))
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- s.Run(ctx) }()
	for s.Extents(nil)[0].From-first < int64(23*time.Hour) {
		if time.Since(began) > time.Minute {
			b.Fatal("no day is dropped")
		}
		time.Sleep(time.Millisecond)
	}
	t[rowDrop][colEmbedded] = millis(time.Since(began))
	stop()
	check(b, <-ended)
	check(b, s.Close())
}

// filled is what making the links took.
type filled struct {
	Took time.Duration // from the first to all at rest, less the making of the lines
	Used time.Duration // processor time, likewise
}

// fillEmbedded gives the engine the links, as a server does: it seals and merges
// while lines come. With -keep an earlier run's are left as they are.
func fillEmbedded(b *testing.B, dir string, f *flows, open func() *columnar.Store) (made filled) {
	note := filepath.Join(dir, "filled.json")
	if text, err := os.ReadFile(note); err == nil {
		check(b, json.Unmarshal(text, &made))
		return made
	}
	check(b, os.RemoveAll(filepath.Join(dir, "data")))
	s := open()
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	runtime.LockOSThread() // so that the time of making lines can be told
	defer runtime.UnlockOSThread()
	began, before := time.Now(), cpu()
	var making, madeIn time.Duration // by the clock, and of the processor
	builder := row.NewBuilder("links")
	last, lastUsed := began, threadCPU()
	f.each(func(_ int, times []int64, ids [][2]related.ID) {
		for i := range times {
			builder.Begin(times[i])
			for _, d := range ids[i] {
				builder.Text([]byte(d.Kind), []byte(d.Text))
			}
		}
		batch := builder.Batch()
		making, madeIn = making+time.Since(last), madeIn+threadCPU()-lastUsed
		check(b, s.Append(b.Context(), batch))
		last, lastUsed = time.Now(), threadCPU()
	})
	check(b, s.Flush(b.Context()))
	made = filled{Took: time.Since(began) - making, Used: cpu() - before - madeIn}
	stop()
	check(b, <-ended)
	check(b, s.Close())
	text, err := json.Marshal(made)
	check(b, err)
	check(b, os.WriteFile(note, text, 0o644))
	return made
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

func postgresSide(b *testing.B, n int, lines links.Lines, hashed bool, t *figures) {
	col := colWhole
	if hashed {
		col = colHashed
	}
	pg := postgrestest.Start(b, "shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=30min")
	options := links.Options{URL: pg.URL(), Hashed: hashed, Lines: lines, Now: func() time.Time { return suiteNow }}
	l, err := links.Open(b.Context(), options)
	check(b, err)
	f := newFlows(n)
	var took, used time.Duration
	list := make([]related.Row, 0, batchLinks)
	f.each(func(first int, times []int64, ids [][2]related.ID) {
		list = list[:0]
		for i := range times {
			list = append(list, related.Row{Time: times[i], Dataset: "links", Seq: int64(first + i + 1), IDs: ids[i][:]})
		}
		began, before := time.Now(), cpu()
		check(b, l.Put(b.Context(), list, nil))
		took, used = took+time.Since(began), used+cpu()-before
	})
	t[rowRate][col] = grouped(int(float64(n) / took.Seconds()))
	t[rowCPU][col] = fmt.Sprintf("%.2f µs, without PostgreSQL's own", float64(used.Nanoseconds())/float64(n)/1e3)
	perLink := func() string {
		bytes, err := l.Bytes(b.Context())
		check(b, err)
		return fmt.Sprintf("%.1f", float64(bytes)/float64(n))
	}
	t[rowBytes][col] = perLink()
	_, err = l.Settle(b.Context(), suiteNow.Add(24*time.Hour))
	check(b, err)
	t[rowSettled][col] = perLink()
	walk := func(start related.ID, want int) {
		caps := related.Caps{Depth: 30, IDs: 30_000, Rows: 50_000, Degree: 20_000, Within: 30 * day}
		a, err := related.Walk(b.Context(), []related.Row{{Time: suiteNow.UnixNano() - benchDays*day/2, IDs: []related.ID{start}}}, caps, l)
		check(b, err)
		if len(a.Steps) != want+1 {
			b.Fatalf("PostgreSQL gives %d lines, want %d; %v", len(a.Steps)-1, want, a.Cuts)
		}
	}
	small := func() { walk(f.chain[chainIDs/2], chainIDs-1) }
	t[rowSmall][col] = median(15, small)
	t[rowLarge][col] = median(5, func() { walk(related.ID{Kind: "report_id", Text: "rep-00012345"}, fanIDs-1) })
	l.Close()
	pg.Rest()
	pg.Start()
	l, err = links.Open(b.Context(), options)
	check(b, err)
	defer l.Close()
	t[rowCold][col] = median(1, small)
	began := time.Now()
	_, err = l.Drop(b.Context(), suiteNow.Add(-(benchDays-1)*24*time.Hour))
	check(b, err)
	t[rowDrop][col] = millis(time.Since(began))
}

const day = 24 * int64(time.Hour)
