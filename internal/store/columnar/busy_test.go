package columnar

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// crowd appends from several sides, some batches twice under one name.
type crowd struct {
	t     *testing.T
	s     *Store
	marks atomic.Int64

	mu    sync.Mutex
	acked []line
}

func (c *crowd) side(n int) {
	m := newMaker(uint64(n))
	for i := range 40 {
		lines := m.lines([]string{"app", "comm"}[n%2], 1+m.IntN(30))
		for k := range lines {
			lines[k].fields[0].value = row.IntOf(c.marks.Add(1))
		}
		name := ""
		if i%5 == 0 {
			name = fmt.Sprintf("%d.%d", n, i)
		}
		var both sync.WaitGroup
		for range 1 + len(name)/3 {
			both.Go(func() {
				if _, err := c.s.AppendOnce(c.t.Context(), name, nil, batchOf(lines)); err != nil {
					c.t.Error(err)
				}
			})
		}
		both.Wait()
		c.mu.Lock()
		c.acked = append(c.acked, lines...)
		c.mu.Unlock()
	}
}

// follow asks for all rows whenever some came: of those up to the number
// appended last, none is missing.
func (c *crowd) follow(ctx context.Context) {
	for {
		wake := c.s.Appended()
		for _, x := range c.s.Extents(nil) {
			will := everything()
			will.Datasets, will.Where = []string{x.Dataset}, search(c.t, fmt.Sprintf("_seq<=%d", x.Seq))
			if got, _ := shown(c.t, c.s, will); int64(len(got)) != x.Seq {
				c.t.Errorf("%d rows of %s up to number %d", len(got), x.Dataset, x.Seq)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
	}
}

// TestAllAtOnce appends from many sides while the store runs, is asked, and is
// flushed.
func TestAllAtOnce(t *testing.T) {
	opts := small()
	opts.SealRows, opts.MemoryBytes = 200, 400<<10
	s := mustOpen(t, disk.Memory(), opts)
	ctx, stop := context.WithCancel(t.Context())
	c := &crowd{t: t, s: s}
	var sides, helpers sync.WaitGroup
	helpers.Go(func() { _ = s.Run(ctx) })
	helpers.Go(func() { c.follow(ctx) })
	helpers.Go(func() {
		for range 5 {
			if err := s.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	for n := range 4 {
		sides.Go(func() { c.side(n) })
	}
	sides.Wait()
	stop()
	helpers.Wait()
	expectLines(t, s, c.acked, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk: lines are refused while the disk is full, and questions and
// retention go on; when there is room again, it goes on by itself.
func TestFullDisk(t *testing.T) {
	now := testNow
	fs, opts := disk.Memory(), small()
	opts.Now = func() time.Time { return now }
	opts.Dataset = func(name string) dataset.Dataset {
		d := hourly(name)
		if name == "comm" {
			d.Retention.Age = time.Hour
		}
		return d
	}
	fs.Limit(2 << 20)
	s := mustOpen(t, fs, opts)
	m := newMaker(6)
	m.spread = 20 * time.Minute
	var acked, maybe []line
	refused := 0
	for i := 0; refused < 8; i++ {
		lines := m.lines([]string{"app", "comm"}[i%2], 50)
		err := s.Append(t.Context(), batchOf(lines))
		switch {
		case err == nil:
			acked = append(acked, lines...)
		case fault.Is(err, fault.Busy):
			refused++
			maybe = append(maybe, lines...)
			s.state.looked = time.Time{}
		default:
			t.Fatal(err)
		}
		if i%8 == 0 {
			_ = s.sealAll(t.Context())
		}
	}
	expectLines(t, s, acked, nil)
	if h := s.Health()[2]; h.Ready || !strings.Contains(h.Reason, "full") {
		t.Errorf("health says %+v", h)
	}
	fillDisk(t, fs)
	now = now.Add(3 * time.Hour) // comm is too old by now
	if err := s.retain(t.Context()); err != nil {
		t.Fatalf("retention without a free byte: %v", err)
	}
	acked = slices.DeleteFunc(acked, func(l line) bool { return l.dataset == "comm" })
	maybe = slices.DeleteFunc(maybe, func(l line) bool { return l.dataset == "comm" })
	expectLines(t, s, acked, nil)
	_ = s.letGo()
	s = mustOpen(t, fs, opts)
	expectLines(t, s, acked, maybe)
	fs.Limit(16 << 20)
	s.state.looked = time.Time{}
	s.state.note(appending, fault.New(fault.Busy, "no room"))
	if h := s.Health()[0]; !h.Ready { // or nobody would send what makes it ready
		t.Errorf("with room again, health says %+v", h)
	}
	lines := m.lines("app", 10)
	if err := s.Append(t.Context(), batchOf(lines)); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectLines(t, s, append(acked, lines...), maybe)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// fillDisk takes the last free byte.
func fillDisk(t testing.TB, fs *disk.Mem) {
	t.Helper()
	f, err := fs.Create("filler")
	if err != nil {
		t.Fatal(err)
	}
	at := int64(0)
	for _, size := range []int64{1 << 12, 1} {
		for bytes := make([]byte, size); ; at += size {
			if _, err := f.WriteAt(bytes, at); err != nil {
				break
			}
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestManyPartitions opens a store of thousands of almost empty partitions,
// of which it holds next to nothing.
func TestManyPartitions(t *testing.T) {
	fs, opts := disk.Memory(), small()
	manyPartitions(t, fs, "data", opts, 300)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := mustOpen(t, fs, opts)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if took := int64(after.HeapAlloc) - int64(before.HeapAlloc); took > 2<<20 {
		t.Errorf("%d bytes of memory for 300 partitions", took)
	}
	will := everything()
	will.Order, will.Limit = scan.NewestFirst, 10
	got, read := shown(t, s, will)
	if len(got) != 10 || read.Groups.Load() > 12 {
		t.Errorf("%d rows out of %d groups", len(got), read.Groups.Load())
	}
	will = everything()
	will.Where = search(t, "_seq>298 _seq<=300")
	if got, read = shown(t, s, will); len(got) != 2 || read.Groups.Load() > 3 || len(openParts(s)) > 15 {
		t.Errorf("%d rows out of %d groups, %d parts were opened", len(got), read.Groups.Load(), len(openParts(s)))
	}
	if x := s.Extents(nil); len(x) != 1 || x[0].Rows != 300 {
		t.Errorf("extents: %+v", x)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// openParts are the parts that somebody has read.
func openParts(s *Store) (names []string) {
	for _, f := range s.shelves {
		for _, p := range f.partitions {
			for _, x := range p.parts {
				if x.open != nil {
					names = append(names, x.path)
				}
			}
		}
	}
	return names
}

// manyPartitions makes a store with n partitions of one row each.
func manyPartitions(t testing.TB, fs disk.FS, dir string, opts Options, n int) {
	t.Helper()
	s, err := Open(fs, dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(12)
	lines := m.lines("app", n)
	for i := range lines {
		lines[i].at = testNow.Add(-time.Duration(i) * time.Hour).UnixNano()
	}
	mustAppend(t, s, lines...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
