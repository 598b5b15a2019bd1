package tail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
)

// sink is a receiver that knows names, as the intake does.
type sink struct {
	lines  []string
	names  map[string]string
	chunks []Chunk
	broken error
}

func (s *sink) deliver(_ context.Context, c Chunk) error {
	if s.broken != nil {
		return s.broken
	}
	if s.names == nil {
		s.names = map[string]string{}
	}
	text := string(c.Lines)
	if before, ok := s.names[c.Name]; ok {
		if before != text {
			return fmt.Errorf("name %s stands for %q and %q", c.Name, before, text)
		}
		return nil
	}
	s.names[c.Name] = text
	s.lines = append(s.lines, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
	c.Lines = nil
	s.chunks = append(s.chunks, c)
	return nil
}

// yard is a folder of logs with a follower whose clock the test moves.
type yard struct {
	t     *testing.T
	dir   string
	sink  sink
	o     Options
	now   time.Time
	f     *Follower
	state disk.FS
}

func newYard(t *testing.T, globs ...string) *yard {
	y := &yard{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), state: disk.Memory()}
	for _, g := range globs {
		y.o.Globs = append(y.o.Globs, filepath.Join(y.dir, g))
	}
	y.o.StateFile, y.o.State = "positions", y.state
	y.o.Deliver = y.sink.deliver
	y.o.Now = func() time.Time { return y.now }
	t.Cleanup(func() { y.f.close() })
	y.start()
	return y
}

// start makes a follower from the saved positions, as after a crash.
func (y *yard) start() {
	y.t.Helper()
	if y.f != nil {
		y.f.close()
	}
	var err error
	if y.f, err = New(y.o); err != nil {
		y.t.Fatal(err)
	}
	y.f.resume()
}

// round lets time pass and looks at the files.
func (y *yard) round() error {
	y.now = y.now.Add(2 * time.Second)
	_, err := y.f.round(y.t.Context())
	return err
}

func (y *yard) path(name string) string { return filepath.Join(y.dir, name) }

