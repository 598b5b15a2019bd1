package columnar

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
	"sort"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// rank is where a row stands in the order in which lines are shown: the
// newest first, of one time by dataset, and then the one that came last.
type rank struct {
	time    int64
	dataset string
	seq     int64
}

// before reports whether a row is shown before another.
func (r rank) before(o rank) bool {
	return cmp.Or(cmp.Compare(o.time, r.time), compareText(r.dataset, o.dataset), cmp.Compare(o.seq, r.seq)) < 0
}

// cursor stands before a row of an opened item, the rows behind it being shown
// already.
type cursor struct {
	it    item
	found found
	rows  []uint32 // found, in the order of (_time, _seq): the last is shown first
	left  int      // of rows, not shown yet

	// Of the rows from ≤ i < left times are known before the fields asked are
	// decoded: which rows come first is seen of parts that none is shown of.
	from     int
	times    []int64
	seqs     []int64
	ahead    row.Bitmap // these rows, as those of the group
	known    row.Batch  // of a group: what times and seqs were read from
	page     *row.Batch
	nextPage int
}

func (c *cursor) rank(i int) rank { return rank{c.times[i-c.from], c.it.view.Name, c.seqs[i-c.from]} }
func (c *cursor) head() rank      { return c.rank(c.left - 1) }

// cursors is a heap, the one whose row is shown next on top.
type cursors []*cursor

func (h cursors) Len() int           { return len(h) }
func (h cursors) Less(i, j int) bool { return h[i].head().before(h[j].head()) }
func (h cursors) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *cursors) Push(x any)        { *h = append(*h, x.(*cursor)) }
func (h *cursors) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// runner-up is the cursor that comes after the one on top.
func (h cursors) runnerUp() *cursor {
	switch {
	case len(h) < 2:
		return nil
	case len(h) == 2 || h.Less(1, 2):
		return h[1]
	}
	return h[2]
}

// newest is the stream of a question that wants its rows newest first. Items
// are opened when the stream reaches their time, so that one with a limit
// opens few.
func (s *Store) newest(ctx context.Context, snap *snapshot, will *scan.Scan, read *scan.Read) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		defer snap.ended()
		m := &merger{lane: newLane(ctx, s, will, read), closed: snap.items, left: will.Limit}
		slices.SortFunc(m.closed, byEnd)
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			b := m.next()
			if b == nil || !yield(b, nil) {
				return
			}
			if will.Limit > 0 {
				if m.left -= b.Len; m.left <= 0 {
					return
				}
			}
		}
	}
}

// merger puts the rows of many items in order.
type merger struct {
	*lane
	closed []item // not opened yet, the newest last
	open   cursors
	left   int // rows wanted, when there is a limit
	rows   gathered
}

const (
	// patience is how many items are opened for a batch that has rows already:
	// what is found is shown soon.
	patience = 8
	// enough rows are shown before another item is opened.
	enough = 32
)

// next is the next rows to be shown; nil when there are none.
func (m *merger) next() *row.Batch {
	most := lastPage
	if m.will.Limit > 0 {
		most = min(most, m.left)
	}
	opened := 0
	for m.rows.n < most && !m.rows.sparse() {
		if m.far() {
			if m.rows.n >= enough || m.rows.n > 0 && opened >= patience {
				break
			}
			opened++
			m.reach()
			continue
		}
		if len(m.open) == 0 {
			break
		}
		c := m.open[0]
		if c.page == nil && !m.turn(c) {
			heap.Pop(&m.open) // damaged: its rows are left out
			continue
		}
		m.rows.add(c, min(m.run(c), most-m.rows.n))
		if m.will.Limit > 0 && m.rows.n == m.left {
			break // nothing is asked any more
		}
		if c.left == 0 || c.left == c.from && !m.look(c) {
			heap.Pop(&m.open)
		} else {
			heap.Fix(&m.open, 0)
		}
	}
	return m.rows.take(m.will.All || slices.Contains(m.will.Fields, row.FieldDataset))
}

// far reports whether an item must be opened to know which row is next.
func (m *merger) far() bool {
	n := len(m.closed)
	return n > 0 && (len(m.open) == 0 || m.open[0].head().time <= m.closed[n-1].maxTime)
}

