package columnar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// history drives the engine and the simple store with the same appends, and
// the engine with all else that happens to it.
type history struct {
	*maker
	t     testing.TB
	disk  disk.FS
	opts  Options
	s     *Store
	plain *memory.Store
	lines []line
}

func newHistory(t testing.TB, seed uint64, opts Options) *history {
	h := &history{maker: newMaker(seed), t: t, disk: disk.Memory(), opts: opts}
	h.plain = memory.Open(expr.Env{}, hourly("app"), hourly("comm"))
	h.s = mustOpen(t, h.disk, opts)
	t.Cleanup(func() { _ = h.s.Close() })
	return h
}

func (h *history) append(n int) {
	h.t.Helper()
	lines := h.maker.lines([]string{"app", "app", "comm"}[h.IntN(3)], n)
	h.lines = append(h.lines, lines...)
	if err := h.s.Append(h.t.Context(), halves(lines)...); err != nil {
		h.t.Fatal(err)
	}
	for _, b := range halves(lines) {
		if err := h.plain.Append(h.t.Context(), b); err != nil {
			h.t.Fatal(err)
		}
	}
}

// restart closes the store, or leaves it as a kill would.
func (h *history) restart(kill bool) {
	h.t.Helper()
	if kill {
		if err := h.s.letGo(); err != nil {
			h.t.Fatal(err)
		}
	} else if err := h.s.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.s = mustOpen(h.t, h.disk, h.opts)
}

// step is something that may happen.
func (h *history) step() {
	var err error
	switch n := h.IntN(20); {
	case n < 10:
		h.append(1 + h.IntN(40))
	case n < 12:
		h.append(1)
	case n < 14:
		err = h.s.sealAll(h.t.Context())
	case n < 16:
		err = h.s.sealDue(h.t.Context())
	case n < 17:
		err = h.s.merge(h.t.Context(), false)
	case n < 18:
		err = h.s.Flush(h.t.Context())
	default:
		h.restart(h.IntN(2) == 0)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// searches are clauses about the lines that maker makes.
var searches = []string{
	"*", "level=error", "level!=info", "level=warn or level=error", "not level=info", "user_id=usr_7", "user_id=usr_1*",
	"user_id=*", "not user_id=*", "duration>2", "duration<=0.5 level=info", "http_status=200", "http_status!=200",
	"http_status>=400", "odd=7", "odd=seven", "odd=x", "odd=true", "not odd=*", "request", `"Request 7"`, "took ms", "*a1",
	`_msg~"took [0-9]{2} ms"`, "request_id=*f", "any=seven", "_dataset=comm", "_dataset=comm level=error", "_dataset!=app user_id=usr_3",
	"mark>100", "mark in (3, 5, 7)", "_seq<20", "_seq>=5 _seq<9 _dataset=app", "level=unknown", "nothing=*", "not nothing=1", `any~"x"`,
}

func (h *history) question() scan.Scan {
	will := scan.Scan{From: -1 << 63, To: 1<<63 - 1, Lanes: 1 + h.IntN(3)}
	if text := searches[h.IntN(len(searches))]; text != `any~"x"` {
		will.Where = search(h.t, text)
		if h.IntN(3) == 0 {
			will.Where = &expr.And{List: []expr.Expr{will.Where, search(h.t, searches[h.IntN(len(searches)-1)])}}
		}
		if h.IntN(5) == 0 {
			will.Where = &expr.Or{List: []expr.Expr{will.Where, search(h.t, searches[h.IntN(len(searches)-1)])}}
		}
	}
	if h.IntN(3) == 0 {
		will.From = testNow.Add(-time.Duration(h.Int64N(int64(h.spread)))).UnixNano()
	}
	if h.IntN(3) == 0 {
		will.To = testNow.Add(-time.Duration(h.Int64N(int64(h.spread)))).UnixNano()
	}
	if h.IntN(4) == 0 {
		will.Datasets = []string{[]string{"app", "comm", "none"}[h.IntN(3)]}
	}
	if will.All = h.IntN(2) == 0; !will.All {
		for _, name := range []string{"_dataset", "mark", "level", "user_id", "odd", "_msg", "request_id", "status"} {
			if h.IntN(2) == 0 {
				will.Fields = append(will.Fields, name)
			}
		}
	}
	if h.IntN(2) == 0 {
		will.Order = scan.NewestFirst
		if h.IntN(2) == 0 {
			will.Limit = 1 + h.IntN(30)
		}
	}
	return will
}

// ask compares the answers of both stores to a random question.
func (h *history) ask() {
	h.t.Helper()
	will := h.question()
	if will.All { // the plain store shows an alias where it was asked about; rows in other batches do not
		will.Where = expr.Conjunction(will.Where)
	}
	got, read := shown(h.t, h.s, will)
	want, _ := shown(h.t, h.plain, will)
	if !will.All && !slices.Contains(will.Fields, row.FieldDataset) { // then nobody asks where rows lie
		got, want = withoutDataset(got), withoutDataset(want)
	}
	if will.Order == scan.Any {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		h.t.Fatalf("%s, from %d to %d: %d rows, want %d\ngot\n%s\nwant\n%s", will.String(), will.From, will.To, len(got), len(want), excerpt(got, want), excerpt(want, got))
	}
	if n := read.Damaged.Len(); n > 0 {
		h.t.Fatalf("%d damaged", n)
	}
}

func withoutDataset(rows []string) []string {
	out := make([]string, len(rows))
	for i, x := range rows {
		_, out[i], _ = strings.Cut(x, " ")
	}
	return out
}

// excerpt is where a list begins to differ from another.
func excerpt(list, other []string) string {
	at := 0
	for at < min(len(list), len(other)) && list[at] == other[at] {
		at++
	}
	return fmt.Sprintf("… %d:\n%s", at, strings.Join(list[at:min(len(list), at+3)], "\n"))
}

func TestRandomHistories(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			opts := small()
			opts.SealRows = 8 + rand.New(rand.NewPCG(seed, 1)).IntN(60)
			if seed%3 == 0 {
				opts.MemoryBytes = 200 << 10
			}
			h := newHistory(t, seed, opts)
			for range 60 {
				h.step()
				h.ask()
			}
			for range 40 {
				h.ask()
			}
			h.restart(true)
			for range 20 {
				h.ask()
			}
			expectLines(t, h.s, h.lines, nil)
		})
	}
}

