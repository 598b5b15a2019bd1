package colfile

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Merge writes the rows of parts as one part, in the order of (_time, _seq).
// The parts are of one dataset and stay as they are. After an error what was
// written is worth nothing.
func Merge(out io.Writer, dataset string, parts ...*Part) (Meta, error) {
	m := merge{w: NewWriter(out, dataset)}
	if err := m.collect(parts); err != nil {
		return Meta{}, fmt.Errorf("merge %d parts: %w", len(parts), err)
	}
	if err := m.run(); err != nil {
		return Meta{}, fmt.Errorf("merge %d parts: %w", len(parts), err)
	}
	return m.w.Finish()
}

// merge walks over the groups of all parts by the time they begin. Rows are
// held until no later group can come before them, and until they fill a group.
type merge struct {
	w      *Writer
	groups []source
	held   []*row.Batch // rows not yet written
	rows   int          // in held
}

// holdRows is how many rows are held before the finished ones are written. More
// at a time sort and join at less cost a row, and take more memory.
const holdRows = 2 * GroupRows

// source is a group to be merged.
type source struct {
	part  *Part
	index int
	Span
}

func (m *merge) collect(parts []*Part) error {
	for _, p := range parts {
		spans, err := p.Spans()
		if err != nil {
			return err
		}
		for i, s := range spans {
			m.groups = append(m.groups, source{p, i, s})
		}
	}
	slices.SortStableFunc(m.groups, func(a, b source) int {
		return cmp.Or(cmp.Compare(a.MinTime, b.MinTime), cmp.Compare(a.MinSeq, b.MinSeq))
	})
	return nil
}

func (m *merge) run() error {
	for i, s := range m.groups {
		if err := m.take(s); err != nil {
			return err
		}
		last := i+1 == len(m.groups)
		if m.rows < holdRows && !last {
			continue
		}
		next := int64(math.MaxInt64)
		if !last {
			next = m.groups[i+1].MinTime
		}
		if err := m.write(next, last); err != nil {
			return err
		}
	}
	return nil
}

// take reads a group.
func (m *merge) take(s source) error {
	g, err := s.part.Group(s.index)
	if err != nil {
		return err
	}
	b, err := g.Batch(nil, nil, nil)
	if err != nil {
		return err
	}
	m.held = append(m.held, b)
	m.rows += b.Len
	return nil
}

// write writes the rows held that no group to come can precede, in whole
// groups; what does not fill one only at the end.
func (m *merge) write(next int64, last bool) error {
	b := Sorted(Concat(m.held...))
	final, at := b.Len, 0
	if !last {
		final = older(b, next)
	}
	for final-at >= GroupRows || last && at < final {
		n := min(GroupRows, final-at)
		if err := m.w.AddGroup(b.Slice(at, at+n)); err != nil {
			return err
		}
		at += n
	}
	b = b.Slice(at, b.Len)
	m.held, m.rows = []*row.Batch{b}, b.Len
	return nil
}

// older is how many of the rows are older than t.
func older(b *row.Batch, t int64) int {
	times, _ := numbersOf(b.Col(row.FieldTime), row.Time, b.Len)
	at, _ := slices.BinarySearch(times, t)
	return at
}

// Sorted returns the batch in the order of (_time, _seq); the batch itself when
// it is in that order. Rows without a time stay where they are, before all
// others.
func Sorted(b *row.Batch) *row.Batch {
	times, ok := numbersOf(b.Col(row.FieldTime), row.Time, b.Len)
	if !ok {
		return b
	}
	seqs, hasSeq := numbersOf(b.Col(row.FieldSeq), row.Int, b.Len)
	if !hasSeq {
		seqs = make([]int64, b.Len)
	}
	order := func(i, k uint32) int {
		return cmp.Or(cmp.Compare(times[i], times[k]), cmp.Compare(uint64(seqs[i]), uint64(seqs[k])))
	}
	rows := make([]uint32, b.Len)
	for i := range rows {
		rows[i] = uint32(i)
	}
	if slices.IsSortedFunc(rows, order) {
		return b
	}
	slices.SortStableFunc(rows, order)
	return b.Pick(rows)
}
