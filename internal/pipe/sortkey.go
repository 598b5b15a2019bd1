package pipe

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// sortRows is the order of the rows of b by these keys; rows that are equal
// stay in their order.
func sortRows(b *row.Batch, keys []sortKey) []uint32 {
	by := make(rowOrder, len(keys))
	for k, key := range keys {
		by[k] = newSortColumn(b.Col(key.field), b.Len, key.falling)
	}
	rows := allRows(b.Len)
	slices.SortFunc(rows, by.compare)
	return rows
}

// fewOf is the share of rows up to which choosing the first ones costs less
// than sorting all.
const fewOf = 8

// headRows is the first n of sortRows. When they are few, rows are held
// against the last of the best so far, and most of them are dropped at once.
func headRows(b *row.Batch, keys []sortKey, n int) []uint32 {
	if n == 0 || n > b.Len/fewOf {
		rows := sortRows(b, keys)
		return rows[:min(n, len(rows))]
	}
	best := chosen{by: make(rowOrder, len(keys)), rows: allRows(n)}
	for k, key := range keys {
		best.by[k] = plainSortColumn(b.Col(key.field), b.Len, key.falling)
	}
	heap.Init(&best)
	for i := n; i < b.Len; i++ {
		if best.by.compare(uint32(i), best.rows[0]) < 0 {
			best.rows[0] = uint32(i)
			heap.Fix(&best, 0)
		}
	}
	slices.SortFunc(best.rows, best.by.compare)
	return best.rows
}

// chosen is a heap of rows, the one that comes last on top.
type chosen struct {
	by   rowOrder
	rows []uint32
}

func (h *chosen) Len() int           { return len(h.rows) }
func (h *chosen) Less(i, j int) bool { return h.by.compare(h.rows[i], h.rows[j]) > 0 }
func (h *chosen) Swap(i, j int)      { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] }
func (h *chosen) Push(any)           {} // their number stays
func (h *chosen) Pop() any           { return nil }

// rowOrder compares rows of one batch, the first column being most important.
type rowOrder []sortColumn

// compare never finds two rows alike: those that are equal stay in their order.
func (by rowOrder) compare(x, y uint32) int {
	for k := range by {
		if c := by[k].compare(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(x, y)
}

// sortColumn is a column made ready to be compared: by numbers where its kind
// allows, else value by value.
type sortColumn struct {
	falling bool
	missing row.Bitmap // nil when no row is
	nums    []int64
	values  []row.Value // nil: those of col
	col     *row.Column
}

// newSortColumn is for many comparisons of each row.
func newSortColumn(c *row.Column, n int, falling bool) sortColumn {
	s := plainSortColumn(c, n, falling)
	if s.nums != nil {
		return s
	}
	if c.Kind == row.Dict {
		if s.nums = ranksOfTexts(c); s.nums != nil {
			return s
		}
	}
	s.values = make([]row.Value, n)
	for i := range s.values {
		s.values[i] = c.Value(i)
	}
	return s
}

// plainSortColumn is for about one comparison of each row.
func plainSortColumn(c *row.Column, n int, falling bool) sortColumn {
	s := sortColumn{falling: falling, col: c, nums: ranks(c, n)}
	if m := missing(c, n); m.Any() {
		s.missing = m
	}
	return s
}

// compare puts what is missing last, rising or falling.
func (s *sortColumn) compare(x, y uint32) int {
	if s.missing != nil {
		mx, my := s.missing.Has(int(x)), s.missing.Has(int(y))
		switch {
		case mx && my:
			return 0
		case mx:
			return 1
		case my:
			return -1
		}
	}
	var c int
	switch {
	case s.nums != nil:
		c = cmp.Compare(s.nums[x], s.nums[y])
	case s.values != nil:
		c = row.Compare(s.values[x], s.values[y])
	default:
		c = row.Compare(s.col.Value(int(x)), s.col.Value(int(y)))
	}
	if s.falling {
		return -c
	}
	return c
}

// ranks are numbers in the order of the values of a column, where they are at
// hand; nil where they are not. Those of missing rows mean nothing.
func ranks(c *row.Column, n int) []int64 {
	switch c.Kind {
	case row.Missing, row.Const:
		return make([]int64, n)
	case row.Int, row.Time:
		return c.Nums
	case row.Decimal:
		return scaled(c)
	}
	return nil
}

// scaled gives all decimals the same digits after the point; nil when one of
// them does not fit then.
func scaled(c *row.Column) []int64 {
	most := slices.Max(c.Digits)
	out := make([]int64, len(c.Nums))
	for i, m := range c.Nums {
		for range most - c.Digits[i] {
			up := m * 10
			if up/10 != m {
				return nil
			}
			m = up
		}
		out[i] = m
	}
	return out
}

// ranksOfTexts sorts the entries of a dictionary once. Entries that are equal,
// 1.5 and 1.50, have one rank. A dictionary far larger than the column is not
// worth it.
func ranksOfTexts(c *row.Column) []int64 {
	if c.Dict.Len() > 4*len(c.Codes) {
		return nil
	}
	entries := make([]row.Value, c.Dict.Len())
	for i := range entries {
		entries[i] = row.TextOf(c.Dict.At(uint32(i)))
	}
	order := allRows(len(entries))
	slices.SortFunc(order, func(a, b uint32) int { return row.Compare(entries[a], entries[b]) })
	rank := make([]int64, len(entries))
	for i, at := range order {
		if rank[at] = int64(i); i > 0 && row.Compare(entries[order[i-1]], entries[at]) == 0 {
			rank[at] = rank[order[i-1]]
		}
	}
	out := make([]int64, len(c.Codes))
	for i, code := range c.Codes {
		if int(code) < len(rank) { // a missing row may hold any code
			out[i] = rank[code]
		}
	}
	return out
}

func allRows(n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}
