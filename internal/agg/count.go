package agg

import "github.com/plumbline/plumbline/internal/row"

var countFunc = Func{
	Name: "count", Params: "[x | condition]", Max: 1, Family: "count",
	Summary: "Number of rows; with a field, of rows that have it; with a condition, of rows for which it is true.",
	New:     func(calls []Call, _ Env) State { return &counts{calls: len(calls)} },
}

// counts counts rows.
type counts struct {
	calls int
	of    []int64
}

func (s *counts) Grow(n int) { s.of = grown(s.of, n) }

func (s *counts) Add(args []row.Column, n int, groups []uint32) {
	if len(args) > 0 {
		s.addWhere(&args[0], n, groups)
		return
	}
	if g, ok := oneGroup(groups); ok {
		s.of[g] += int64(n)
		return
	}
	of := s.of
	for _, g := range groups {
		of[g]++
	}
}

// addWhere counts the rows for which c is there and not false.
func (s *counts) addWhere(c *row.Column, n int, groups []uint32) {
	set := counted(c, n)
	if g, ok := oneGroup(groups); ok {
		s.of[g] += int64(set.Count())
		return
	}
	for i := range set.Rows {
		s.of[groups[i]]++
	}
}

// counted is the set of rows that count(c) counts.
func counted(c *row.Column, n int) row.Bitmap {
	set := c.Present(n)
	switch c.Kind {
	case row.Bool:
		set.And(c.Bits)
	case row.Const:
		if c.One.Kind == row.Bool && !c.One.Bool() {
			clear(set)
		}
	case row.Mixed:
		for i, v := range c.Values {
			if v.Kind == row.Bool && !v.Bool() {
				set.Unset(i)
			}
		}
	}
	return set
}

func (s *counts) Merge(other State, to []uint32) {
	for g, n := range other.(*counts).of {
		s.of[to[g]] += n
	}
}

func (s *counts) Finish(n int) []row.Column {
	return repeat(row.Column{Kind: row.Int, Nums: append([]int64(nil), s.of[:n]...)}, s.calls)
}

func (s *counts) MemBytes() int { return 8 * cap(s.of) }

func (s *counts) Approximate() bool { return false }
