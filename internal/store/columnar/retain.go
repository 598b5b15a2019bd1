package columnar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/journal"
)

// stock is what retention knows of a partition.
type stock struct {
	dataset string
	slot
	bytes int64
	last  bool // the youngest of its dataset, which goes by age alone
}

// planDrops says which partitions are to go: those whose every row is too old,
// then the oldest of each dataset that takes more than it may, then the oldest
// of all while the store takes more than most bytes (0: no bound).
func planDrops(all []stock, declared func(string) dataset.Retention, now, most int64) (drop []stock) {
	slices.SortFunc(all, func(a, b stock) int {
		return cmp.Or(cmp.Compare(a.end(), b.end()), compareText(a.dataset, b.dataset), cmp.Compare(a.start, b.start))
	})
	total, of := int64(0), map[string]int64{}
	for _, x := range all {
		total += x.bytes
		of[x.dataset] += x.bytes
	}
	take := func(due func(stock) bool) {
		all = slices.DeleteFunc(all, func(x stock) bool {
			if !due(x) {
				return false
			}
			total -= x.bytes
			of[x.dataset] -= x.bytes
			drop = append(drop, x)
			return true
		})
	}
	take(func(x stock) bool {
		age := int64(declared(x.dataset).Age)
		return age > 0 && x.end() <= now-age
	})
	take(func(x stock) bool {
		bound := declared(x.dataset).Bytes
		return bound > 0 && of[x.dataset] > bound && !x.last && x.bytes > 0
	})
	take(func(x stock) bool { return most > 0 && total > most && !x.last && x.bytes > 0 })
	return drop
}

// retain drops the partitions that retention asks for.
func (s *Store) retain(ctx context.Context) error {
	failed := s.shrinkLog(ctx)
	now := s.clock.age(s.opts.Now().UnixNano())
	drop := planDrops(s.stock(), func(name string) dataset.Retention { return s.declared(name).Retention }, now, s.mostBytes())
	for _, x := range drop {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.drop(x); err != nil {
			failed = errors.Join(failed, fmt.Errorf("drop partition %s of dataset %s: %w", x.folder(), x.dataset, err))
		}
	}
	if len(drop) > 0 {
		failed = errors.Join(failed, s.trim())
	}
	return failed
}

func (s *Store) stock() []stock {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []stock
	for _, f := range s.shelves {
		for i, p := range f.partitions {
			x := stock{dataset: f.name, slot: p.slot, last: i == len(f.partitions)-1}
			for _, part := range p.parts {
				x.bytes += part.bytes
			}
			all = append(all, x)
		}
	}
	return all
}

// shrinkLog lets a store that takes more than it may do with less log, before
// any line goes: what the log holds beyond its bound is sealed, and its free
// files are removed.
func (s *Store) shrinkLog(ctx context.Context) error {
	total := int64(0)
	for _, x := range s.stock() {
		total += x.bytes
	}
	if most := s.mostBytes(); most == 0 || total <= most {
		return nil
	}
	return errors.Join(s.sealDue(ctx), s.wal.Shed())
}

// mostBytes is what parts may take on the volume; 0: no bound.
func (s *Store) mostBytes() int64 {
	space, err := s.fs.Free(s.dir)
	if s.opts.DiskShare < 0 || err != nil || space.Total <= 0 {
		return 0
	}
	return max(1, int64(float64(space.Total)*s.opts.DiskShare)-s.wal.Size())
}

// drop takes a partition away whole: out of the manifest, out of sight, and
// then, when nobody reads it any more, off the disk. Rows of its slot that
// come meanwhile make a new one.
func (s *Store) drop(x stock) error {
	s.sealing.Lock()
	defer s.sealing.Unlock()
	s.mu.Lock()
	f := s.shelves[x.dataset]
	i, found := f.find(x.slot)
	if !found {
		s.mu.Unlock()
		return nil
	}
	p := f.partitions[i]
	if p.open.rows > 0 {
		p.freeze()
	}
	frozen, mark := slices.Clone(p.frozen), s.published
	s.mu.Unlock()
	disk.Point(s.fs, "columnar.drop")
	_, err := s.commit(f, change{
		edit: func(m *manifest) bool {
			m.slots = slices.DeleteFunc(m.slots, func(e slotEntry) bool { return e.slot == p.slot })
			m.graves = s.graves(m.graves, grave{p.slot, mark})
			return true
		},
		take: func() { s.takeAway(f, p, frozen, mark) },
	})
	if err == nil {
		disk.Point(s.fs, "columnar.dropped")
		s.counts.drops.Add(1)
		s.opts.Log.Info("a partition was dropped by retention", "dataset", f.name, "partition", p.folder, "bytes", x.bytes)
	}
	return err
}

