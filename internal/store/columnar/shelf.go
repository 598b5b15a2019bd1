package columnar

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/journal"
)

// shelf is what the store holds of one dataset. But for its name and
// committing, Store.mu guards it.
type shelf struct {
	name string
	dir  string

	// committing is held by the one who replaces the manifest, and taken before
	// Store.mu. It guards litter.
	committing sync.Mutex
	litter     []string // files that no manifest needs once the next one is durable

	lastSeq    int64 // given last
	shownSeq   int64 // of the row shown last
	nextPart   uint64
	partitions []*partition // by start
	graves     []grave
	damaged    int64       // row groups that the shelf has lost track of
	have       *numbersHad // while it is put together without its manifest
	made       []slot      // folders made ahead of their rows
	empty      []string    // folders that may go when nothing is in them
	leaving    []*part     // taken out of use by the commit under way
}

// partition is the rows of one slot.
type partition struct {
	slot
	folder string
	parts  []*part // by number
	open   buffer
	frozen []*buffer // being sealed, oldest first
	mark   journal.Position
}

func newShelf(s *Store, name string) *shelf {
	return &shelf{name: name, dir: path.Join(s.dir, name), nextPart: 1}
}

// declared is the dataset as it is declared now.
func (s *Store) declared(name string) dataset.Dataset {
	d := s.opts.Dataset(name)
	if d.Period < leastPeriod {
		d.Period = dataset.New(name).Period
	}
	return d
}

// find is where the partition of a slot is, or would be. Store.mu is held.
func (f *shelf) find(at slot) (i int, found bool) {
	return slices.BinarySearchFunc(f.partitions, at, func(p *partition, at slot) int {
		return cmp.Or(cmp.Compare(p.start, at.start), cmp.Compare(p.length, at.length))
	})
}

// partition finds the partition of a slot, or makes it. Store.mu is held.
func (f *shelf) partition(at slot) *partition {
	i, found := f.find(at)
	if !found {
		f.partitions = slices.Insert(f.partitions, i, &partition{slot: at, folder: f.freeFolder(at), mark: f.markOf(at)})
	}
	return f.partitions[i]
}

// partitionAt is the partition of a slot; nil when there is none. Store.mu is
// held.
func (f *shelf) partitionAt(at slot) *partition {
	if i, found := f.find(at); found {
		return f.partitions[i]
	}
	return nil
}

// markOf is the position in the log up to which rows of a slot are in parts,
// or are gone.
func (f *shelf) markOf(at slot) journal.Position {
	if p := f.partitionAt(at); p != nil {
		return p.mark
	}
	for _, g := range f.graves {
		if g.slot == at {
			return g.mark
		}
	}
	return 0
}

// freeFolder is the name of the folder of a new slot: its start, and its
// length too when a slot of another length began then.
func (f *shelf) freeFolder(at slot) string {
	name := at.folder()
	for _, p := range f.partitions {
		if p.folder == name {
			return fmt.Sprintf("%s-%dm", name, time.Duration(at.length)/time.Minute)
		}
	}
	return name
}

// manifest is what is to be written down of the shelf. The caller holds
// Store.mu.
func (f *shelf) manifest(log journal.Position) *manifest {
	m := &manifest{dataset: f.name, lastSeq: f.lastSeq, nextPart: f.nextPart, log: log, graves: slices.Clone(f.graves)}
	for _, p := range f.partitions {
		if len(p.parts) == 0 && p.mark == 0 {
			continue
		}
		e := slotEntry{slot: p.slot, folder: p.folder, mark: p.mark}
		for _, x := range p.parts {
			e.parts = append(e.parts, x.facts)
		}
		m.slots = append(m.slots, e)
	}
	return m
}

// change is a step from one set of parts to the next.
type change struct {
	edit func(m *manifest) bool // writes the step down; false: it is pointless by now
	take func()                 // does it in memory, under Store.mu
	made []string               // files the step brings, litter should it fail
}

// commit makes a change durable, and then true in memory. It reports whether
// the change was still to the point. After an error the change has not
// happened, but the manifest on disk may be either, so that all files of both
// stay until a later commit.
func (s *Store) commit(f *shelf, c change) (done bool, err error) {
	f.committing.Lock()
	defer f.committing.Unlock()
	s.mu.RLock()
	m := f.manifest(s.published)
	s.mu.RUnlock()
	if !c.edit(m) {
		f.litter = append(f.litter, c.made...)
		return false, nil
	}
	if err := s.fs.MkdirAll(f.dir); err != nil {
		return false, s.spoilt(f, c, err)
	}
	disk.Point(s.fs, "columnar.commit")
	if err := s.writeManifest(f, m, len(c.made) == 0); err != nil {
		return false, s.spoilt(f, c, err)
	}
	disk.Point(s.fs, "columnar.committed")
	s.mu.Lock()
	c.take()
	leaving := f.leaving
	f.leaving = nil
	s.mu.Unlock()
	disk.Point(s.fs, "columnar.taken")
	for _, p := range leaving {
		s.leave(p)
	}
	s.sweepLitter(f)
	disk.Point(s.fs, "columnar.cleared")
	return true, nil
}

func (s *Store) spoilt(f *shelf, c change, err error) error {
	f.litter = append(f.litter, c.made...)
	return fmt.Errorf("replace the manifest of dataset %s: %w", f.name, err)
}

// sweepLitter removes the files that the manifest just made durable does not
// name. What cannot be removed now is tried again.
func (s *Store) sweepLitter(f *shelf) {
	f.litter = slices.DeleteFunc(f.litter, func(name string) bool { return s.fs.RemoveAll(name) == nil })
}
