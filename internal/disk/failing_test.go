package disk

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFailingReachesEveryVerb(t *testing.T) {
	broken := errors.New("broken")
	verbs := map[Op]func(disk FS, f File) error{
		OpCreate:    func(disk FS, _ File) error { _, err := disk.Create("x"); return err },
		OpOpen:      func(disk FS, _ File) error { _, err := disk.Open("f"); return err },
		OpEdit:      func(disk FS, _ File) error { _, err := disk.Edit("f"); return err },
		OpRename:    func(disk FS, _ File) error { return disk.Rename("f", "g") },
		OpRemove:    func(disk FS, _ File) error { return disk.Remove("f") },
		OpRemoveAll: func(disk FS, _ File) error { return disk.RemoveAll("f") },
		OpMkdirAll:  func(disk FS, _ File) error { return disk.MkdirAll("d") },
		OpList:      func(disk FS, _ File) error { _, err := disk.List("/"); return err },
		OpStat:      func(disk FS, _ File) error { _, err := disk.Stat("f"); return err },
		OpSyncDir:   func(disk FS, _ File) error { return disk.SyncDir("/") },
		OpLock:      func(disk FS, _ File) error { _, err := disk.Lock("/"); return err },
		OpFree:      func(disk FS, _ File) error { _, err := disk.Free("/"); return err },
		OpRead:      func(_ FS, f File) error { _, err := f.ReadAt(make([]byte, 2), 0); return err },
		OpWrite:     func(_ FS, f File) error { _, err := f.WriteAt([]byte("xy"), 0); return err },
		OpSync:      func(_ FS, f File) error { return f.Sync() },
		OpSize:      func(_ FS, f File) error { _, err := f.Size(); return err },
		OpTruncate:  func(_ FS, f File) error { return f.Truncate(1) },
		OpClose:     func(_ FS, f File) error { return f.Close() },
	}
	for verb, call := range verbs {
		mem := Memory()
		put(t, mem, "f", "abcd")
		var armed bool
		disk := Failing(mem, func(op Op, _ string) error {
			if armed && op == verb {
				return broken
			}
			return nil
		})
		f, err := disk.Edit("f")
		check(t, err)
		armed = true
		before := disk.Ops()
		if err := call(disk, f); !errors.Is(err, broken) || !strings.Contains(err.Error(), string(verb)) {
			t.Errorf("%s: %v", verb, err)
		}
		if disk.Ops() != before+1 {
			t.Errorf("%s counted as %d operations", verb, disk.Ops()-before)
		}
		if got := text(t, mem, "f"); verb != OpWrite && got != "abcd" || verb == OpWrite && got != "xbcd" {
			t.Errorf("%s left %q", verb, got)
		}
	}
}

func TestShort(t *testing.T) {
	for keep, want := range map[int]string{0: "abcd", 1: "xbcd", 3: "xyzd", 9: "xyz!"} {
		mem := Memory()
		put(t, mem, "f", "abcd")
		disk := Failing(mem, func(op Op, _ string) error {
			if op == OpWrite {
				return &Short{keep, syscall.ENOSPC}
			}
			return nil
		})
		f, err := disk.Edit("f")
		check(t, err)
		n, err := f.WriteAt([]byte("xyz!"), 0)
		if n != min(keep, 4) || !Full(err) {
			t.Errorf("keep %d: %d, %v", keep, n, err)
		}
		if got := text(t, mem, "f"); got != want {
			t.Errorf("keep %d: %q, want %q", keep, got, want)
		}
	}
}

func TestLimit(t *testing.T) {
	mem := Memory()
	put(t, mem, "a", "12345")
	mem.Limit(8)
	f, err := mem.Create("b")
	check(t, err)
	n, err := f.WriteAt([]byte("6789"), 0)
	if n != 3 || !Full(err) {
		t.Errorf("wrote %d, %v", n, err)
	}
	_, err = f.WriteAt([]byte("xyz"), 0) // in place needs no room
	check(t, err)
	if err := f.Truncate(4); !Full(err) {
		t.Errorf("extended: %v", err)
	}
	if s, _ := mem.Free("/"); s != (Space{Free: 0, Total: 8}) {
		t.Errorf("%+v", s)
	}
	check(t, mem.Remove("a"))
	_, err = f.WriteAt([]byte("!"), 3)
	check(t, err)
	if s, _ := mem.Free("/"); s.Free != 4 {
		t.Errorf("%+v", s)
	}
	mem.Limit(2)
	if n, err := f.WriteAt([]byte("ABCDEF"), 0); n != 4 || !Full(err) {
		t.Errorf("bound under use: wrote %d, %v", n, err)
	}
}

const childEnv = "DISK_TEST_CHILD" // set in the process that is to be killed or to hold a lock

func TestMain(m *testing.M) {
	switch what, dir, _ := strings.Cut(os.Getenv(childEnv), " "); what {
	case "kill":
		killed(dir)
	case "hold":
		hold(dir)
	default:
		os.Exit(m.Run())
	}
}

// killed writes a letter, passes a point, and again; it leaves with 3 when nobody stopped it.
func killed(dir string) {
	disk, err := KillAt(Real(), os.Getenv("KILL_AT"))
	if err != nil {
		os.Exit(2)
	}
	f, err := disk.Create(dir + "/f")
	if err != nil {
		os.Exit(2)
	}
	for i := range int64(4) {
		if _, err := f.WriteAt([]byte{byte('a' + i)}, i); err != nil {
			os.Exit(2)
		}
		Point(disk, "test.written")
	}
	os.Exit(3)
}

func hold(dir string) {
	if _, err := Real().Lock(dir); err != nil {
		os.Exit(2)
	}
	os.Stdout.WriteString("held\n")
	os.Stdin.Read(make([]byte, 1)) // until the parent closes the pipe
	os.Exit(0)
}

func child(t *testing.T, what string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	check(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(env, childEnv+"="+what)...)
	return cmd
}

func TestKillAt(t *testing.T) {
	for moment, want := range map[string]string{
		"test.written:1": "a", "test.written:3": "abc", "write:3": "ab", "create:1": "", "test.written:9": "abcd", "": "abcd",
	} {
		dir := filepath.ToSlash(t.TempDir())
		err := child(t, "kill "+dir, "KILL_AT="+moment).Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || (exit.ExitCode() == 3) != (want == "abcd") || exit.ExitCode() == 2 {
			t.Fatalf("%q: %v", moment, err)
		}
		if moment == "create:1" {
			if infos, err := Real().List(dir); err != nil || len(infos) != 0 {
				t.Errorf("%q: %v, %v", moment, infos, err)
			}
			continue
		}
		if got := text(t, Real(), dir+"/f"); got != want {
			t.Errorf("%q: %q, want %q", moment, got, want)
		}
	}
	for _, wrong := range []string{"x", ":1", "x:", "x:0", "x:-1", "x:y"} {
		if _, err := KillAt(Memory(), wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

func TestLockNamesTheOtherProcess(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	cmd := child(t, "hold "+dir)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	if n, err := out.Read(make([]byte, 8)); n == 0 {
		t.Fatalf("the other process did not get the lock: %v", err)
	}
	var taken *LockedError
	if _, err := Real().Lock(dir); !errors.As(err, &taken) || taken.Pid != cmd.Process.Pid {
		t.Errorf("%v; want process %d", err, cmd.Process.Pid)
	}
	check(t, in.Close())
	check(t, cmd.Wait())
	held, err := Real().Lock(dir)
	check(t, err)
	check(t, held.Close())
}
