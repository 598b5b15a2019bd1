package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// File delivers to a file, at its end. When the file was moved away or removed,
// as log rotation does, the next batch makes a new one at the path; nobody has to
// tell. A batch that did not fit on the disk is taken back and tried again.
type File struct {
	Path string

	open *os.File
}

// filePerm lets the group read, which is where log shippers are.
const filePerm = 0o640

// Deliver implements Delivery.
func (f *File) Deliver(_ context.Context, b Batch) (rejected int, err error) {
	if err := f.follow(); err != nil {
		return 0, &Busy{Cause: err}
	}
	before, err := f.open.Stat()
	if err != nil {
		return 0, &Busy{Cause: fmt.Errorf("file %s: %w", f.Path, err)}
	}
	if _, err := f.open.Write(b.Bytes); err != nil {
		// Half a batch would be there twice after the next attempt.
		err = errors.Join(err, f.open.Truncate(before.Size()))
		return 0, &Busy{Cause: fmt.Errorf("writing %d lines to %s: %w", b.Lines, f.Path, err)}
	}
	return 0, nil
}

// follow opens the file at the path, unless it is the one that is open.
func (f *File) follow() error {
	if f.open != nil {
		at, err := os.Stat(f.Path)
		if err == nil {
			if mine, err := f.open.Stat(); err == nil && os.SameFile(at, mine) {
				return nil
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("file %s: %w", f.Path, err)
		}
		f.open.Close() // what it had is written; nothing is left that could fail
		f.open = nil
	}
	opened, err := os.OpenFile(f.Path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, filePerm)
	if err != nil {
		return fmt.Errorf("opening a file for lines: %w", err)
	}
	f.open = opened
	return nil
}

// Close implements io.Closer.
func (f *File) Close() error {
	if f.open == nil {
		return nil
	}
	err := f.open.Close()
	f.open = nil
	return err
}
