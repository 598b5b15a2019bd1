package columnar

import (
	"errors"
	"io/fs"
	"path"

	"github.com/plumbline/plumbline/internal/disk"
)

// The ballast is a file that is nothing but room: as much as the largest
// manifest takes. On a disk without a free byte it is thrown away, so that a
// manifest can be written and retention can make room again; it is laid anew
// when there is room.
const (
	ballastName = "BALLAST"
	// leastBallast holds a manifest of a thousand parts.
	leastBallast = 64 << 10
)

// layBallast makes the file, if it is not there or too small, and if there is
// room for it.
func (s *Store) layBallast() error {
	name, size := path.Join(s.dir, ballastName), max(leastBallast, s.largest.Load())
	info, err := s.fs.Stat(name)
	switch {
	case err == nil && info.Size >= size, s.state.admit(s) != nil:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	file, err := s.fs.Create(name)
	if err != nil {
		return err
	}
	disk.Point(s.fs, "columnar.ballast")
	_, err = file.WriteAt(make([]byte, 2*size), 0) // zeros that take room, which a hole would not
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, s.fs.RemoveAll(name))
	}
	return nil
}

// writeManifest replaces the manifest of a dataset; one that lets go of files
// with the ballast's room when there is no other. One that names new files must
// not take it, or none is left for retention.
func (s *Store) writeManifest(f *shelf, m *manifest, frees bool) error {
	name, data := path.Join(f.dir, manifestName), m.encode()
	s.largest.Store(max(s.largest.Load(), int64(len(data))))
	err := disk.WriteFileAtomic(s.fs, name, data)
	if !disk.Full(err) || !frees || s.fs.Remove(path.Join(s.dir, ballastName)) != nil {
		return err
	}
	return disk.WriteFileAtomic(s.fs, name, data)
}
