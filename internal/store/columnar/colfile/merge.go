package colfile

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Merge writes the rows of parts as one part. The parts are of one dataset and
// stay as they are. After an error what was written is worth nothing.
func Merge(out io.Writer, dataset string, parts ...*Part) (Meta, error) {
	m := merge{w: NewWriter(out, dataset)}
	m.copier = copier{m.w}
	if err := m.collect(parts); err != nil {
		return Meta{}, fmt.Errorf("merge %d parts: %w", len(parts), err)
	}
	if err := m.run(); err != nil {
		return Meta{}, fmt.Errorf("merge %d parts: %w", len(parts), err)
	}
	return m.w.Finish()
}

// merge walks over the groups of all parts by the time they begin. A large
// group is copied, unless it lies where too many share their time. The rows of
// the others are held until no later group can come before them, and until
// they fill a group.
type merge struct {
	w      *Writer
	copier copier
	groups []source
	held   []*row.Batch // rows not yet written
	rows   int          // in held
	fields Union        // of held
}

const (
	// holdRows is how many rows are held before the finished ones are written.
	// More at a time sort and join at less cost a row, and take more memory.
	holdRows = 2 * GroupRows
	// holdPlaces of columns are the most where groups share few fields; what is held is
	// written before they are more.
	holdPlaces = 8 << 20
	// copyRows is the size from which a group is worth keeping as it is. Wide
	// lines are sealed long before they are so many, and by copyBytes are as
	// much as some ten thousand others.
	copyRows  = GroupRows / 2
	copyBytes = 1 << 20
	// leastRows is the size below which the rows held are joined with a group
	// that could be copied, rather than left as a group of their own.
	leastRows = PageRows
	// mostDeep is how many groups may cover one moment before they are sorted
	// into each other. Senders that lag some seconds let each group reach into
	// its neighbours, and a few old lines let one lie across many: to write all
	// of them anew would cost more than the group or two that a question about
	// a moment reads in vain.
	mostDeep = 3
)

// source is a group to be merged.
type source struct {
	part  *Part
	index int
	Span
	bytes   int64 // about; parts say only what all groups take together
	tangled bool  // it shares a moment with too many others
}

func (m *merge) collect(parts []*Part) error {
	for _, p := range parts {
		spans, err := p.Spans()
		if err != nil {
			return err
		}
		for i, s := range spans {
			bytes := p.meta.Bytes * int64(s.Rows) / max(p.meta.Rows, 1)
			m.groups = append(m.groups, source{part: p, index: i, Span: s, bytes: bytes})
		}
	}
	slices.SortStableFunc(m.groups, func(a, b source) int { return a.compare(b.Span) })
	m.findTangled()
	return nil
}

// findTangled marks the groups that lie where more than mostDeep cover one
// moment. Groups that only touch do not count as covering it together.
func (m *merge) findTangled() {
	var open []int // groups that reach beyond the beginning of the present one
	for i, s := range m.groups {
		open = slices.DeleteFunc(open, func(k int) bool { return m.groups[k].MaxTime <= s.MinTime })
		if open = append(open, i); len(open) <= mostDeep {
			continue
		}
		for _, k := range open {
			m.groups[k].tangled = true
		}
	}
}

func (m *merge) run() error {
	for i, s := range m.groups {
		large := s.Rows >= copyRows || s.bytes >= copyBytes
		if large && !s.tangled && (m.rows == 0 || m.rows >= leastRows) && m.w.inner <= maxInner-mostInner {
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

// copy copies a group after those of the rows held that come before it.
func (m *merge) copy(s source) error {
	if m.rows > 0 {
		if err := m.release(s.MinTime); err != nil {
			return err
		}
	}
	g, err := s.part.Group(s.index)
	if err != nil {
		return err
	}
	return m.copier.copy(g)
}

// flush writes all rows held.
func (m *merge) flush() error {
	if m.rows == 0 {
		return nil
	}
	b := Sorted(Concat(m.held...))
	return m.split(b, b.Len)
}

// add writes rows in groups of about the same size.
func (m *merge) add(b *row.Batch) error {
	n := (b.Len + GroupRows - 1) / GroupRows
	for i := range n {
		if err := m.w.AddGroup(b.Slice(b.Len*i/n, b.Len*(i+1)/n)); err != nil {
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
	if m.fields.Add(b); m.fields.Sparse(holdPlaces) {
		if err := m.flush(); err != nil {
			return err
		}
		m.fields.Add(b)
	}
	m.held = append(m.held, b)
	m.rows += b.Len
	return nil
}

// write writes the rows held that no group to come can precede, in whole
// groups.
func (m *merge) write(next int64) error {
	b := Sorted(Concat(m.held...))
	final := older(b, next)
	return m.split(b, final-final%GroupRows)
}

// release writes the rows held that come before a group that is copied. Too few
// for a group of their own stay with the others, and the others with them.
func (m *merge) release(next int64) error {
	b := Sorted(Concat(m.held...))
	final := older(b, next)
	switch {
	case b.Len-final < leastRows:
		final = b.Len
	case final < leastRows:
		final = 0
	}
	return m.split(b, final)
}

// split writes the first n of the rows held, b, and holds on to the rest.
func (m *merge) split(b *row.Batch, n int) error {
	if n > 0 {
		if err := m.add(b.Slice(0, n)); err != nil {
			return err
		}
	}
	m.held, m.rows, m.fields = nil, b.Len-n, Union{}
	if m.rows > 0 {
		left := b.Slice(n, b.Len)
		m.held = []*row.Batch{left}
		m.fields.Add(left)
	}
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
