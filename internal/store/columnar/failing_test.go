package columnar

import (
	"errors"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/row"
)

// scenario is a life of a store in which everything happens once: appends with
// and without names, seals, merges, retention, a restart. It remembers what was
// acknowledged, and goes on whatever fails.
type scenario struct {
	*maker
	t     testing.TB
	fs    disk.FS
	opts  Options
	now   time.Time
	s     *Store
	acked []line // and not expired
	maybe []line // may be there, once
	// flying may be there because their append, or their drop, is under way.
	flying []line
}

func newScenario(t testing.TB, fs disk.FS) *scenario {
	c := &scenario{maker: newMaker(5), t: t, fs: fs, opts: small(), now: testNow}
	c.opts.Now = func() time.Time { return c.now }
	c.opts.Dataset = func(name string) dataset.Dataset {
		d := hourly(name)
		if name == "comm" {
			d.Retention.Age = time.Hour
		}
		return d
	}
	c.opts.SealRows = 64
	c.spread = 15 * time.Minute // one partition, but for what is appended late
	return c
}

// alive opens the store if it is not open, and reports whether that worked.
func (c *scenario) alive() bool {
	if c.s == nil {
		c.s, _ = Open(c.fs, "data", c.opts)
	}
	return c.s != nil
}

func (c *scenario) append(dataset string, n int, name string) {
	lines := c.lines(dataset, n)
	if !c.alive() {
		return
	}
	c.flying = lines
	earlier, err := c.s.AppendOnce(c.t.Context(), name, []byte("receipt of "+name), halves(lines)...)
	c.flying = nil
	switch {
	case err != nil:
		c.maybe = append(c.maybe, lines...)
	case earlier != nil:
		c.t.Errorf("batch %s was new and is known", name)
	default:
		c.acked = append(c.acked, lines...)
	}
	if name == "" || err != nil || !c.alive() {
		return
	}
	if earlier, err := c.s.AppendOnce(c.t.Context(), name, nil, batchOf(c.lines(dataset, 1))); err == nil && string(earlier) != "receipt of "+name {
		c.t.Errorf("batch %s is forgotten", name)
	}
}

// halves are lines as two batches of one append.
func halves(lines []line) []*row.Batch {
	if len(lines) < 2 {
		return []*row.Batch{batchOf(lines)}
	}
	return []*row.Batch{batchOf(lines[:len(lines)/2]), batchOf(lines[len(lines)/2:])}
}

// do does something that may fail, and nothing is to be lost by it.
func (c *scenario) do(what func() error) {
	if c.alive() {
		_ = what()
	}
}

func (c *scenario) close() {
	if c.s != nil {
		_ = c.s.Close()
		c.s = nil
	}
}

// kill ends the store as the end of the process would.
func (c *scenario) kill() {
	if c.s != nil {
		_ = c.s.letGo()
		c.s = nil
	}
}

// run is the scenario.
func (c *scenario) run() {
	ctx := c.t.Context()
	c.append("app", 20, "")
	c.append("comm", 10, "first")
	c.do(func() error { return c.s.sealAll(ctx) })
	c.append("app", 30, "second")
	c.do(func() error { return c.s.ahead() })
	c.do(func() error { return c.s.Flush(ctx) })
	c.kill()
	c.append("app", 40, "")
	c.append("app", 40, "") // what was there is full, and sealed without these
	c.do(func() error { return c.s.sealDue(ctx) })
	c.append("comm", 3, "third")
	c.kill()
	c.do(func() error { return c.s.Flush(ctx) })
	c.expire()
	c.append("comm", 2, "") // late: the partition begins anew
	c.close()
	c.append("app", 7, "fourth")
}

// expire lets all of comm grow too old. Once it is dropped it must stay away.
func (c *scenario) expire() {
	c.now = c.now.Add(2 * time.Hour)
	if !c.alive() {
		return
	}
	c.acked = slices.DeleteFunc(c.acked, func(l line) bool {
		if l.dataset == "comm" {
			c.flying = append(c.flying, l)
		}
		return l.dataset == "comm"
	})
	if err := c.s.retain(c.t.Context()); err != nil {
		c.maybe = append(c.maybe, c.flying...)
	}
	c.flying = nil
}

// verify holds what the disk has against what was acknowledged.
func (c *scenario) verify(fs disk.FS) string {
	s, err := Open(fs, "data", c.opts)
	if err != nil {
		return err.Error()
	}
	problem := checkLines(c.t, s, c.acked, slices.Concat(c.maybe, c.flying))
	if problem == "" {
		problem = checkNumbers(c.t, s)
	}
	if err := s.Close(); err != nil && problem == "" {
		problem = err.Error()
	}
	return problem
}

// checkNumbers holds when no number was given twice.
func checkNumbers(t testing.TB, s *Store) string {
	will := everything()
	will.All, will.Fields = false, []string{"mark"}
	got, _ := shown(t, s, will, "mark", "_time")
	seen := map[string]bool{}
	for _, x := range got {
		if seen[x] {
			return "twice: " + x
		}
		seen[x] = true
	}
	return ""
}

// failures are ways in which an operation fails.
var failures = []error{errors.New("input/output error"), syscall.ENOSPC, &disk.Short{Keep: 1, Err: syscall.EDQUOT}}

// failOperations fails each operation of the scenario once, beginning with
// one and going on by steps.
func failOperations(t *testing.T, first, step int64, fail error) (runs int64) {
	t.Helper()
	for n := first; ; n += step {
		runs++
		mem := disk.Memory()
		fs := disk.Failing(mem, disk.Nth(n, fail))
		c := newScenario(t, fs)
		c.run()
		ops := fs.Ops()
		if c.alive() && ops >= n {
			c.append("app", 1, "") // it lives
			if problem := checkLines(t, c.s, c.acked, c.maybe); problem != "" {
				t.Fatalf("operation %d fails: alive: %s", n, problem)
			}
		}
		c.kill()
		if problem := c.verify(mem); problem != "" {
			t.Fatalf("operation %d fails: %s", n, problem)
		}
		if ops < n {
			t.Logf("%d operations", ops)
			return runs
		}
	}
}

func TestOperationsFail(t *testing.T) {
	for i, fail := range failures {
		t.Run(fail.Error(), func(t *testing.T) {
			t.Parallel()
			failOperations(t, int64(1+i), 23, fail)
		})
	}
}
