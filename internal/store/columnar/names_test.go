package columnar

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/journal"
)

// TestNamesBounded gives names without end, long ones: memory stays within its
// bound, the newest are known, also after a restart, and what was forgotten is
// counted.
func TestNamesBounded(t *testing.T) {
	const most, given = 100 * sightingBytes, 5000
	fs := disk.Memory()
	n, err := openNames(fs, "names", most)
	if err != nil {
		t.Fatal(err)
	}
	name := func(i int) string { return fmt.Sprintf("%d/%s", i, strings.Repeat("x", 4000)) }
	known := func() (count int) {
		for i := range given {
			if receipt, ok := n.find(name(i), int64(i)); ok {
				if string(receipt) != fmt.Sprint(i) {
					t.Fatalf("name %d has the receipt %q", i, receipt)
				}
				count++
			}
		}
		return count
	}
	for i := range given {
		n.add(name(i), int64(i), fmt.Append(nil, i), journal.Position(i+1))
		if n.bytes > most {
			t.Fatalf("%d bytes after %d names", n.bytes, i)
		}
		if i%700 == 0 { // so that some are forgotten before they were saved, and some after
			if err := n.save(journal.Position(i - 20)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := n.save(given + 1); err != nil {
		t.Fatal(err)
	}
	before := known()
	if before < 80 || before > 100 || n.early != int64(given-before) || n.saved != len(n.order) {
		t.Fatalf("%d names are known, %d forgotten early, %d of %d saved", before, n.early, n.saved, len(n.order))
	}
	if _, ok := n.find(name(given-1), 0); !ok {
		t.Fatal("the newest name is not known")
	}
	if err := n.close(); err != nil {
		t.Fatal(err)
	}
	if n, err = openNames(fs, "names", most); err != nil {
		t.Fatal(err)
	}
	if after := known(); after < 80 || after > 100 || n.bytes > most {
		t.Fatalf("%d names are known after a restart, %d before; %d bytes", after, before, n.bytes)
	}
	if err := n.expire(given + int64(2*nameAge)); err != nil || known() != 0 || n.bytes != 0 {
		t.Fatalf("%v; %d names are known after days; %d bytes", err, known(), n.bytes)
	}
	n.add("again", int64(2*nameAge), []byte("new"), given+2)
	if _, ok := n.find("again", int64(2*nameAge+time.Hour)); !ok {
		t.Fatal("a new name is not known")
	}
}

// TestOneNameTwiceAtOnce: of two batches of one name that wait for the log together
// one is stored.
func TestOneNameTwiceAtOnce(t *testing.T) {
	s := mustOpen(t, disk.Memory(), small())
	lines := newMaker(8).lines("app", 4)
	s.queue.turn <- struct{}{}
	var stored atomic.Int64
	var senders sync.WaitGroup
	for range 2 {
		senders.Go(func() {
			if earlier, err := s.AppendOnce(t.Context(), "one", []byte("receipt"), batchOf(lines)); err != nil {
				t.Error(err)
			} else if earlier == nil {
				stored.Add(1)
			}
		})
	}
	for waiting := 0; waiting < 2; runtime.Gosched() {
		s.queue.mu.Lock()
		waiting = len(s.queue.waiting)
		s.queue.mu.Unlock()
	}
	<-s.queue.turn
	senders.Wait()
	if n := stored.Load(); n != 1 {
		t.Errorf("%d of the two were stored", n)
	}
	expectLines(t, s, lines, nil)
}