func (y *yard) write(name, text string) {
	y.t.Helper()
	file, err := os.OpenFile(y.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(text)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) must(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) rename(from, to string) { y.t.Helper(); y.must(os.Rename(y.path(from), y.path(to))) }

func (y *yard) copyTruncate(from, to string) {
	y.t.Helper()
	text, err := os.ReadFile(y.path(from))
	y.must(err)
	y.must(os.WriteFile(y.path(to), text, 0o600))
	y.must(os.Truncate(y.path(from), 0))
}

// want runs until nothing more comes and compares the lines.
func (y *yard) want(lines ...string) {
	y.t.Helper()
	for range 4 {
		y.must(y.round())
	}
	if !slices.Equal(y.sink.lines, lines) {
		y.t.Errorf("lines\n got %q\nwant %q", y.sink.lines, lines)
	}
}

func TestWhatIsAppendedComes(t *testing.T) {
	y := newYard(t, "*.log", "a*")
	y.write("a.log", "1\n2\n3")
	y.want("1", "2")
	y.write("a.log", "more\n")
	y.write("b.log", "\n\n")
	y.want("1", "2", "3more", "", "")
	y.write("c.gz", "not a log")
	y.must(os.Mkdir(y.path("d.log"), 0o700))
	y.want("1", "2", "3more", "", "")
}

func TestRotation(t *testing.T) {
	for name, glob := range map[string]string{"narrow": "app.log", "wide": "app.log*"} {
		t.Run("rename/"+name, func(t *testing.T) {
			y := newYard(t, glob)
			y.write("app.log", "1\n")
			y.want("1")
			y.write("app.log", "2\n")
			y.rename("app.log", "app.log.1")
			y.write("app.log.1", "3\n")
			y.write("app.log", "4\n")
			y.want("1", "2", "3", "4")
			y.write("app.log.1", "5\n") // the program has not yet opened the new file
			y.want("1", "2", "3", "4", "5")
		})
		t.Run("copytruncate/"+name, func(t *testing.T) {
			y := newYard(t, glob)
			y.write("app.log", "1\n")
			y.want("1")
			y.write("app.log", "2\n3\n")
			y.copyTruncate("app.log", "app.log.1")
			y.write("app.log", "4 which is more than was in it before\n")
			y.want("1", "2", "3", "4 which is more than was in it before")
			y.write("app.log", "5\n")
			y.rename("app.log.1", "app.log.2")
			y.copyTruncate("app.log", "app.log.1")
			y.want("1", "2", "3", "4 which is more than was in it before", "5")
		})
		t.Run("copied long before/"+name, func(t *testing.T) {
			y := newYard(t, glob)
			y.write("app.log", "1\n")
			y.want("1")
			y.write("app.log", "2\n")
			text, err := os.ReadFile(y.path("app.log"))
			y.must(err)
			y.must(os.WriteFile(y.path("app.log.1"), text, 0o600))
			y.want("1", "2")
			y.must(os.Truncate(y.path("app.log"), 0))
			y.want("1", "2")
			y.write("app.log", "3\n")
			y.want("1", "2", "3")
		})
		t.Run("delete/"+name, func(t *testing.T) {
			y := newYard(t, glob)
			y.write("app.log", "1\n")
			y.want("1")
			y.write("app.log", "2\n3")
			y.must(os.Remove(y.path("app.log")))
			y.write("app.log", "4\n")
			y.want("1", "2", "4")
			y.now = y.now.Add(goneFor)
			y.want("1", "2", "4", "3")
			if len(y.f.streams) != 1 {
				t.Errorf("%d files are followed", len(y.f.streams))
			}
		})
	}
}

func TestRestart(t *testing.T) {
	for name, glob := range map[string]string{"narrow": "app.log", "wide": "app.log*"} {
		for what, meanwhile := range map[string]func(y *yard){
			"nothing": func(*yard) {},
			"append":  func(y *yard) { y.write("app.log", "2\n") },
			"rename":  func(y *yard) { y.write("app.log", "2\n"); y.rename("app.log", "app.log.1"); y.write("app.log", "3\n") },
			"truncate": func(y *yard) {
				y.write("app.log", "2\n")
				y.copyTruncate("app.log", "app.log.1")
				y.write("app.log", "3\n")
			},
			"anew": func(y *yard) { // same first bytes, another inode; the old one still there
				y.rename("app.log", "app.log-old")
				y.write("app.log", "1 first line\n3\n")
			},
			"moved": func(y *yard) { // a copy on another device has other numbers
				y.f.streams[0].id.Dev++
				y.must(y.f.save())
				y.write("app.log", "2\n")
			},
		} {
			t.Run(what+"/"+name, func(t *testing.T) {
				y := newYard(t, glob)
				y.write("app.log", "1 first line\n")
				y.want("1 first line")
				meanwhile(y)
				y.start()
				y.want(map[string][]string{
					"nothing": {"1 first line"}, "append": {"1 first line", "2"}, "moved": {"1 first line", "2"},
					"rename": {"1 first line", "2", "3"}, "truncate": {"1 first line", "2", "3"}, "anew": {"1 first line", "1 first line", "3"},
				}[what]...)
			})
		}
	}
}

func TestReceiverRefuses(t *testing.T) {
	y := newYard(t, "*")
	y.write("a", "1\n")
	y.sink.broken = errors.New("full")
	if err := y.round(); err == nil {
		t.Error("no error")
	}
	y.write("a", "2\n")
	y.sink.broken = nil
	y.want("1", "2")
	if c := y.sink.chunks; len(c) != 2 || c[0].Offset != 0 || c[1].Offset != 2 || c[0].File != y.path("a") {
		t.Errorf("chunks %+v", c)
	}
}

func TestLongLines(t *testing.T) {
	y := newYard(t, "*")
	y.o.LineBytes = 2 * chunkBytes
	y.start()
	long := strings.Repeat("é", chunkBytes+10)
	y.write("a", long)
	y.want(long[:2*chunkBytes])
	y.write("a", "\nnext\n")
	y.want(long[:2*chunkBytes], long[2*chunkBytes:], "next")
}

func TestRecordsAreHeld(t *testing.T) {
	y := newYard(t, "*")
	y.o.Hold = func(lines []byte) int { // a record begins with a letter
		at := strings.LastIndex(string(lines), "\nR")
		return at + 1
	}
	y.start()
	now := func() string {
		y.sink.lines, y.now = nil, y.now.Add(500*time.Millisecond)
		_, err := y.f.round(t.Context())
		y.must(err)
		return strings.Join(y.sink.lines, ",")
	}
	y.now = y.now.Add(time.Second)
	y.must(y.round())
	y.write("a", "R1\n")
	y.must(y.round())
	y.write("a", " x\nR2\n")
	if got := now(); got != "R1, x" {
		t.Errorf("at once %q", got)
	}
	if got := now() + now() + now(); got != "R2" {
		t.Errorf("after a second %q", got)
	}
}

func TestFromEnd(t *testing.T) {
	y := newYard(t, "*")
	y.o.FromEnd = true
	y.write("a", "old\n")
	y.start()
	y.want()
	y.write("a", "new\n")
	y.write("b", "later\n")
	y.want("new", "later")
	y.start()
	y.want("new", "later")
}

func TestWrongPositions(t *testing.T) {
	y := newYard(t, "*")
	for _, text := range []string{"", "{", `{"version":2}`, `{"version":1,"files":[{"offset":-1}]}`, `{"version":1,"files":[{"marks":{"head_bytes":1000000}}]}`} {
		y.must(disk.WriteFileAtomic(y.state, "positions", []byte(text)))
		if _, err := New(y.o); err == nil || !strings.Contains(err.Error(), "positions") {
			t.Errorf("%q: %v", text, err)
		}
	}
	y.o.Globs = []string{"["}
	if _, err := New(y.o); err == nil {
		t.Error("a broken pattern is taken")
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t, "*")
		y.o.Now = nil
		y.start()
		y.f.close()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- y.f.Run(ctx) }()
		y.write("a", "1\n")
		time.Sleep(3 * time.Second)
		y.write("a", "2\n")
		time.Sleep(time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if !slices.Equal(y.sink.lines, []string{"1", "2"}) {
			t.Errorf("lines %q", y.sink.lines)
		}
	})
}

// A program writes and rotates by renaming while the follower runs.
func TestFollowingWhileItHappens(t *testing.T) {
	y := newYard(t, "app.log")
	y.o.Now, y.o.Poll = nil, time.Millisecond
	lines := make(chan string, 1<<16)
	y.o.Deliver = func(_ context.Context, c Chunk) error {
		for line := range strings.Lines(string(c.Lines)) {
			lines <- strings.TrimSuffix(line, "\n")
		}
		return nil
	}
	y.start()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- y.f.Run(ctx) }()
	const n, generations = 3000, 5
	for g := range generations {
		file, err := os.OpenFile(y.path("app.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		y.must(err)
		for i := range n {
			_, err := fmt.Fprintf(file, "%d\n", g*n+i)
			y.must(err)
			if i == n/2 {
				time.Sleep(20 * time.Millisecond) // the file is met before it is renamed
			}
		}
		y.rename("app.log", fmt.Sprintf("app.log.%d", g))
		y.must(file.Close())
	}
	got := map[string]int{}
	for len(got) < n*generations {
		select {
		case line := <-lines:
			if got[line]++; got[line] > 1 {
				t.Fatalf("line %s came twice", line)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%d of %d lines came", len(got), n*generations)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
