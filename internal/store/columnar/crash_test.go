package columnar

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
)

// cutPower lives the scenario and, before every step-th operation, looks at
// what the disk would hold if the power went: images of it, each with another
// share of what was not synced. It returns how many it looked at.
func cutPower(t *testing.T, seed uint64, step, images int) int {
	t.Helper()
	mem := disk.Crashable()
	rng := rand.New(rand.NewPCG(seed, 3))
	var c *scenario
	ops, cuts := int(seed), 0
	c = newScenario(t, disk.Failing(mem, func(op disk.Op, path string) error {
		if ops++; ops%step != 0 || t.Failed() {
			return nil
		}
		for range images {
			cuts++
			if problem := c.verify(mem.Clone(rng)); problem != "" {
				t.Errorf("power cut before operation %d, %s %s: %s", ops, op, path, problem)
				return nil
			}
		}
		return nil
	}))
	c.run()
	c.kill()
	return cuts
}

func TestPowerCuts(t *testing.T) {
	cuts := 0
	for seed := range uint64(2) {
		cuts += cutPower(t, seed, 17, 3)
	}
	t.Logf("%d power cuts", cuts)
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
