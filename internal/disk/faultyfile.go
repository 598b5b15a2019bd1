package disk

import "errors"

type faultyFile struct {
	inner File
	fs    *Faulty
	path  string
}

func (f *faultyFile) ReadAt(p []byte, at int64) (int, error) {
	err := f.fs.ask(OpRead, f.path)
	if err == nil {
		return f.inner.ReadAt(p, at)
	}
	n, _ := f.inner.ReadAt(p[:kept(err, 0, len(p))], at)
	return n, err
}

func (f *faultyFile) WriteAt(p []byte, at int64) (int, error) {
	err := f.fs.ask(OpWrite, f.path)
	if err == nil {
		return f.inner.WriteAt(p, at)
	}
	n, inner := f.inner.WriteAt(p[:kept(err, len(p)/2, len(p))], at)
	return n, errors.Join(err, inner)
}

// kept is how many of size bytes a failing operation still does.
func kept(err error, otherwise, size int) int {
	var short *Short
	if errors.As(err, &short) {
		return min(max(0, short.Keep), size)
	}
	return otherwise
}

func (f *faultyFile) Sync() error {
	err := f.fs.ask(OpSync, f.path)
	if err == nil {
		return f.inner.Sync()
	}
	f.lose()
	return err
}

// lose passes the loss on to a form that can model it.
func (f *faultyFile) lose() {
	if loser, ok := f.inner.(interface{ lose() }); ok {
		loser.lose()
	}
}

func (f *faultyFile) Size() (int64, error) {
	if err := f.fs.ask(OpSize, f.path); err != nil {
		return 0, err
	}
	return f.inner.Size()
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.fs.ask(OpTruncate, f.path); err != nil {
		return err
	}
	return f.inner.Truncate(size)
}

func (f *faultyFile) Close() error {
	err := f.fs.ask(OpClose, f.path)
	return errors.Join(err, f.inner.Close())
}