// graves are the graves that the log can still bring rows of, and one more.
func (s *Store) graves(list []grave, add grave) []grave {
	first, _ := s.wal.Span()
	list = slices.DeleteFunc(slices.Clone(list), func(g grave) bool { return g.slot == add.slot || g.mark < first })
	return append(list, add)
}

// takeAway is what dropping does in memory. Store.mu is held.
func (s *Store) takeAway(f *shelf, p *partition, frozen []*buffer, mark journal.Position) {
	for _, b := range frozen {
		s.buffered -= b.bytes
	}
	p.frozen = slices.Clone(p.frozen[len(frozen):])
	for _, x := range p.parts {
		s.retire(f, x)
	}
	p.parts = nil
	p.mark = mark
	f.graves = s.graves(f.graves, grave{p.slot, mark})
	if p.open.rows > 0 || len(p.frozen) > 0 {
		return // rows came meanwhile: the partition begins anew
	}
	i, _ := f.find(p.slot)
	f.partitions = slices.Delete(f.partitions, i, i+1)
	f.empty = append(f.empty, p.folder)
}

// tidy removes the folders of partitions that are gone, once nothing lies in
// them any more.
func (s *Store) tidy() {
	s.sealing.Lock() // nobody makes a part in a folder that is about to go
	defer s.sealing.Unlock()
	if n := s.counts.seals.Load(); n == s.tidied {
		s.tools = nil
	} else {
		s.tidied = n
	}
	s.mu.RLock()
	empty := map[*shelf][]string{}
	for _, f := range s.shelves {
		for _, name := range f.empty {
			if !slices.ContainsFunc(f.partitions, func(p *partition) bool { return p.folder == name }) {
				empty[f] = append(empty[f], name)
			}
		}
	}
	s.mu.RUnlock()
	for f, list := range empty {
		for _, name := range list {
			dir := path.Join(f.dir, name)
			if infos, err := s.fs.List(dir); err == nil && len(infos) > 0 || err == nil && s.fs.Remove(dir) != nil {
				continue
			}
			disk.Point(s.fs, "columnar.tidied")
			s.mu.Lock()
			f.empty = slices.DeleteFunc(f.empty, func(o string) bool { return o == name })
			s.mu.Unlock()
		}
	}
}

// ahead makes the folders of the present period and of the next one, so that
// no line waits for a folder at the turn of the hour.
func (s *Store) ahead() error {
	now := s.opts.Now().UnixNano()
	s.mu.RLock()
	shelves := make([]*shelf, 0, len(s.shelves))
	for _, f := range s.shelves {
		shelves = append(shelves, f)
	}
	s.mu.RUnlock()
	var failed error
	for _, f := range shelves {
		period := s.declared(f.name).Period
		at := slotOf(now, period)
		for _, x := range [...]slot{at, slotOf(at.end(), period)} {
			failed = errors.Join(failed, s.makeAhead(f, x))
		}
		s.mu.Lock()
		f.forgetMade(at.start)
		s.mu.Unlock()
	}
	return failed
}

func (s *Store) makeAhead(f *shelf, at slot) error {
	s.mu.RLock()
	made := slices.Contains(f.made, at)
	s.mu.RUnlock()
	if made {
		return nil
	}
	if err := s.fs.MkdirAll(path.Join(f.dir, at.folder())); err != nil {
		return fmt.Errorf("make partition %s of dataset %s: %w", at.folder(), f.name, err)
	}
	disk.Point(s.fs, "columnar.ahead")
	s.mu.Lock()
	defer s.mu.Unlock()
	f.made = append(f.made, at)
	return nil
}

// forgetMade forgets the folders of slots that are over; those in which
// nothing came may go. Store.mu is held.
func (f *shelf) forgetMade(now int64) {
	f.made = slices.DeleteFunc(f.made, func(at slot) bool {
		if at.end() > now {
			return false
		}
		if f.partitionAt(at) == nil {
			f.empty = append(f.empty, at.folder())
		}
		return true
	})
}
