//go:build system

package columnar

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/row"
)

// The child of these tests is the test binary itself, told by the environment
// to append lines to a folder and to say on standard output which of them were
// acknowledged, until somebody kills it.
const (
	killDir   = "PLUMBLINE_KILL_DIR"   // the folder
	killFirst = "PLUMBLINE_KILL_FIRST" // the first mark it may use
	killAt    = "PLUMBLINE_KILL_AT"    // as disk.KillAt reads it; empty: the parent kills
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := appendForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// killSides append at once, each with marks of its own.
const killSides = 3

func killOptions() Options {
	o := small()
	o.SealRows, o.SealAge, o.LogSegmentBytes, o.LogBytes = 300, 20*time.Millisecond, 64<<10, 512<<10
	return o
}

func appendForEver(dir string) error {
	fs, err := disk.KillAt(disk.Real(), os.Getenv(killAt))
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(os.Getenv(killFirst))
	if err != nil {
		return err
	}
	s, err := Open(fs, dir, killOptions())
	if err != nil {
		return err
	}
	fmt.Println("open")
	var failed error
	var sides sync.WaitGroup
	sides.Go(func() { _ = s.Run(context.Background()) })
	for side := range killSides {
		sides.Go(func() {
			for mark := first + side; ; mark += killSides * 10 {
				lines := killLines(mark)
				name := ""
				if mark%7 == 0 {
					name = strconv.Itoa(mark)
				}
				if _, err := s.AppendOnce(context.Background(), name, nil, batchOf(lines)); err != nil {
					failed = err
					return
				}
				fmt.Println(mark)
			}
		})
	}
	sides.Wait()
	return failed
}

// killLines are the ten lines of a batch, which its mark says all about.
func killLines(mark int) []line {
	m := newMaker(uint64(mark))
	lines := m.lines([]string{"app", "comm"}[mark%2], 10)
	for i := range lines {
		lines[i].mark = mark + i*killSides
		lines[i].fields[0].value = row.IntOf(int64(lines[i].mark))
	}
	return lines
}

// killer lets children append and kills them.
type killer struct {
	t     *testing.T
	dir   string
	next  int   // the first mark of the next child
	acked []int // marks of batches
	maybe []int // marks that a killed child may have stored
}

// cycle lives one life of a child. It ends by itself at a moment, or is killed
// a while after it was started or, when that is 0, after it began to append.
func (k *killer) cycle(moment string, started, appending time.Duration) {
	k.t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killDir+"="+k.dir, killFirst+"="+strconv.Itoa(k.next), killAt+"="+moment)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		k.t.Fatal(err)
	}
	kill := func() { _ = child.Process.Kill() }
	if started > 0 {
		timer := time.AfterFunc(started, kill)
		defer timer.Stop()
	}
	last := k.listen(out, func() { time.AfterFunc(appending, kill) })
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		k.t.Fatalf("the child ended by itself: %v", err)
	}
	first := k.next
	for side, mark := range last { // one more of each side may be under way
		if mark += killSides * 10; last[side] == 0 {
			mark = first + side
		}
		k.maybe = append(k.maybe, mark)
		k.next = max(k.next, mark-side+killSides*10)
	}
}

// listen reads what a child says until it ends, and gives the last mark of
// each side.
func (k *killer) listen(out io.Reader, open func()) (last [killSides]int) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "open" {
			open()
		} else if mark, err := strconv.Atoi(lines.Text()); err == nil {
			k.acked = append(k.acked, mark)
			last[(mark-k.next)%(killSides*10)%killSides] = mark
		}
	}
	return last
}

// verify opens the folder: every acknowledged line is there once.
func (k *killer) verify() {
	k.t.Helper()
	s, err := Open(disk.Real(), k.dir, killOptions())
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = s.letGo() }()
	var acked, maybe []line
	for _, mark := range k.acked {
		acked = append(acked, killLines(mark)...)
	}
	for _, mark := range k.maybe {
		maybe = append(maybe, killLines(mark)...)
	}
	if problem := checkLines(k.t, s, acked, maybe); problem != "" {
		k.t.Fatal(problem)
	}
	if problem := checkNumbers(k.t, s); problem != "" {
		k.t.Fatal(problem)
	}
}

// TestSystemKill kills a hundred children at random moments.
func TestSystemKill(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	k := &killer{t: t, dir: t.TempDir() + "/data", next: 1}
	for i := range 100 {
		if i%4 == 0 { // perhaps while it reads the log back
			k.cycle("", time.Duration(1+r.IntN(60))*time.Millisecond, time.Second)
		} else {
			k.cycle("", 0, time.Duration(r.IntN(60))*time.Millisecond)
		}
		if i%10 == 9 {
			k.verify()
			t.Logf("%d lives, %d lines acknowledged", i+1, 10*len(k.acked))
		}
	}
}

// killPoints are the moments between two operations at which a crash might
// hurt most.
var killPoints = []string{
	"journal.written", "journal.synced", "columnar.logged", "columnar.restored", "columnar.part-written",
	"columnar.part-synced", "columnar.commit", "columnar.committed", "columnar.trim", "columnar.ahead",
}

// TestSystemKillPoints lets children die at each point, and before operations.
func TestSystemKillPoints(t *testing.T) {
	k := &killer{t: t, dir: t.TempDir() + "/data", next: 1}
	moments := append([]string{}, killPoints...)
	for _, op := range []disk.Op{disk.OpCreate, disk.OpRename, disk.OpSync, disk.OpSyncDir, disk.OpWrite, disk.OpRemoveAll, disk.OpMkdirAll, disk.OpClose} {
		moments = append(moments, string(op))
	}
	for i, moment := range moments {
		for _, n := range []int{1, 3 + i} {
			k.cycle(fmt.Sprintf("%s:%d", moment, n), 0, 300*time.Millisecond)
		}
		k.verify()
	}
	t.Logf("%d lines acknowledged", 10*len(k.acked))
}
