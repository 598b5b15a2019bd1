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
	batches := make([]*row.Batch, len(chunks))
	for i, c := range chunks {
		batches[i] = c.batch
	}
	if s.tools == nil {
		s.tools = new(colfile.Tools)
	}
	return s.writePart(f, x, batches)
}

// writePart writes rows as a part. What a part cannot hold, because senders
// made up too many fields, becomes two.
func (s *Store) writePart(f *shelf, x *sealed, batches []*row.Batch) error {
	number := s.nextPart(f)
	made := s.newPart(f, x.p.folder, facts{number: number})
	x.parts = append(x.parts, made)
	meta, err := s.createPart(path.Join(f.dir, x.p.folder), made.path, func(out io.Writer) (colfile.Meta, error) {
		w := s.tools.Writer(out, f.name)
		for _, group := range groups(batches) {
			if err := w.AddGroup(colfile.Sorted(s.tools.Concat(group...))); err != nil {
				return colfile.Meta{}, err
			}
		}
		return w.Finish()
	})
	if fault.Is(err, fault.Invalid) && lenOf(batches) > 1 {
		x.parts = x.parts[:len(x.parts)-1]
		s.spoil(f, made)
		for _, half := range halved(batches) {
			if err := s.writePart(f, x, half); err != nil {
				return err
			}
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", made.path, err)
	}
	made.facts = factsOf(number, meta)
	return nil
}

// groupPlaces of a row group are some sixty megabytes of columns: 65,536 rows of 128
// fields. A group of batches that share few fields has no more.
const groupPlaces = 8 << 20

// groups divides batches into row groups of about the same size.
func groups(batches []*row.Batch) (out [][]*row.Batch) {
	all := lenOf(batches)
	even := all / ((all + colfile.GroupRows - 1) / colfile.GroupRows)
	from, rows := 0, 0
	var fields colfile.Union
	for i, b := range batches {
		fields.Add(b)
		if i > from && (rows >= even || rows+b.Len > colfile.GroupRows || fields.Sparse(groupPlaces)) {
			out = append(out, batches[from:i])
			from, rows, fields = i, 0, colfile.Union{}
			fields.Add(b)
		}
		rows += b.Len
	}
	return append(out, batches[from:])
}

// halved divides batches, or a single one.
func halved(batches []*row.Batch) [2][]*row.Batch {
	if n := len(batches) / 2; n > 0 {
		return [2][]*row.Batch{batches[:n], batches[n:]}
	}
	b := batches[0]
	return [2][]*row.Batch{{narrowed(b.Slice(0, b.Len/2))}, {narrowed(b.Slice(b.Len/2, b.Len))}}
}

func lenOf(batches []*row.Batch) (n int) {
	for _, b := range batches {
		n += b.Len
	}
	return n
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