// reach opens the item that begins next.
func (m *merger) reach() {
	n := len(m.closed) - 1
	it := m.closed[n]
	m.closed = m.closed[:n]
	if it.part != nil && it.group == wholePart {
		groups := m.groupsOf(&it)
		m.closed = slices.Grow(m.closed, len(groups))
		for _, g := range groups {
			at := sort.Search(len(m.closed), func(i int) bool { return m.closed[i].maxTime >= g.maxTime })
			m.closed = slices.Insert(m.closed, at, g)
		}
		return
	}
	m.newest = m.left
	f, err := m.find(&it)
	m.count()
	if err != nil {
		m.damaged(&it, err)
		return
	}
	if f.n == 0 {
		return
	}
	c := &cursor{it: it, found: f, left: f.n, nextPage: firstPage}
	if f.group != nil {
		c.rows = rowsOf(f.rows, f.n)
	} else {
		c.sort()
	}
	if m.look(c) {
		heap.Push(&m.open, c)
	}
}

func byEnd(a, b item) int { return cmp.Compare(a.maxTime, b.maxTime) }

// firstPage is how many rows are decoded first: as many as a screen shows.
// Every further page of an item is larger, up to lastPage.
const (
	firstPage = 128
	lastPage  = 8192
)

// look reads the times of the next rows of a cursor; false when they cannot be
// read.
func (m *merger) look(c *cursor) bool {
	n := min(c.nextPage, c.left)
	if m.will.Limit > 0 {
		n = min(n, m.left)
	}
	c.nextPage = min(4*c.nextPage, lastPage)
	c.from = c.left - n
	c.times, c.seqs = make([]int64, 0, n), make([]int64, 0, n)
	if b := c.found.batch; b != nil {
		times, seqs := b.Col(row.FieldTime).Nums, b.Col(row.FieldSeq).Nums
		for _, i := range c.rows[c.from:c.left] {
			c.times, c.seqs = append(c.times, times[i]), append(c.seqs, seqs[i])
		}
		return true
	}
	c.ahead = row.NewBitmap(c.found.group.Rows)
	for _, i := range c.rows[c.from:c.left] {
		c.ahead.Set(int(i))
	}
	c.known = row.Batch{} // what it held is part of a page
	err := c.found.group.BatchInto(&c.known, []string{row.FieldTime, row.FieldSeq}, c.ahead, &m.use)
	if err == nil {
		c.times, c.seqs = numbers(c.known.Col(row.FieldTime), n), numbers(c.known.Col(row.FieldSeq), n)
	}
	m.count()
	if err != nil {
		m.damaged(&c.it, err)
	}
	return err == nil
}

// rowsOf is a set as a list; nil stands for all of n rows.
func rowsOf(set row.Bitmap, n int) []uint32 {
	if set == nil {
		set = row.FullBitmap(n)
	}
	return set.Append(make([]uint32, 0, n))
}

// numbers are the numbers of a column in which every row has one.
func numbers(c *row.Column, n int) []int64 {
	if c.Kind != row.Const {
		return c.Nums
	}
	nums := make([]int64, n)
	for i := range nums {
		nums[i] = c.One.Nums()
	}
	return nums
}

// sort puts the rows of a buffer in order.
func (c *cursor) sort() {
	b := c.found.batch
	times, seqs := b.Col(row.FieldTime).Nums, b.Col(row.FieldSeq).Nums
	c.rows = rowsOf(c.found.rows, b.Len)
	slices.SortFunc(c.rows, func(i, j uint32) int {
		return cmp.Or(cmp.Compare(times[i], times[j]), cmp.Compare(seqs[i], seqs[j]))
	})
}

// turn decodes the rows of a cursor whose times are known; false when they
// cannot be read.
func (m *merger) turn(c *cursor) (ok bool) {
	if c.found.group == nil {
		c.page = m.asked(c.it.view, c.found.batch).Pick(c.rows[c.from:c.left])
		return true
	}
	var err error
	c.page, err = m.columns(c.it.view, &c.found, c.ahead, c.known.Cols...)
	m.count()
	if err != nil {
		m.damaged(&c.it, err)
	}
	return err == nil
}

// run is how many rows of the cursor on top come before any other's.
func (m *merger) run(c *cursor) int {
	most := c.left - c.from
	if m.will.Limit > 0 {
		most = min(most, m.left)
	}
	other, closed := m.open.runnerUp(), (*item)(nil)
	if n := len(m.closed); n > 0 {
		closed = &m.closed[n-1]
	}
	n := 1
	for n < most {
		r := c.rank(c.left - 1 - n)
		if other != nil && !r.before(other.head()) || closed != nil && r.time <= closed.maxTime {
			break
		}
		n++
	}
	return n
}
