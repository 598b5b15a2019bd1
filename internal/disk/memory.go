package disk

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Mem is a file system in memory: a tree of nodes under one mutex. Crashable uses the same tree with every change also noted.
type Mem struct {
	mu     sync.Mutex
	root   *node
	locked map[string]bool
	total  int64 // room for the bytes of all files
	used   int64
	noting bool // keep what a power cut needs to know
}

// node is a file (names is nil) or a folder. The last four fields are kept only when noting.
type node struct {
	names map[string]*node
	data  []byte

	synced  map[string]*node // the folder's names as they are surely on disk
	renames []change         // what was done to the names since
	base    []byte           // the file's bytes as they are surely on disk
	writes  []write          // what was done to them since
}

// change is one step of a folder's names that happens whole or not at all; a nil node removes the name.
type change map[string]*node

// write is data at an offset, or, with data nil, a new size.
type write struct {
	at   int64
	data []byte
}

// Memory is an empty file system in memory without a bound.
func Memory() *Mem {
	return &Mem{root: &node{names: map[string]*node{}}, locked: map[string]bool{}, total: math.MaxInt64}
}

// Limit bounds the bytes of all files; a write or Truncate that would need more fails as on a full disk (see Full), a write after storing what
// still fits. The bound may lie below what is used already.
func (m *Mem) Limit(totalBytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total = totalBytes
}

func failure(verb, name string, err error) error {
	return &fs.PathError{Op: verb, Path: name, Err: err}
}

// split gives the elements of a path; absolute and relative paths meet in the same tree.
func split(name string) []string {
	return strings.FieldsFunc(path.Clean("/"+name), func(r rune) bool { return r == '/' })
}

// find returns the node of a path, or nil.
func (m *Mem) find(name string) *node {
	at := m.root
	for _, element := range split(name) {
		if at = at.names[element]; at == nil {
			return nil
		}
	}
	return at
}

// holder returns the folder that holds, or would hold, the path's last element.
func (m *Mem) holder(verb, name string) (*node, string, error) {
	elements := split(name)
	if len(elements) == 0 {
		return nil, "", failure(verb, name, fs.ErrInvalid)
	}
	last := len(elements) - 1
	dir := m.find(strings.Join(elements[:last], "/"))
	if dir == nil || dir.names == nil {
		return nil, "", failure(verb, name, fs.ErrNotExist)
	}
	return dir, elements[last], nil
}

// alter changes a folder's names and notes it.
func (m *Mem) alter(dir *node, c change) {
	for name, n := range c {
		if n == nil {
			delete(dir.names, name)
		} else {
			dir.names[name] = n
		}
	}
	if m.noting {
		dir.renames = append(dir.renames, c)
	}
}

func (m *Mem) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, last, err := m.holder("create", name)
	if err != nil {
		return nil, err
	}
	n := dir.names[last]
	switch {
	case n == nil:
		n = &node{}
		m.alter(dir, change{last: n})
	case n.names != nil:
		return nil, failure("create", name, syscall.EISDIR)
	default:
		m.resize(n, 0)
	}
	return &memFile{mem: m, node: n, name: name, writable: true}, nil
}

func (m *Mem) open(verb, name string, writable bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil {
		return nil, failure(verb, name, fs.ErrNotExist)
	}
	if n.names != nil {
		return nil, failure(verb, name, syscall.EISDIR)
	}
	return &memFile{mem: m, node: n, name: name, writable: writable}, nil
}

func (m *Mem) Open(name string) (File, error) { return m.open("open", name, false) }
func (m *Mem) Edit(name string) (File, error) { return m.open("edit", name, true) }

func (m *Mem) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	source, old, err := m.holder("rename", from)
	if err != nil {
		return err
	}
	target, fresh, err := m.holder("rename", to)
	if err != nil {
		return err
	}
	n, replaced := source.names[old], target.names[fresh]
	switch {
	case n == nil:
		return failure("rename", from, fs.ErrNotExist)
	case n == replaced:
		return nil
	case replaced != nil && (replaced.names != nil || n.names != nil):
		return failure("rename", to, fs.ErrExist)
	case replaced != nil:
		m.used -= int64(len(replaced.data))
	}
	if source == target {
		m.alter(source, change{old: nil, fresh: n})
		return nil
	}
	m.alter(target, change{fresh: n})
	m.alter(source, change{old: nil})
	return nil
}

func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, last, err := m.holder("remove", name)
	if err != nil {
		return err
	}
	n := dir.names[last]
	if n == nil {
		return failure("remove", name, fs.ErrNotExist)
	}
	if len(n.names) > 0 {
		return failure("remove", name, syscall.ENOTEMPTY)
	}
	m.used -= int64(len(n.data))
	m.alter(dir, change{last: nil})
	return nil
}

func (m *Mem) RemoveAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, last, err := m.holder("remove", name)
	if err != nil || dir.names[last] == nil {
		return nil
	}
	m.removeAll(dir, last)
	return nil
}

// removeAll goes from the leaves up, each name a change of its own, as the system does it.
func (m *Mem) removeAll(dir *node, name string) {
	n := dir.names[name]
	for _, child := range slices.Sorted(maps.Keys(n.names)) {
		m.removeAll(n, child)
	}
	m.used -= int64(len(n.data))
	m.alter(dir, change{name: nil})
}

func (m *Mem) MkdirAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.root
	for _, element := range split(name) {
		n := at.names[element]
		if n == nil {
			n = &node{names: map[string]*node{}}
			at.names[element] = n
		}
		if n.names == nil {
			return failure("make folder", name, syscall.ENOTDIR)
		}
		if m.noting {
			at.settle(element, n)
		}
		at = n
	}
	return nil
}

func (m *Mem) List(name string) ([]Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir := m.find(name)
	if dir == nil || dir.names == nil {
		return nil, failure("list", name, fs.ErrNotExist)
	}
	infos := make([]Info, 0, len(dir.names))
	for _, child := range slices.Sorted(maps.Keys(dir.names)) {
		infos = append(infos, dir.names[child].describe(child))
	}
	return infos, nil
}

func (m *Mem) Stat(name string) (Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil {
		return Info{}, failure("stat", name, fs.ErrNotExist)
	}
	return n.describe(path.Base(name)), nil
}

func (n *node) describe(name string) Info {
	return Info{Name: name, Size: int64(len(n.data)), Dir: n.names != nil}
}

func (m *Mem) SyncDir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir := m.find(name)
	if dir == nil || dir.names == nil {
		return failure("sync folder", name, fs.ErrNotExist)
	}
	if m.noting {
		dir.synced, dir.renames = maps.Clone(dir.names), nil
	}
	return nil
}

type memLock struct {
	mem *Mem
	dir string
}

func (m *Mem) Lock(name string) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if dir := m.find(name); dir == nil || dir.names == nil {
		return nil, fmt.Errorf("lock folder %s: %w", name, fs.ErrNotExist)
	}
	key := path.Clean("/" + name)
	if m.locked[key] {
		return nil, &LockedError{Dir: name, Pid: os.Getpid()}
	}
	m.locked[key] = true
	return memLock{m, key}, nil
}

func (l memLock) Close() error {
	l.mem.mu.Lock()
	defer l.mem.mu.Unlock()
	if !l.mem.locked[l.dir] {
		return fs.ErrClosed
	}
	delete(l.mem.locked, l.dir)
	return nil
}

func (m *Mem) Free(string) (Space, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Space{Free: max(0, m.total-m.used), Total: m.total}, nil
}
