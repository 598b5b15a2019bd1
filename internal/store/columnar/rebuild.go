package columnar

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// A manifest of which both copies are damaged costs no rows: the parts are
// there, and each says what it holds. What the manifest alone knew is which of
// them count, and which rows of the log are in them. Both can be told from the
// numbers of the rows, for no two rows of a dataset have the same.
//
// Answers stay marked partial until the next start, because partitions that
// were dropped, or parts that are gone, cannot be told from what never was.

// rebuild puts a shelf together from the parts that lie in its folders.
func (s *Store) rebuild(f *shelf, damage error) error {
	s.opts.Log.Error("the manifest of a dataset is damaged: it is made anew of the parts that are there", "dataset", f.name, "error", damage)
	f.damaged, f.have = 1, &numbersHad{}
	s.shelves[f.name] = f
	infos, err := s.fs.List(f.dir)
	if err != nil {
		return err
	}
	for _, info := range infos {
		start, err := time.Parse(slotLayout, info.Name[:min(len(info.Name), len(slotLayout))])
		if !info.Dir || err != nil {
			continue
		}
		if err := s.rebuildFolder(f, info.Name, start.UnixNano()); err != nil {
			return err
		}
	}
	return nil
}

// rebuildFolder makes a partition of the parts in a folder.
func (s *Store) rebuildFolder(f *shelf, folder string, start int64) error {
	files, err := s.fs.List(path.Join(f.dir, folder))
	if err != nil {
		return err
	}
	var parts []*part
	for _, info := range files {
		number, ok := parsePartName(info.Name)
		if !ok {
			continue
		}
		f.nextPart = max(f.nextPart, number+1)
		p, err := s.describe(f, folder, number, info.Size)
		if err != nil {
			f.damaged++
			s.opts.Log.Error("a part is damaged and is left out", "part", path.Join(f.dir, folder, info.Name), "error", err)
			continue
		}
		parts = append(parts, p)
	}
	parts = s.current(parts)
	if len(parts) == 0 {
		return nil
	}
	at := slot{start, int64(s.declared(f.name).Period)}
	for _, p := range parts {
		f.lastSeq = max(f.lastSeq, p.maxSeq)
		if p.maxTime >= at.end() { // the period was longer then
			at.length = int64(24 * time.Hour)
		}
	}
	i, _ := f.find(at)
	f.partitions = slices.Insert(f.partitions, i, &partition{slot: at, folder: folder, parts: parts})
	f.have.parts = append(f.have.parts, parts...)
	return nil
}

func parsePartName(name string) (number uint64, ok bool) {
	n, err := fmt.Sscanf(strings.TrimSuffix(name, partSuffix), "%016x", &number)
	return number, n == 1 && err == nil && name == partName(number)
}

// describe opens a part for its facts.
func (s *Store) describe(f *shelf, folder string, number uint64, size int64) (*part, error) {
	p := s.newPart(f, folder, facts{number: number, bytes: size})
	file, err := s.fs.Open(p.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	open, err := colfile.Open(file, size, p.path, colfile.NewCache(0))
	if err != nil {
		return nil, err
	}
	p.facts = factsOf(number, open.Meta())
	return p, nil
}

// current leaves out parts whose rows are in a younger one, which they were
// merged into.
func (s *Store) current(parts []*part) []*part {
	slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(b.number, a.number) })
	var out []*part
	for _, p := range parts {
		merged := slices.ContainsFunc(out, func(into *part) bool {
			if p.minSeq < into.minSeq || p.maxSeq > into.maxSeq {
				return false
			}
			had := numbersHad{parts: []*part{into}}
			return had.has(s, p.minSeq)
		})
		if !merged {
			out = append(out, p)
		}
	}
	slices.Reverse(out)
	return out
}

// numbersHad tells which rows are in parts, by their numbers.
type numbersHad struct {
	parts []*part
	from  int64              // numbers before are not in seen
	seen  map[int64]struct{} // nil before the first question
}

// has reports whether a row is in one of the parts. Questions come with
// numbers that mostly grow.
func (n *numbersHad) has(s *Store, seq int64) bool {
	if n.seen == nil || seq < n.from {
		n.read(s, seq)
	}
	_, found := n.seen[seq]
	return found
}

// read reads the numbers from one on.
func (n *numbersHad) read(s *Store, from int64) {
	n.from, n.seen = from, map[int64]struct{}{}
	for _, p := range n.parts {
		if p.maxSeq < from {
			continue
		}
		if err := n.readPart(s, p); err != nil {
			s.partDamaged(p, wholePart, wholePart+1, err)
		}
	}
}

func (n *numbersHad) readPart(s *Store, p *part) error {
	open, err := s.reader(p)
	if err != nil {
		return err
	}
	for i := range open.Groups() {
		g, err := open.Group(i)
		if err != nil {
			return err
		}
		if int64(g.MaxSeq) < n.from {
			continue
		}
		c, err := g.Column(row.FieldSeq, nil, nil)
		if err != nil {
			return err
		}
		for _, seq := range numbers(&c, g.Rows) {
			if seq >= n.from {
				n.seen[seq] = struct{}{}
			}
		}
	}
	return nil
}

// without is a chunk of the log less the rows that are in parts; nil when all
// are.
func (n *numbersHad) without(s *Store, c *chunk) *chunk {
	keep := row.NewBitmap(c.batch.Len)
	for i, seq := range c.batch.Col(row.FieldSeq).Nums {
		if !n.has(s, seq) {
			keep.Set(i)
		}
	}
	if !keep.Any() {
		return nil
	}
	return newChunk(c.batch.Keep(keep))
}

// settle writes the manifest of a rebuilt shelf once the log is read back: all
// its rows go into parts, and then the log holds none that a start would bring
// back.
func (s *Store) settle(f *shelf) error {
	for _, p := range f.partitions {
		p.mark = s.published
	}
	err := s.seal(context.Background(), func(p *partition, _ bool) bool { return slices.Contains(f.partitions, p) })
	if err == nil {
		_, err = s.commit(f, change{edit: func(*manifest) bool { return true }, take: func() { f.have = nil }})
	}
	return err
}
