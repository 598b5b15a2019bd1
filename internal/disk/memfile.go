package disk

import (
	"io"
	"io/fs"
	"slices"
	"syscall"
)

type memFile struct {
	mem      *Mem
	node     *node
	name     string
	writable bool
	closed   bool
}

// use locks the tree and checks that the handle may do what is asked; the caller unlocks when it gets no error.
func (f *memFile) use(verb string, writing bool) error {
	f.mem.mu.Lock()
	var err error
	switch {
	case f.closed:
		err = fs.ErrClosed
	case writing && !f.writable:
		err = syscall.EBADF
	default:
		return nil
	}
	f.mem.mu.Unlock()
	return failure(verb, f.name, err)
}

func (f *memFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.use("read", false); err != nil {
		return 0, err
	}
	defer f.mem.mu.Unlock()
	if at < 0 {
		return 0, failure("read", f.name, fs.ErrInvalid)
	}
	if at >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, at int64) (int, error) {
	if err := f.use("write", true); err != nil {
		return 0, err
	}
	defer f.mem.mu.Unlock()
	if at < 0 {
		return 0, failure("write", f.name, fs.ErrInvalid)
	}
	n, size := f.node, int64(len(f.node.data))
	fits := int64(len(p))
	if growth := at + fits - size; growth > 0 {
		fits -= min(fits, max(0, growth-max(0, f.mem.total-f.mem.used)))
	}
	if grown := at + fits - size; fits > 0 && grown > 0 {
		n.data = extend(n.data, at+fits)
		f.mem.used += grown
	}
	if fits > 0 {
		copy(n.data[at:], p[:fits])
		if f.mem.noting {
			n.writes = append(n.writes, write{at, slices.Clone(p[:fits])})
		}
	}
	if fits < int64(len(p)) {
		return int(fits), failure("write", f.name, syscall.ENOSPC)
	}
	return len(p), nil
}

func (f *memFile) Sync() error {
	if err := f.use("sync", false); err != nil {
		return err
	}
	defer f.mem.mu.Unlock()
	f.node.flush()
	return nil
}

func (f *memFile) Size() (int64, error) {
	if err := f.use("size", false); err != nil {
		return 0, err
	}
	defer f.mem.mu.Unlock()
	return int64(len(f.node.data)), nil
}

func (f *memFile) Truncate(size int64) error {
	if err := f.use("truncate", true); err != nil {
		return err
	}
	defer f.mem.mu.Unlock()
	if size < 0 {
		return failure("truncate", f.name, fs.ErrInvalid)
	}
	if growth := size - int64(len(f.node.data)); growth > 0 && growth > f.mem.total-f.mem.used {
		return failure("truncate", f.name, syscall.ENOSPC)
	}
	f.mem.resize(f.node, size)
	return nil
}

func (f *memFile) Close() error {
	if err := f.use("close", false); err != nil {
		return err
	}
	defer f.mem.mu.Unlock()
	f.closed = true
	return nil
}

// resize cuts or extends a file and notes it.
func (m *Mem) resize(n *node, size int64) {
	m.used += size - int64(len(n.data))
	n.data = resized(n.data, size)
	if m.noting {
		n.writes = append(n.writes, write{at: size})
	}
}

// extend grows data to size with zeros; room that was used before a cut is cleared.
func extend(data []byte, size int64) []byte {
	old := len(data)
	data = slices.Grow(data, int(size)-old)[:size]
	clear(data[old:])
	return data
}

func resized(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size]
	}
	return extend(data, size)
}
