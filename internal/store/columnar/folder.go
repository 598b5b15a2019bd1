package columnar

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// What lies in the folder beside the datasets; dataset.CheckName keeps these names
// for it.
const (
	formatName  = "FORMAT"
	walFolder   = "wal"
	namesFolder = "names"
)

// folderVersion is the version of the folder as a whole. It rises with that of parts,
// so that a build which cannot read the parts of a newer one refuses their folder.
const folderVersion = colfile.FormatVersion

// checkFormat reads the file FORMAT, a line for people and programs:
//
//	plumbline columnar store, format 2, 5c1f0e6d8a7b3920
//
// The last word is the xxh3 of what stands before it. An empty folder gets the
// file, and an older one a new file, for parts of this build will lie in it. A
// damaged file is written anew: manifests and parts have versions of their own. A
// folder of somebody else's is refused.
func (s *Store) checkFormat() error {
	name := path.Join(s.dir, formatName)
	data, err := disk.ReadFile(s.fs, name, 1<<10)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		version, ok := parseFormat(string(data))
		switch {
		case ok && version > folderVersion:
			return fault.New(fault.Conflict, "folder %s has format %d, this build knows up to %d: it was written by a newer Plumbline", s.dir, version, folderVersion)
		case ok && version == folderVersion:
			return nil
		case !ok:
			s.opts.Log.Warn("the file FORMAT was damaged and is written anew", "folder", s.dir)
		}
	} else if err := s.checkFree(); err != nil {
		return err
	}
	return disk.WriteFileAtomic(s.fs, name, []byte(printFormat(folderVersion)))
}

// checkFree refuses a folder without FORMAT that holds anything but what may lie in
// one before its first use: the lock, hidden files, what a volume begins with, a
// FORMAT that a crash left half written – or the log, when only FORMAT was lost.
func (s *Store) checkFree() error {
	infos, err := s.fs.List(s.dir)
	if err != nil {
		return err
	}
	stranger := ""
	for _, info := range infos {
		switch name := info.Name; {
		case name == walFolder:
			return nil
		case name == "lock", name == "lost+found", name == formatName+disk.FreshSuffix, strings.HasPrefix(name, "."):
		default:
			stranger = name
		}
	}
	if stranger != "" {
		return fault.New(fault.Conflict, "folder %s is not Plumbline's: it holds %s, and no file %s; name an empty folder, or one that does not exist yet", s.dir, stranger, formatName)
	}
	return nil
}

func printFormat(version int) string {
	text := fmt.Sprintf("plumbline columnar store, format %d, ", version)
	return text + fmt.Sprintf("%016x\n", xxh3.HashString(text))
}

func parseFormat(text string) (version int, ok bool) {
	head, sum, _ := cutLast(strings.TrimSpace(text), " ")
	if fmt.Sprintf("%016x", xxh3.HashString(head+" ")) != sum {
		return 0, false
	}
	_, number, _ := strings.Cut(head, ", format ")
	version, err := strconv.Atoi(strings.TrimSuffix(number, ","))
	return version, err == nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func compareText(a, b string) int { return strings.Compare(a, b) }

// readShelves reads the manifests of all datasets there are.
func (s *Store) readShelves() error {
	infos, err := s.fs.List(s.dir)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if !info.Dir || dataset.CheckName(info.Name) != nil {
			continue
		}
		if err := s.readShelf(info.Name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) readShelf(name string) error {
	f := newShelf(s, name)
	m, damaged, err := readManifest(s.fs, f.dir)
	if fault.Is(err, fault.Corrupt) {
		return s.rebuild(f, err)
	}
	if err != nil {
		return err
	}
	if damaged != nil {
		s.opts.Log.Error("one copy of a manifest is damaged, the other one is used", "dataset", name, "error", damaged)
	}
	if m != nil {
		s.take(f, m)
	}
	s.shelves[name] = f
	return nil
}

// take puts what a manifest says on the shelf.
func (s *Store) take(f *shelf, m *manifest) {
	f.lastSeq, f.nextPart, f.graves = m.lastSeq, max(1, m.nextPart), m.graves
	for _, e := range m.slots {
		p := &partition{slot: e.slot, folder: e.folder, mark: e.mark}
		for _, x := range e.parts {
			p.parts = append(p.parts, s.newPart(f, e.folder, x))
		}
		i, _ := f.find(e.slot)
		f.partitions = slices.Insert(f.partitions, i, p)
	}
	s.logNext = max(s.logNext, m.log+1)
}
