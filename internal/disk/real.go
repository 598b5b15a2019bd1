package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// Log lines are private: nobody but the server's own user reads them from disk.
	fileMode = 0o600
	dirMode  = 0o700
	// lockName is the file inside a folder whose lock stands for the folder.
	lockName = "lock"
)

// Real is the operating system's file system.
func Real() FS { return real{} }

type real struct{}

type realFile struct{ *os.File }

func (f realFile) Sync() error {
	if err := syncData(f.File); err != nil {
		return fmt.Errorf("sync %s: %w", f.Name(), err)
	}
	return nil
}

func (f realFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func open(path string, flags int) (File, error) {
	f, err := os.OpenFile(path, flags, fileMode)
	if err != nil {
		return nil, err
	}
	return realFile{f}, nil
}

func (real) Create(path string) (File, error) { return open(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC) }
func (real) Open(path string) (File, error)   { return open(path, os.O_RDONLY) }
func (real) Edit(path string) (File, error)   { return open(path, os.O_RDWR) }
func (real) Rename(from, to string) error     { return os.Rename(from, to) }
func (real) Remove(path string) error         { return os.Remove(path) }
func (real) RemoveAll(path string) error      { return os.RemoveAll(path) }
func (real) SyncDir(dir string) error         { return syncDir(dir) }
func (real) Free(dir string) (Space, error)   { return free(dir) }

// MkdirAll goes from the top down and syncs each parent before it enters the child. The parent of the deepest folder that was there already
// is synced too: a process killed in between may have left that name in memory only.
func (r real) MkdirAll(dir string) error {
	dir = filepath.Clean(dir)
	parent := filepath.Dir(dir)
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("make folder %s: a file of that name exists", dir)
		}
		return syncForeign(parent)
	}
	if parent != dir {
		if err := r.MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// syncForeign syncs a folder that may belong to somebody else; one that may not be read was not made by us and needs no sync.
func syncForeign(dir string) error {
	if err := syncDir(dir); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

func (real) List(dir string) ([]Info, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	infos := make([]Info, 0, len(entries))
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since the folder was read
		}
		if err != nil {
			return nil, err
		}
		infos = append(infos, describe(info))
	}
	return infos, nil
}

func (real) Stat(path string) (Info, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Info{}, err
	}
	return describe(info), nil
}

func describe(info fs.FileInfo) Info {
	if info.IsDir() {
		return Info{Name: info.Name(), Dir: true}
	}
	return Info{Name: info.Name(), Size: info.Size()}
}

func (real) Lock(dir string) (io.Closer, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, fmt.Errorf("lock folder %s: %w", dir, err)
	}
	taken, err := flock(f)
	if err != nil || taken {
		pid := readPid(f)
		f.Close()
		if taken {
			return nil, &LockedError{Dir: dir, Pid: pid}
		}
		return nil, fmt.Errorf("lock folder %s: %w", dir, err)
	}
	if err := writePid(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock folder %s: %w", dir, err)
	}
	return f, nil // closing the file gives the lock back
}

func writePid(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readPid reads who holds the lock; it is told to people only, so anything unreadable is just unknown.
func readPid(f *os.File) int {
	text := make([]byte, 32) // a process id has at most ten digits
	n, _ := f.ReadAt(text, 0)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	return pid
}
