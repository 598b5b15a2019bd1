package columnar

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// job is one merge: parts of a partition that are to become one.
type job struct {
	f     *shelf
	p     *partition
	parts []*part
}

// merge puts small parts together until the plan asks for nothing more.
func (s *Store) merge(ctx context.Context, rest bool) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	for {
		if s.state.admit(s) != nil {
			return nil // merges need room, and have time
		}
		jobs := s.jobs(rest)
		if len(jobs) == 0 {
			return nil
		}
		for i, j := range jobs {
			err := ctx.Err()
			if err == nil {
				err = s.mergeParts(ctx, j)
			}
			s.letGoOf(j)
			if err != nil {
				for _, j := range jobs[i+1:] {
					s.letGoOf(j)
				}
				return err
			}
		}
	}
}

func (s *Store) letGoOf(j job) {
	for _, x := range j.parts {
		s.leave(x)
	}
}

// restAfter its end a partition in whose buffer nothing is counts as at rest.
const restAfter = 10 * time.Minute

// jobs plans the merges of all partitions and keeps their parts. Damaged parts
// stay as they are.
func (s *Store) jobs(rest bool) []job {
	over := s.opts.Now().Add(-restAfter).UnixNano()
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []job
	for _, f := range s.shelves {
		for _, p := range f.partitions {
			if len(p.parts) < 2 {
				continue
			}
			out = append(out, p.jobs(f, rest || p.end() < over && p.open.rows == 0)...)
		}
	}
	return out
}

func (p *partition) jobs(f *shelf, rest bool) []job {
	var sound []*part
	var list []facts
	for _, x := range p.parts {
		if !x.damaged.Load() {
			sound, list = append(sound, x), append(list, x.facts)
		}
	}
	var out []job
	for _, places := range planMerges(list, rest) {
		j := job{f: f, p: p}
		for _, i := range places {
			sound[i].enter()
			j.parts = append(j.parts, sound[i])
		}
		out = append(out, j)
	}
	return out
}

// mergeParts writes one part out of several and puts it in their place.
func (s *Store) mergeParts(ctx context.Context, j job) error {
	disk.Point(s.fs, "columnar.merge")
	made, err := s.writeMerged(ctx, j)
	if err != nil {
		s.spoil(j.f, made)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.excuse(j, err)
	}
	done, err := s.commit(j.f, change{
		edit: func(m *manifest) bool { return m.replace(j, made.facts) },
		take: func() {
			j.p.parts = append(slices.DeleteFunc(slices.Clone(j.p.parts), func(x *part) bool { return slices.Contains(j.parts, x) }), made)
			for _, x := range j.parts {
				s.retire(j.f, x)
			}
		},
		made: []string{made.path},
	})
	disk.Point(s.fs, "columnar.merged")
	if done {
		s.partials.carry(j.parts, made)
		s.counts.merges.Add(1)
	}
	return err
}

func (s *Store) writeMerged(ctx context.Context, j job) (*part, error) {
	number := s.nextPart(j.f)
	made := s.newPart(j.f, j.p.folder, facts{number: number})
	open := make([]*colfile.Part, len(j.parts))
	rows := int64(0)
	for i, x := range j.parts {
		var err error
		if open[i], err = s.reader(x); err != nil {
			return made, err
		}
		rows += x.rows
	}
	meta, err := s.createPart(path.Join(j.f.dir, j.p.folder), made.path, func(out io.Writer) (colfile.Meta, error) {
		return colfile.Merge(stoppable{ctx, out}, j.f.name, open...)
	})
	if err == nil && meta.Rows != rows {
		err = fault.New(fault.Corrupt, "%d rows came out of a merge of %d", meta.Rows, rows)
	}
	if err != nil {
		return made, err
	}
	made.facts = factsOf(number, meta)
	return made, nil
}

// spoil leaves a file that nothing refers to for the next commit to remove.
func (s *Store) spoil(f *shelf, made *part) {
	f.committing.Lock()
	defer f.committing.Unlock()
	f.litter = append(f.litter, made.path)
}

// stoppable is a writer that ends with a context: nobody waits for a merge when
// the store is to be closed.
type stoppable struct {
	ctx context.Context
	out io.Writer
}

func (w stoppable) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.out.Write(p)
}

// excuse looks for the parts that are to blame for a failed merge, which are
// not merged any more; it gives the error back when it is worth trying again.
func (s *Store) excuse(j job, err error) error {
	if disk.Full(err) {
		return fmt.Errorf("merge parts of dataset %s: %w", j.f.name, err)
	}
	blamed := false
	for _, x := range j.parts {
		open, bad := s.reader(x)
		if bad == nil {
			bad = colfile.Verify(open)
		}
		if bad != nil {
			blamed = true
			s.partDamaged(x, wholePart, wholePart+1, bad)
		}
	}
	switch {
	case blamed:
		return nil
	case !fault.Is(err, fault.Corrupt) && !fault.Is(err, fault.Invalid):
		return fmt.Errorf("merge parts of dataset %s: %w", j.f.name, err)
	}
	// Sound one by one, they do not go together: too many fields, too much text.
	s.opts.Log.Warn("parts cannot be merged and stay as they are", "dataset", j.f.name, "error", err)
	for _, x := range j.parts {
		x.damaged.Store(true)
	}
	return nil
}

// replace puts a merged part in the place of others; false when one of them is
// gone by now.
func (m *manifest) replace(j job, made facts) bool {
	i := slices.IndexFunc(m.slots, func(e slotEntry) bool { return e.slot == j.p.slot })
	if i < 0 {
		return false
	}
	e := &m.slots[i]
	left := slices.DeleteFunc(slices.Clone(e.parts), func(f facts) bool {
		return slices.ContainsFunc(j.parts, func(x *part) bool { return x.number == f.number })
	})
	if len(left) != len(e.parts)-len(j.parts) {
		return false
	}
	e.parts = append(left, made)
	return true
}
