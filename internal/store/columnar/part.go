package columnar

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// part is one part of a partition. Next to nothing is held of it until
// somebody reads it, so that thousands of them cost nothing.
type part struct {
	facts
	path string

	// refs counts the partition that lists the part, and everybody who reads
	// it. The last one to leave removes the file.
	refs    atomic.Int64
	retired bool // no manifest names it: the file goes with the last one to leave

	damaged atomic.Bool // it is not merged any more; mostly because something of it cannot be read

	mu   sync.Mutex
	lost []int // row groups that could not be read
	file *lazyFile
	open *colfile.Part
}

const partSuffix = ".part"

// partName is the name of the file of a part.
func partName(number uint64) string { return fmt.Sprintf("%016x", number) + partSuffix }

// newPart returns a part that its partition lists.
func (s *Store) newPart(f *shelf, folder string, x facts) *part {
	p := &part{facts: x, path: path.Join(f.dir, folder, partName(x.number))}
	p.refs.Store(1)
	return p
}

// enter keeps the part for a reader. It is called under Store.mu while a
// partition lists the part.
func (p *part) enter() { p.refs.Add(1) }

// leave lets go of the part.
func (s *Store) leave(p *part) {
	if p.refs.Add(-1) > 0 {
		return
	}
	s.partials.forget(p)
	p.mu.Lock()
	if p.open != nil {
		s.cache.Forget(p.open)
		s.files.forget(p.file)
	}
	p.mu.Unlock()
	if !p.retired {
		return
	}
	disk.Point(s.fs, "columnar.retired")
	if err := s.fs.RemoveAll(p.path); err != nil {
		s.opts.Log.Warn("a file no longer needed cannot be removed before the next start", "file", p.path, "error", err)
	}
}

// retire takes a part out of use with the commit under way. Store.mu is held.
func (s *Store) retire(f *shelf, p *part) {
	p.retired = true
	f.leaving = append(f.leaving, p)
}

// reader opens the part when it is read first.
func (s *Store) reader(p *part) (*colfile.Part, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open != nil {
		return p.open, nil
	}
	if p.file == nil {
		p.file = s.files.file(p.path)
	}
	open, err := colfile.Open(p.file, p.bytes, p.path, s.cache)
	if err != nil {
		return nil, err
	}
	if m := open.Meta(); m.Rows != p.rows || m.Groups != p.groups {
		return nil, fmt.Errorf("part %s holds %d rows in %d groups, where the manifest says %d in %d", p.path, m.Rows, m.Groups, p.rows, p.groups)
	}
	p.open = open
	return open, nil
}

// place names a row group of the part, for counting it once.
func (p *part) place(group int) string { return p.path + "#" + strconv.Itoa(group) }

// partDamaged notes that row groups from ≤ group < to of a part cannot be read;
// wholePart stands for one that is not known yet. Each counts once, however many
// questions meet it, and the part is named in the log once.
func (s *Store) partDamaged(p *part, from, to int, err error) {
	p.mu.Lock()
	for group := from; group < to; group++ {
		s.counts.damaged.Add(p.lose(group))
	}
	p.mu.Unlock()
	if !p.damaged.Swap(true) {
		s.opts.Log.Error("a part is damaged: what cannot be read is left out of answers, which are marked partial", "part", p.path, "error", err)
	}
}

// lose keeps that a row group cannot be read, and returns how many more that
// are now. p.mu is held.
func (p *part) lose(group int) int64 {
	switch unknown := slices.Index(p.lost, wholePart); {
	case slices.Contains(p.lost, group), group == wholePart && len(p.lost) > 0:
		return 0
	case unknown >= 0:
		p.lost[unknown] = group
		return 0
	}
	p.lost = append(p.lost, group)
	return 1
}
