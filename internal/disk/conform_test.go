package disk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"sync"
	"testing"
)

// TestForms holds every form to the same contract.
func TestForms(t *testing.T) {
	never := func(Op, string) error { return nil }
	forms := map[string]func(t *testing.T) (FS, string){
		"real":      func(t *testing.T) (FS, string) { return Real(), filepath.ToSlash(t.TempDir()) },
		"memory":    func(*testing.T) (FS, string) { return Memory(), "data" },
		"crashable": func(*testing.T) (FS, string) { return Crashable(), "/data" },
		"failing":   func(*testing.T) (FS, string) { return Failing(Memory(), never), "data" },
	}
	for name, form := range forms {
		for title, law := range laws {
			t.Run(name+"/"+title, func(t *testing.T) {
				disk, dir := form(t)
				check(t, disk.MkdirAll(dir))
				law(t, disk, dir)
			})
		}
	}
}

var laws = map[string]func(t *testing.T, disk FS, dir string){
	"a file keeps what is written":       fileKeeps,
	"size and truncate":                  sizes,
	"what is missing is said":            missing,
	"names move and go":                  names,
	"folders nest, list by name":         folders,
	"a read-only file refuses writes":    readOnly,
	"a closed file refuses all":          closed,
	"one holder of the lock":             locking,
	"space is told":                      space,
	"readers beside writers":             concurrent,
	"create empties, edit keeps":         createAndEdit,
	"an open file outlives its own name": unlinked,
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, disk FS, name, text string) {
	t.Helper()
	f, err := disk.Create(name)
	check(t, err)
	_, err = f.WriteAt([]byte(text), 0)
	check(t, err)
	check(t, f.Sync())
	check(t, f.Close())
}

func text(t *testing.T, disk FS, name string) string {
	t.Helper()
	data, err := ReadFile(disk, name, 1<<20)
	check(t, err)
	return string(data)
}

func fileKeeps(t *testing.T, disk FS, dir string) {
	f, err := disk.Create(path.Join(dir, "f"))
	check(t, err)
	defer f.Close()
	_, err = f.WriteAt([]byte("tail"), 5000)
	check(t, err)
	_, err = f.WriteAt([]byte("head"), 0)
	check(t, err)
	got := make([]byte, 5004)
	n, err := f.ReadAt(got, 0)
	if n != 5004 || err != nil && err != io.EOF {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	want := append(append([]byte("head"), make([]byte, 4996)...), "tail"...)
	if !bytes.Equal(got, want) {
		t.Fatal("bytes differ, or the hole is not zero")
	}
	if n, err := f.ReadAt(got[:8], 5000); n != 4 || err != io.EOF {
		t.Errorf("read over the end: %d, %v; want 4, EOF", n, err)
	}
	if n, err := f.ReadAt(got[:8], 9000); n != 0 || err != io.EOF {
		t.Errorf("read behind the end: %d, %v; want 0, EOF", n, err)
	}
	if _, err := f.ReadAt(got, -1); err == nil {
		t.Error("negative offset read")
	}
	if _, err := f.WriteAt(got, -1); err == nil {
		t.Error("negative offset written")
	}
}

func sizes(t *testing.T, disk FS, dir string) {
	f, err := disk.Create(path.Join(dir, "f"))
	check(t, err)
	defer f.Close()
	_, err = f.WriteAt([]byte("abcdef"), 0)
	check(t, err)
	for _, size := range []int64{3, 9, 0, 4} {
		check(t, f.Truncate(size))
		if got, err := f.Size(); got != size || err != nil {
			t.Fatalf("size %d, %v; want %d", got, err, size)
		}
	}
	if got := text(t, disk, path.Join(dir, "f")); got != "\x00\x00\x00\x00" {
		t.Errorf("cut bytes came back: %q", got)
	}
	info, err := disk.Stat(path.Join(dir, "f"))
	if err != nil || info != (Info{Name: "f", Size: 4}) {
		t.Errorf("stat: %+v, %v", info, err)
	}
	if err := f.Truncate(-1); err == nil {
		t.Error("negative size taken")
	}
}

func missing(t *testing.T, disk FS, dir string) {
	name := path.Join(dir, "no", "such")
	_, open := disk.Open(name)
	_, edit := disk.Edit(name)
	_, create := disk.Create(name)
	_, stat := disk.Stat(name)
	_, list := disk.List(name)
	_, lock := disk.Lock(name)
	for verb, err := range map[string]error{
		"open": open, "edit": edit, "create": create, "stat": stat, "list": list, "lock": lock,
		"remove": disk.Remove(name), "rename": disk.Rename(name, path.Join(dir, "x")),
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", verb, err)
		}
	}
	check(t, disk.RemoveAll(name))
}

