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
	m := merge{w: NewWriter(out, dataset), end: math.MinInt64}
	m.copier = copier{m.w, map[knownDict][]uint32{}}
	if err := m.collect(parts); err != nil {
		return Meta{}, fmt.Errorf("merge %d parts: %w", len(parts), err)
	}
	if err := m.run(); err != nil {
		return Meta{}, fmt.Errorf("merge %d parts: %w", len(parts), err)
	}
	return m.w.Finish()
}

// merge walks over the groups of all parts by the time they begin. A large
// group that overlaps no other is copied. The rows of the others are held until
// no later group can come before them, and until they fill a group.
type merge struct {
	w      *Writer
	copier copier
	groups []source
	held   []*row.Batch // rows not yet written
	rows   int          // in held
	end    int64        // the latest time of the groups so far
	ending *Part        // whose time that is; nil when several parts share it
}

const (
	// holdRows is how many rows are held before the finished ones are written.
	// More at a time sort and join at less cost a row, and take more memory.
	holdRows = 2 * GroupRows
	// copyRows is the size from which a group is worth keeping as it is.
	copyRows = GroupRows / 2
	// leastRows is the size below which the rows held are joined with a group
	// that could be copied, rather than left as a group of their own.
	leastRows = PageRows
)

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
		alone := m.alone(i)
		m.extend(s)
		if alone && (m.rows == 0 || m.rows >= leastRows) {
			if err := m.copy(s); err != nil {
				return err
			}
			continue
		}
		if err := m.take(s); err != nil {
			return err
		}
		if m.rows >= holdRows && i+1 < len(m.groups) {
			if err := m.write(m.groups[i+1].MinTime); err != nil {
				return err
			}
		}
	}
	return m.flush()
}

// extend notes how far the groups so far reach.
func (m *merge) extend(s source) {
	switch {
	case s.MaxTime > m.end:
		m.end, m.ending = s.MaxTime, s.part
	case s.MaxTime == m.end && m.ending != s.part:
		m.ending = nil
	}
}

// alone reports whether group i is large and shares no time with another.
func (m *merge) alone(i int) bool {
	s := m.groups[i]
	if s.Rows < copyRows || m.end > s.MinTime || m.end == s.MinTime && m.ending != s.part {
		return false
	}
	for _, o := range m.groups[i+1:] {
		if o.MinTime > s.MaxTime {
			break
		}
		if o.part != s.part {
			return false
		}
	}
	return true
}

// copy copies a group after the rows held, which all come before it.
func (m *merge) copy(s source) error {
	if err := m.flush(); err != nil {
		return err
	}
	g, err := s.part.Group(s.index)
	if err != nil {
		return err
	}
	return m.copier.copy(g)
}

// flush writes all rows held, in groups of about the same size.
func (m *merge) flush() error {
	if m.rows == 0 {
		return nil
	}
	b := Sorted(Concat(m.held...))
	n := (b.Len + GroupRows - 1) / GroupRows
	for i := range n {
		if err := m.w.AddGroup(b.Slice(b.Len*i/n, b.Len*(i+1)/n)); err != nil {
			return err
		}
	}
	m.held, m.rows = nil, 0
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
// groups.
func (m *merge) write(next int64) error {
	b := Sorted(Concat(m.held...))
	final, at := older(b, next), 0
	for ; final-at >= GroupRows; at += GroupRows {
		if err := m.w.AddGroup(b.Slice(at, at+GroupRows)); err != nil {
			return err
		}
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
