package disk

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"testing"
)

const clones = 300 // enough to see every way a cut can go, a few milliseconds

func eachClone(c *Crash, look func(seed uint64, after *Crash)) {
	for seed := range uint64(clones) {
		look(seed, c.Clone(rand.New(rand.NewPCG(seed, 1))))
	}
}

func TestCrashKeepsWhatIsSynced(t *testing.T) {
	c := Crashable()
	check(t, c.MkdirAll("d"))
	put(t, c, "d/f", "synced")
	check(t, c.SyncDir("d"))
	put(t, c, "d/f2", "name not synced")
	f, err := c.Edit("d/f")
	check(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte("n"), 3000), 6)
	check(t, err)
	var lost, whole, torn, unnamed int
	eachClone(c, func(seed uint64, after *Crash) {
		got := text(t, after, "d/f")
		if got[:6] != "synced" {
			t.Fatalf("seed %d: synced bytes lost", seed)
		}
		switch n := bytes.Count([]byte(got), []byte("n")) - 1; n {
		case 0:
			lost++
		case 3000:
			whole++
		default:
			torn++
		}
		if _, err := after.Stat("d/f2"); errors.Is(err, fs.ErrNotExist) {
			unnamed++
		} else if text(t, after, "d/f2") != "name not synced" {
			t.Fatalf("seed %d: a synced file without its bytes", seed)
		}
	})
	for what, n := range map[string]int{"lost": lost, "whole": whole, "torn": torn, "unnamed": unnamed} {
		if n == 0 || n == clones {
			t.Errorf("%s: %d of %d", what, n, clones)
		}
	}
}

func TestCrashRename(t *testing.T) {
	c := Crashable()
	check(t, c.MkdirAll("d"))
	check(t, c.MkdirAll("e"))
	put(t, c, "d/a", "x")
	put(t, c, "d/m", "y")
	check(t, c.SyncDir("d"))
	check(t, c.Rename("d/a", "d/b"))
	check(t, c.Rename("d/m", "e/m"))
	moved, both, gone := 0, 0, 0
	eachClone(c, func(seed uint64, after *Crash) {
		_, old := after.Stat("d/a")
		_, fresh := after.Stat("d/b")
		if (old == nil) == (fresh == nil) {
			t.Fatalf("seed %d: a rename within a folder happened by half", seed)
		}
		if fresh == nil {
			moved++
		}
		_, source := after.Stat("d/m")
		_, target := after.Stat("e/m")
		if source == nil && target == nil {
			both++
		}
		if source != nil && target != nil {
			gone++
		}
	})
	if moved == 0 || moved == clones || both == 0 || gone == 0 {
		t.Errorf("moved %d, in both folders %d, in none %d of %d", moved, both, gone, clones)
	}
	check(t, c.SyncDir("e"))
	eachClone(c, func(seed uint64, after *Crash) {
		if _, err := after.Stat("e/m"); err != nil {
			t.Fatalf("seed %d: target synced, name lost", seed)
		}
	})
}

func TestCrashOneSeedOneDisk(t *testing.T) {
	c := Crashable()
	check(t, c.MkdirAll("d"))
	for _, name := range []string{"d/a", "d/b", "d/c"} {
		f, err := c.Create(name)
		check(t, err)
		_, err = f.WriteAt(bytes.Repeat([]byte(name), 4000), 0)
		check(t, err)
	}
	eachClone(c, func(seed uint64, one *Crash) {
		two := c.Clone(rand.New(rand.NewPCG(seed, 1)))
		infos, err := one.List("d")
		check(t, err)
		for _, info := range infos {
			if text(t, one, "d/"+info.Name) != text(t, two, "d/"+info.Name) {
				t.Fatalf("seed %d gave two disks", seed)
			}
		}
	})
}

func TestFailedSyncLosesTheBytes(t *testing.T) {
	c := Crashable()
	put(t, c, "f", "old")
	check(t, c.SyncDir("/"))
	broken := errors.New("broken")
	once := true
	disk := Failing(c, func(op Op, _ string) error {
		if op == OpSync && once {
			once = false
			return broken
		}
		return nil
	})
	f, err := disk.Edit("f")
	check(t, err)
	_, err = f.WriteAt([]byte("new"), 0)
	check(t, err)
	if err := f.Sync(); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	check(t, f.Sync()) // succeeds, and proves nothing
	if got := text(t, c, "f"); got != "new" {
		t.Fatalf("%q can be read, want what pages marked clean still show", got)
	}
	eachClone(c, func(seed uint64, after *Crash) {
		if got := text(t, after, "f"); got != "old" {
			t.Fatalf("seed %d: %q came back", seed, got)
		}
	})
	_, err = f.WriteAt([]byte("new"), 0)
	check(t, err)
	check(t, f.Sync())
	eachClone(c, func(seed uint64, after *Crash) {
		if got := text(t, after, "f"); got != "new" {
			t.Fatalf("seed %d: written again and synced, yet %q", seed, got)
		}
	})
}

// TestWriteFileAtomic fails each operation in turn and cuts the power at each: a reader sees the old bytes or the new, whole, and the new
// ones for certain once the call has returned without error.
func TestWriteFileAtomic(t *testing.T) {
	old, fresh := string(bytes.Repeat([]byte("o"), 5000)), string(bytes.Repeat([]byte("n"), 7000))
	for n := int64(1); ; n++ {
		c := Crashable()
		check(t, c.MkdirAll("d"))
		check(t, WriteFileAtomic(c, "d/f", []byte(old)))
		fail := Nth(n, errors.New("broken"))
		whole := func(must string) {
			eachClone(c, func(seed uint64, after *Crash) {
				if got := text(t, after, "d/f"); got != fresh && (got != old || must == fresh) {
					t.Fatalf("op %d, seed %d: %d bytes %.10q", n, seed, len(got), got)
				}
			})
		}
		disk := Failing(c, func(op Op, path string) error { whole(""); return fail(op, path) })
		err := WriteFileAtomic(disk, "d/f", []byte(fresh))
		if err == nil {
			whole(fresh)
		}
		if got := text(t, c, "d/f"); got != fresh && got != old {
			t.Fatalf("op %d: %.10q", n, got)
		}
		if disk.Ops() < n {
			check(t, err)
			return
		}
	}
}