func names(t *testing.T, disk FS, dir string) {
	a, b := path.Join(dir, "a"), path.Join(dir, "b")
	put(t, disk, a, "new")
	put(t, disk, b, "old")
	check(t, disk.Rename(a, b))
	check(t, disk.SyncDir(dir))
	if got := text(t, disk, b); got != "new" {
		t.Errorf("after rename: %q", got)
	}
	if _, err := disk.Stat(a); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old name: %v", err)
	}
	check(t, disk.MkdirAll(path.Join(dir, "sub")))
	check(t, disk.Rename(b, path.Join(dir, "sub", "c")))
	if err := disk.Remove(path.Join(dir, "sub")); err == nil {
		t.Error("a full folder was removed")
	}
	check(t, disk.Rename(path.Join(dir, "sub"), path.Join(dir, "moved")))
	if got := text(t, disk, path.Join(dir, "moved", "c")); got != "new" {
		t.Errorf("after the folder's rename: %q", got)
	}
	check(t, disk.Remove(path.Join(dir, "moved", "c")))
	check(t, disk.Remove(path.Join(dir, "moved")))
	if infos, err := disk.List(dir); len(infos) != 0 || err != nil {
		t.Errorf("left over: %v, %v", infos, err)
	}
}

func folders(t *testing.T, disk FS, dir string) {
	check(t, disk.MkdirAll(path.Join(dir, "x", "y", "z")))
	check(t, disk.MkdirAll(path.Join(dir, "x", "y")))
	put(t, disk, path.Join(dir, "x", "b"), "12")
	put(t, disk, path.Join(dir, "x", "a"), "")
	infos, err := disk.List(path.Join(dir, "x"))
	check(t, err)
	want := []Info{{Name: "a"}, {Name: "b", Size: 2}, {Name: "y", Dir: true}}
	if len(infos) != 3 || infos[0] != want[0] || infos[1] != want[1] || infos[2] != want[2] {
		t.Errorf("list: %+v", infos)
	}
	if err := disk.MkdirAll(path.Join(dir, "x", "a")); err == nil {
		t.Error("a file became a folder")
	}
	if f, err := disk.Edit(path.Join(dir, "x")); err == nil {
		f.Close()
		t.Error("a folder was opened for writing")
	}
	check(t, disk.RemoveAll(path.Join(dir, "x")))
	if _, err := disk.Stat(path.Join(dir, "x", "y", "z")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after RemoveAll: %v", err)
	}
}

func readOnly(t *testing.T, disk FS, dir string) {
	put(t, disk, path.Join(dir, "f"), "abc")
	f, err := disk.Open(path.Join(dir, "f"))
	check(t, err)
	defer f.Close()
	if _, err := f.WriteAt([]byte("x"), 0); err == nil {
		t.Error("written")
	}
	if err := f.Truncate(0); err == nil {
		t.Error("cut")
	}
	if got := text(t, disk, path.Join(dir, "f")); got != "abc" {
		t.Errorf("now %q", got)
	}
}

func closed(t *testing.T, disk FS, dir string) {
	f, err := disk.Create(path.Join(dir, "f"))
	check(t, err)
	check(t, f.Close())
	_, read := f.ReadAt(make([]byte, 1), 0)
	_, write := f.WriteAt(make([]byte, 1), 0)
	for verb, err := range map[string]error{"read": read, "write": write, "sync": f.Sync(), "close": f.Close()} {
		if !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

func locking(t *testing.T, disk FS, dir string) {
	held, err := disk.Lock(dir)
	check(t, err)
	var taken *LockedError
	if _, err := disk.Lock(dir); !errors.As(err, &taken) || taken.Pid == 0 || taken.Dir != dir {
		t.Errorf("second lock: %v", err)
	}
	check(t, held.Close())
	again, err := disk.Lock(dir)
	check(t, err)
	check(t, again.Close())
}

func space(t *testing.T, disk FS, dir string) {
	s, err := disk.Free(dir)
	if err != nil || s.Total <= 0 || s.Free < 0 || s.Free > s.Total {
		t.Errorf("%+v, %v", s, err)
	}
}

func concurrent(t *testing.T, disk FS, dir string) {
	f, err := disk.Create(path.Join(dir, "f"))
	check(t, err)
	var all sync.WaitGroup
	for part := range 8 {
		all.Go(func() {
			page := bytes.Repeat([]byte{byte('a' + part)}, 4096)
			if _, err := f.WriteAt(page, int64(part)*4096); err != nil {
				t.Error(err)
			}
			if err := f.Sync(); err != nil {
				t.Error(err)
			}
			got := make([]byte, 4096)
			if _, err := f.ReadAt(got, int64(part)*4096); err != nil && err != io.EOF || !bytes.Equal(got, page) {
				t.Errorf("part %d differs, %v", part, err)
			}
		})
	}
	all.Wait()
	check(t, f.Close())
}

func createAndEdit(t *testing.T, disk FS, dir string) {
	name := path.Join(dir, "f")
	put(t, disk, name, "long text")
	put(t, disk, name, "short")
	f, err := disk.Edit(name)
	check(t, err)
	_, err = f.WriteAt([]byte("S"), 0)
	check(t, err)
	check(t, f.Close())
	if got := text(t, disk, name); got != "Short" {
		t.Errorf("now %q", got)
	}
	if _, err := ReadFile(disk, name, 4); err == nil {
		t.Error("a longer file than allowed was read")
	}
}

func unlinked(t *testing.T, disk FS, dir string) {
	name := path.Join(dir, "f")
	put(t, disk, name, "abc")
	f, err := disk.Open(name)
	check(t, err)
	check(t, disk.Remove(name))
	got := make([]byte, 3)
	if _, err := f.ReadAt(got, 0); string(got) != "abc" || err != nil && err != io.EOF {
		t.Errorf("%q, %v", got, err)
	}
	check(t, f.Close())
}
