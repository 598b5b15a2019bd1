package columnar

import (
	"errors"
	"io/fs"
	"path"

	"github.com/plumbline/plumbline/internal/disk"
)

// The ballast is a file that is nothing but room. On a disk without a free
// byte it is thrown away, so that a manifest can be written and retention can
// make room again; it is laid anew when there is room.
const (
	ballastName = "BALLAST"
	// maxBallastBytes: a manifest of tens of thousands of parts, twice.
	maxBallastBytes = 4 << 20
	// ballastShare bounds it on small volumes.
	ballastShare = 1.0 / 512
)

// layBallast makes the file if it is not there and there is room for it.
func (s *Store) layBallast() error {
	name := path.Join(s.dir, ballastName)
	if _, err := s.fs.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	space, err := s.fs.Free(s.dir)
	if err != nil || s.state.admit(s) != nil {
		return err
	}
	size := min(maxBallastBytes, int64(float64(space.Total)*ballastShare))
	file, err := s.fs.Create(name)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(make([]byte, size), 0) // zeros that take room, which a hole would not
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, s.fs.RemoveAll(name))
	}
	return nil
}

// writeManifest replaces the manifest of a dataset, with the ballast's room
// when there is no other.
func (s *Store) writeManifest(f *shelf, m *manifest) error {
	name, data := path.Join(f.dir, manifestName), m.encode()
	err := disk.WriteFileAtomic(s.fs, name, data)
	if !disk.Full(err) || s.fs.Remove(path.Join(s.dir, ballastName)) != nil {
		return err
	}
	return disk.WriteFileAtomic(s.fs, name, data)
}