func TestOneHolder(t *testing.T) {
	fs := disk.Memory()
	s := mustOpen(t, fs, small())
	_, err := Open(fs, "data", small())
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "data") {
		t.Fatalf("a second start: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := mustOpen(t, fs, small()).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	fs := disk.Memory()
	if err := mustOpen(t, fs, small()).Close(); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteFileAtomic(fs, "data/FORMAT", []byte(printFormat(folderVersion+1))); err != nil {
		t.Fatal(err)
	}
	_, err := Open(fs, "data", small())
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), fmt.Sprintf("format %d,", folderVersion+1)) {
		t.Fatalf("a newer format: %v", err)
	}
	if err := disk.WriteFileAtomic(fs, "data/FORMAT", []byte("plumbline columnar store, format 9")); err != nil {
		t.Fatal(err)
	}
	if err := mustOpen(t, fs, small()).Close(); err != nil {
		t.Fatalf("a damaged file FORMAT: %v", err)
	}
}

// TestOlderFolder: a folder of an older build is refused by that build from now on.
func TestOlderFolder(t *testing.T) {
	fs := disk.Memory()
	s := mustOpen(t, fs, small())
	lines := newMaker(1).lines("app", 5)
	mustAppend(t, s, lines...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteFileAtomic(fs, "data/FORMAT", []byte(printFormat(folderVersion-1))); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, fs, small())
	expectLines(t, s, lines, nil)
	if text, err := disk.ReadFile(fs, "data/FORMAT", 1<<10); err != nil || string(text) != printFormat(folderVersion) {
		t.Errorf("FORMAT holds %q, %v", text, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeAppended(t *testing.T) {
	s := mustOpen(t, disk.Memory(), small())
	bare := row.NewBuilder("app")
	bare.BeginBare()
	bare.Text([]byte("a"), []byte("b"))
	if err := s.Append(t.Context(), bare.Batch()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a row without a time: %v", err)
	}
	m := newMaker(1)
	for _, name := range []string{"", "Upper", "wal", "names", "a/b", ".."} {
		if err := s.Append(t.Context(), batchOf(m.lines(name, 1))); !fault.Is(err, fault.Invalid) {
			t.Errorf("dataset %q: %v", name, err)
		}
	}
	for i := range 64 {
		if err := s.Append(t.Context(), batchOf(m.lines(fmt.Sprintf("d%d", i), 1))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Append(t.Context(), batchOf(m.lines("d64", 1))); !fault.Is(err, fault.Invalid) {
		t.Errorf("the 65th dataset: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), batchOf(m.lines("d0", 1))); err != ErrClosed {
		t.Errorf("after closing: %v", err)
	}
}

func TestNamedBatches(t *testing.T) {
	fs, opts := disk.Memory(), small()
	now := testNow
	opts.Now = func() time.Time { return now }
	s := mustOpen(t, fs, opts)
	m := newMaker(2)
	lines := m.lines("app", 10)
	once := func(name, receipt string, want string, lines []line) {
		t.Helper()
		earlier, err := s.AppendOnce(t.Context(), name, []byte(receipt), batchOf(lines))
		if err != nil || string(earlier) != want || (earlier == nil) != (want == "new") && want != "" {
			if want == "new" && earlier == nil {
				return
			}
			t.Fatalf("%s: earlier %q, %v; want %q", name, earlier, err, want)
		}
	}
	once("a", "ten", "new", lines)
	once("a", "other", "ten", m.lines("app", 10))
	for _, how := range []string{"killed", "sealed and killed", "closed"} {
		switch how {
		case "killed":
			_ = s.letGo()
		case "sealed and killed":
			for range 40 { // so that the log forgets
				more := m.lines("comm", 50)
				if err := s.Append(t.Context(), batchOf(more)); err != nil {
					t.Fatal(err)
				}
				if err := s.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, more...)
			}
			_ = s.letGo()
		case "closed":
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s = mustOpen(t, fs, opts)
		once("a", "other", "ten", m.lines("app", 10))
	}
	if first, _ := s.wal.Span(); first < 5 {
		t.Fatalf("the log was never trimmed: it begins at %d", first)
	}
	expectLines(t, s, lines, nil)
	now = now.Add(25 * time.Hour)
	if err := s.names.expire(now.UnixNano()); err != nil {
		t.Fatal(err)
	}
	again := m.lines("app", 3)
	once("a", "again", "new", again)
	expectLines(t, s, append(lines, again...), nil)
	empty, err := s.AppendOnce(t.Context(), "b", nil)
	if empty != nil || err != nil {
		t.Fatalf("a named batch of nothing: %v %v", empty, err)
	}
	if empty, err = s.AppendOnce(t.Context(), "b", nil); empty == nil || err != nil {
		t.Fatalf("the same again: %v %v", empty, err)
	}
}

// TestTooManyFields seals lines whose fields are more than a part can hold.
func TestTooManyFields(t *testing.T) {
	s := mustOpen(t, disk.Memory(), small())
	const rows, fields = 6, 11_500
	b := row.NewBuilder("app")
	for i := range rows {
		b.Begin(testNow.UnixNano())
		for k := range fields {
			b.Text(fmt.Appendf(nil, "f%d_%d", i, k), []byte("x"))
		}
	}
	if err := s.Append(t.Context(), b.Batch()); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x := s.Extents(nil)[0]; x.Rows != rows || x.Bytes == 0 {
		t.Fatalf("%+v", x)
	}
	will := everything()
	will.Where = search(t, "f5_11499=x")
	if got, _ := shown(t, s, will); len(got) != 1 {
		t.Fatalf("%d rows", len(got))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
