package columnar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
)

// cutPower lives a scenario and, before every step-th operation of it, looks at what
// the disk would hold if the power went: images of it, each with another share of what
// was not synced. It returns how many it looked at.
func cutPower(t *testing.T, seed uint64, step, images int, live func(c *scenario, cuts *int)) (cuts int) {
	t.Helper()
	mem := disk.Crashable()
	rng := rand.New(rand.NewPCG(seed, 3))
	var c *scenario
	ops := int(seed)
	c = newScenario(t, disk.Failing(mem, func(op disk.Op, path string) error {
		if ops++; ops%step != 0 || t.Failed() {
			return nil
		}
		for range images {
			cuts++
			if problem := c.verify(mem.Clone(rng)); problem != "" {
				t.Errorf("seed %d, power cut before operation %d, %s %s: %s", seed, ops, op, path, problem)
				return nil
			}
		}
		return nil
	}))
	live(c, &cuts)
	c.kill()
	return cuts
}

// TestPowerCuts cuts the power in a life in which everything happens once.
func TestPowerCuts(t *testing.T) {
	cuts := 0
	for seed := range uint64(2) {
		cuts += cutPower(t, seed, 17, 3, func(c *scenario, _ *int) { c.run() })
	}
	t.Logf("%d power cuts", cuts)
}

// randomCuts cuts the power before every operation of a random life, so many times.
func randomCuts(t *testing.T, seed uint64, most int) int {
	t.Helper()
	return cutPower(t, seed, 1, 1, func(c *scenario, cuts *int) {
		c.maker = newMaker(seed)
		c.spread = 15 * time.Minute
		for *cuts < most && !t.Failed() {
			c.wander()
		}
	})
}

// TestRandomCuts cuts the power two thousand times.
func TestRandomCuts(t *testing.T) {
	for seed := range uint64(2) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			randomCuts(t, seed, 1000)
		})
	}
}

// wander does something at random. Most lines go where they soon expire, so that
// however long it lives there are never many.
func (c *scenario) wander() {
	ctx := c.t.Context()
	switch n := c.IntN(24); {
	case n < 8:
		c.append("comm", 1+c.IntN(12), "")
	case n < 10:
		c.append("comm", 1+c.IntN(4), fmt.Sprintf("batch %d", c.marks))
	case n == 10:
		c.append("app", 1, "")
	case n == 11:
		c.append("app", 1, fmt.Sprintf("batch %d", c.marks))
	case n < 14:
		c.do(func() error { return c.s.sealAll(ctx) })
	case n == 14:
		c.do(func() error { return c.s.sealDue(ctx) })
	case n == 15:
		c.do(func() error { return c.s.merge(ctx, c.IntN(2) == 0) })
	case n < 18:
		c.do(func() error { return c.s.Flush(ctx) })
	case n == 18:
		c.do(func() error { return c.s.ahead() })
	case n == 19:
		c.close()
	case n < 22:
		c.kill()
	case n == 22:
		c.do(func() error { c.s.tend(ctx); return nil })
	case len(c.acked) > 60:
		c.expire()
	}
}

// TestFirstStartCutShort: the first start of all is interrupted while it writes
// FORMAT; the next one takes what that left behind for its own.
func TestFirstStartCutShort(t *testing.T) {
	mem := disk.Memory()
	if _, err := Open(disk.Failing(mem, func(op disk.Op, _ string) error {
		if op == disk.OpRename || op == disk.OpRemoveAll { // nothing is cleaned up, as after a kill
			return errors.New("input/output error")
		}
		return nil
	}), "data", small()); err == nil {
		t.Fatal("the start was not cut short")
	}
	mustOpen(t, mem, small())
}

// TestLeftoversAreSwept: a part that was written and never named by a manifest is
// removed by the next start.
func TestLeftoversAreSwept(t *testing.T) {
	mem := disk.Memory()
	s := mustOpen(t, disk.Failing(mem, func(op disk.Op, name string) error {
		if path.Base(name) == manifestName+disk.FreshSuffix && op == disk.OpRename {
			return errors.New("input/output error")
		}
		return nil
	}), small())
	lines := newMaker(1).lines("app", 5)
	mustAppend(t, s, lines...)
	if err := s.sealAll(t.Context()); err == nil {
		t.Fatal("the manifest was replaced")
	}
	_ = s.letGo()
	parts := func() (n int) {
		for _, name := range allFiles(t, mem, "data") {
			if strings.HasSuffix(name, partSuffix) {
				n++
			}
		}
		return n
	}
	if parts() == 0 {
		t.Fatal("no part was left behind")
	}
	s = mustOpen(t, mem, small())
	if n := parts(); n != 0 {
		t.Errorf("%d parts are left behind", n)
	}
	expectLines(t, s, lines, nil)
}
