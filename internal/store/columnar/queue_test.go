package columnar

import (
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
)

// TestPanicWhileWriting: what panics while lines are written ends the process, whoever
// recovers: a store that is in no known state takes no more of them. The child is this
// test, told so by the environment.
func TestPanicWhileWriting(t *testing.T) {
	const inChild = "PLUMBLINE_PANIC_WHILE_WRITING"
	if os.Getenv(inChild) == "" {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), inChild+"=1")
		said, err := child.CombinedOutput()
		if err == nil || !strings.Contains(string(said), "while lines were written: no such luck") || strings.Contains(string(said), "went on") {
			t.Errorf("the child ended with %v and said:\n%s", err, said)
		}
		return
	}
	var unlucky atomic.Bool
	s := mustOpen(t, disk.Failing(disk.Memory(), func(op disk.Op, _ string) error {
		if op == disk.OpWrite && unlucky.Load() {
			panic("no such luck")
		}
		return nil
	}), Options{})
	func() {
		defer func() { _ = recover() }() // as net/http does
		unlucky.Store(true)
		_ = s.Append(t.Context(), newCanonical().batch(3))
	}()
	t.Log("went on")
	t.Fail()
}
