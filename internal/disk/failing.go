package disk

import (
	"io"
	"sync/atomic"
)

// Op names one operation of an FS or a File.
type Op string

const (
	OpCreate    Op = "create"
	OpOpen      Op = "open"
	OpEdit      Op = "edit"
	OpRename    Op = "rename"
	OpRemove    Op = "remove"
	OpRemoveAll Op = "remove-all"
	OpMkdirAll  Op = "mkdir-all"
	OpList      Op = "list"
	OpStat      Op = "stat"
	OpSyncDir   Op = "sync-dir"
	OpLock      Op = "lock"
	OpFree      Op = "free"
	OpRead      Op = "read"
	OpWrite     Op = "write"
	OpSync      Op = "sync"
	OpSize      Op = "size"
	OpTruncate  Op = "truncate"
	OpClose     Op = "close"
	OpPoint     Op = "point" // a Point was passed; the path is its name, the error is ignored, and it does not count
)

// Rule is asked before each operation and fails it by returning an error. It may be called by many goroutines at once. Called with the name
// first given for a Rename. A Rule that returns nil always is a hook: it sees the disk between any two operations.
type Rule func(op Op, path string) error

// Short is an error that lets a read or write do its first Keep bytes. A write failed by any other error still leaves its first half behind,
// for that is what full and broken disks do. A failed sync of a Crashable file lets what it should have synced still be read, and never reach the
// disk; a failed close does close.
type Short struct {
	Keep int
	Err  error
}

func (s *Short) Error() string { return s.Err.Error() }
func (s *Short) Unwrap() error { return s.Err }

// Faulty is a file system under a Rule.
type Faulty struct {
	inner FS
	rule  Rule
	ops   atomic.Int64
}

// Failing puts a file system under a rule.
func Failing(fs FS, rule Rule) *Faulty { return &Faulty{inner: fs, rule: rule} }

// Nth is the rule that fails the n-th operation, counted from 1, and no other. Raised from 1 until Ops stays below n, it walks through every
// branch that handles an error.
func Nth(n int64, err error) Rule {
	var seen atomic.Int64
	return func(op Op, _ string) error {
		if op != OpPoint && seen.Add(1) == n {
			return err
		}
		return nil
	}
}

// Ops is the number of operations asked for so far, failed ones included.
func (f *Faulty) Ops() int64 { return f.ops.Load() }

// Point tells the rule, and what lies beneath, that a named point was passed.
func (f *Faulty) Point(name string) {
	_ = f.rule(OpPoint, name)
	Point(f.inner, name)
}

func (f *Faulty) ask(op Op, path string) error {
	f.ops.Add(1)
	if err := f.rule(op, path); err != nil {
		return failure(string(op), path, err)
	}
	return nil
}

func (f *Faulty) open(op Op, path string, open func(string) (File, error)) (File, error) {
	if err := f.ask(op, path); err != nil {
		return nil, err
	}
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	return &faultyFile{inner: file, fs: f, path: path}, nil
}

func (f *Faulty) Create(path string) (File, error) { return f.open(OpCreate, path, f.inner.Create) }
func (f *Faulty) Open(path string) (File, error)   { return f.open(OpOpen, path, f.inner.Open) }
func (f *Faulty) Edit(path string) (File, error)   { return f.open(OpEdit, path, f.inner.Edit) }

func (f *Faulty) Rename(from, to string) error {
	if err := f.ask(OpRename, from); err != nil {
		return err
	}
	return f.inner.Rename(from, to)
}

func (f *Faulty) do(op Op, path string, verb func(string) error) error {
	if err := f.ask(op, path); err != nil {
		return err
	}
	return verb(path)
}

func (f *Faulty) Remove(path string) error    { return f.do(OpRemove, path, f.inner.Remove) }
func (f *Faulty) RemoveAll(path string) error { return f.do(OpRemoveAll, path, f.inner.RemoveAll) }
func (f *Faulty) MkdirAll(dir string) error   { return f.do(OpMkdirAll, dir, f.inner.MkdirAll) }
func (f *Faulty) SyncDir(dir string) error    { return f.do(OpSyncDir, dir, f.inner.SyncDir) }

func (f *Faulty) List(dir string) ([]Info, error) {
	if err := f.ask(OpList, dir); err != nil {
		return nil, err
	}
	return f.inner.List(dir)
}

func (f *Faulty) Stat(path string) (Info, error) {
	if err := f.ask(OpStat, path); err != nil {
		return Info{}, err
	}
	return f.inner.Stat(path)
}

func (f *Faulty) Lock(dir string) (io.Closer, error) {
	if err := f.ask(OpLock, dir); err != nil {
		return nil, err
	}
	return f.inner.Lock(dir)
}

func (f *Faulty) Free(dir string) (Space, error) {
	if err := f.ask(OpFree, dir); err != nil {
		return Space{}, err
	}
	return f.inner.Free(dir)
}
