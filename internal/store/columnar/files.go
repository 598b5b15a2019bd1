package columnar

import (
	"container/list"
	"errors"
	"io/fs"
	"sync"

	"github.com/plumbline/plumbline/internal/disk"
)

// mostOpenFiles is how many parts are held open at once; a process may usually
// have 1,024 files.
const mostOpenFiles = 256

// files holds files open while they are read, a bounded number of them.
type files struct {
	fs disk.FS

	mu     sync.Mutex
	use    list.List // of *lazyFile that are open, the one read last in front
	closed bool
}

func newFiles(fs disk.FS) *files { return &files{fs: fs} }

// lazyFile is a file that is opened when it is read.
type lazyFile struct {
	all  *files
	path string

	// files.mu guards these.
	file    disk.File
	readers int
	dead    bool // is to be closed by the last reader
	place   *list.Element
}

func (a *files) file(path string) *lazyFile { return &lazyFile{all: a, path: path} }

// ReadAt reads as io.ReaderAt says.
func (f *lazyFile) ReadAt(p []byte, off int64) (int, error) {
	file, err := f.acquire()
	if err != nil {
		return 0, err
	}
	defer f.release()
	return file.ReadAt(p, off)
}

func (f *lazyFile) acquire() (disk.File, error) {
	f.all.mu.Lock()
	defer f.all.mu.Unlock()
	if f.all.closed {
		return nil, fs.ErrClosed
	}
	f.readers++
	if f.file != nil {
		f.all.use.MoveToFront(f.place)
		return f.file, nil
	}
	file, err := f.all.fs.Open(f.path)
	if err != nil {
		f.readers--
		return nil, err
	}
	f.file, f.place = file, f.all.use.PushFront(f)
	f.all.shrink()
	return file, nil
}

func (f *lazyFile) release() {
	f.all.mu.Lock()
	defer f.all.mu.Unlock()
	f.readers--
	if f.readers == 0 && (f.dead || f.all.closed) {
		_ = f.close() // it was only read
	}
}

// close closes the file; files.mu is held.
func (f *lazyFile) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.all.use.Remove(f.place)
	f.file, f.place = nil, nil
	return err
}

// shrink closes the files that were not read for the longest time.
func (a *files) shrink() {
	for e := a.use.Back(); e != nil && a.use.Len() > mostOpenFiles; {
		f, before := e.Value.(*lazyFile), e.Prev()
		if f.readers == 0 {
			_ = f.close()
		}
		e = before
	}
}

// forget closes a file that nobody will read again.
func (a *files) forget(f *lazyFile) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.dead = true; f.readers == 0 {
		_ = f.close()
	}
}

// close closes all files; one that is being read when its reader is done.
func (a *files) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	var err error
	for e := a.use.Front(); e != nil; {
		f := e.Value.(*lazyFile)
		if e = e.Next(); f.readers == 0 {
			err = errors.Join(err, f.close())
		}
	}
	return err
}
