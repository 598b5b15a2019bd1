package columnar

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// writeParts writes the rows of a partition's frozen buffers and makes them
// durable.
func (s *Store) writeParts(f *shelf, x *sealed) error {
	var chunks []*chunk
	for _, b := range x.buffers {
		chunks = append(chunks, b.chunks...)
	}
	// Senders come in turns, each with lines in their order: joined by time, all
	// rows mostly are in order, and need not be moved once more.
	slices.SortStableFunc(chunks, func(a, b *chunk) int { return cmp.Compare(a.minTime, b.minTime) })
	return s.writePart(f, x, colfile.Sorted(joined(chunks)))
}

// writePart writes rows as a part. What a part cannot hold, because senders
// made up too many fields, becomes two.
func (s *Store) writePart(f *shelf, x *sealed, rows *row.Batch) error {
	number := s.nextPart(f)
	made := s.newPart(f, x.p.folder, facts{number: number})
	x.parts = append(x.parts, made)
	meta, err := s.createPart(path.Join(f.dir, x.p.folder), made.path, func(out io.Writer) (colfile.Meta, error) {
		w := colfile.NewWriter(out, f.name)
		n := (rows.Len + colfile.GroupRows - 1) / colfile.GroupRows
		for i := range n { // groups of even size
			if err := w.AddGroup(rows.Slice(rows.Len*i/n, rows.Len*(i+1)/n)); err != nil {
				return colfile.Meta{}, err
			}
		}
		return w.Finish()
	})
	if fault.Is(err, fault.Invalid) && rows.Len > 1 {
		x.parts = x.parts[:len(x.parts)-1]
		s.spoil(f, made)
		half := rows.Len / 2
		if err := s.writePart(f, x, narrowed(rows.Slice(0, half))); err != nil {
			return err
		}
		return s.writePart(f, x, narrowed(rows.Slice(half, rows.Len)))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", made.path, err)
	}
	made.facts = factsOf(number, meta)
	return nil
}

// narrowed is the batch without the columns in which no row has a value.
func narrowed(b *row.Batch) *row.Batch {
	out := &row.Batch{Dataset: b.Dataset, Len: b.Len}
	for _, c := range b.Cols {
		if c.Present(b.Len).Any() {
			out.Cols = append(out.Cols, c)
		}
	}
	return out
}

// nextPart gives a number to a part that is to be written. A number is never
// given twice, for a manifest that may be on disk may name the file.
func (s *Store) nextPart(f *shelf) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.nextPart++
	return f.nextPart - 1
}

func factsOf(number uint64, m colfile.Meta) facts {
	return facts{
		number: number, rows: m.Rows, groups: m.Groups, bytes: m.Bytes,
		minTime: m.MinTime, maxTime: m.MaxTime, minSeq: int64(m.MinSeq), maxSeq: int64(m.MaxSeq),
	}
}

// writeBytes are gathered before they go to the file.
const writeBytes = 256 << 10

// createPart writes a file of a part durably, its name too.
func (s *Store) createPart(dir, name string, fill func(io.Writer) (colfile.Meta, error)) (meta colfile.Meta, err error) {
	if err := s.fs.MkdirAll(dir); err != nil {
		return meta, err
	}
	file, err := s.fs.Create(name)
	if err != nil {
		return meta, err
	}
	disk.Point(s.fs, "columnar.part-made")
	out := bufio.NewWriterSize(io.NewOffsetWriter(file, 0), writeBytes)
	if meta, err = fill(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		disk.Point(s.fs, "columnar.part-filled")
		err = file.Sync()
	}
	disk.Point(s.fs, "columnar.part-written")
	if err = errors.Join(err, file.Close()); err != nil {
		return meta, err
	}
	if err := s.fs.SyncDir(dir); err != nil {
		return meta, err
	}
	disk.Point(s.fs, "columnar.part-synced")
	return meta, nil
}
