package disk

import (
	"errors"
	"fmt"
	"path"
)

// FreshSuffix ends the name under which WriteFileAtomic writes; a crash may leave such a file.
const FreshSuffix = ".tmp"

// WriteFileAtomic puts data under path so that every later reader, also after a power cut, sees either the old bytes or the new ones, whole.
// When it returns nil the new ones are durable; after an error either may be there.
func WriteFileAtomic(fs FS, name string, data []byte) error {
	fresh := name + FreshSuffix
	if err := writeWhole(fs, fresh, data); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), fs.RemoveAll(fresh))
	}
	Point(fs, "disk.fresh")
	if err := fs.Rename(fresh, name); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), fs.RemoveAll(fresh))
	}
	Point(fs, "disk.renamed")
	if err := fs.SyncDir(path.Dir(name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func writeWhole(fs FS, name string, data []byte) error {
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// ReadFile returns a whole file; one longer than maxBytes is refused before anything is allocated.
func ReadFile(fs FS, name string, maxBytes int64) ([]byte, error) {
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size > maxBytes {
		return nil, fmt.Errorf("read %s: %d bytes, at most %d expected", name, size, maxBytes)
	}
	data := make([]byte, size)
	if n, err := f.ReadAt(data, 0); n < len(data) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}
