package columnar

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
)

// sweep removes what a crash left behind: files that no manifest names, and
// folders with nothing in them whose time is over. It is done before anything
// else writes.
func (s *Store) sweep() {
	for _, f := range s.shelves {
		if f.damaged > 0 {
			continue // rebuilt: files it does not use may be of worth to somebody
		}
		if err := s.sweepShelf(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.opts.Log.Warn("what a crash may have left behind cannot be looked for", "dataset", f.name, "error", err)
		}
	}
}

func (s *Store) sweepShelf(f *shelf) error {
	infos, err := s.fs.List(f.dir)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, p := range f.partitions {
		for _, x := range p.parts {
			known[x.path] = true
		}
	}
	period := s.declared(f.name).Period
	now := slotOf(s.opts.Now().UnixNano(), period)
	for _, info := range infos {
		start, err := time.Parse(slotLayout, info.Name[:min(len(info.Name), len(slotLayout))])
		if !info.Dir || err != nil {
			continue
		}
		left, err := s.sweepFolder(path.Join(f.dir, info.Name), known)
		if err != nil {
			return err
		}
		switch {
		case left > 0:
		case start.UnixNano() < now.start:
			f.empty = append(f.empty, info.Name)
		default:
			f.made = append(f.made, slotOf(start.UnixNano(), period))
		}
	}
	return nil
}

// sweepFolder removes the parts in a folder that are not known, and says how
// many files are left.
func (s *Store) sweepFolder(dir string, known map[string]bool) (left int, err error) {
	files, err := s.fs.List(dir)
	if err != nil {
		return 0, err
	}
	for _, info := range files {
		name := path.Join(dir, info.Name)
		if known[name] || !strings.HasSuffix(name, partSuffix) || s.fs.RemoveAll(name) != nil {
			left++
			continue
		}
		disk.Point(s.fs, "columnar.swept")
	}
	return left, nil
}
