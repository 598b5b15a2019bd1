package agg

import (
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

var firstFunc = Func{
	Name: "first", Params: "x", Min: 1, Max: 1, Family: "first", Ordered: true,
	Summary: "Value of x in the first row that has one, in the order rows come: of lines the newest.",
	New:     func(calls []Call, _ Env) State { return &ends{calls: len(calls)} },
}

var lastFunc = Func{
	Name: "last", Params: "x", Min: 1, Max: 1, Family: "last", Ordered: true,
	Summary: "Value of x in the last row that has one, in the order rows come: of lines the oldest.",
	New:     func(calls []Call, _ Env) State { return &ends{calls: len(calls), last: true} },
}

var listFunc = Func{
	Name: "list", Params: "x", Min: 1, Max: 1, Family: "list", Ordered: true,
	Summary: "All values of x in the order rows come.",
	New:     func(calls []Call, _ Env) State { return &lists{calls: len(calls)} },
}

// keep is v with its text copied: what a state keeps must not hold the batch.
func keep(v row.Value) row.Value {
	if v.Kind == row.Text {
		return row.TextOf(strings.Clone(v.Str()))
	}
	return v
}

// ends keeps the first or the last value of each group.
type ends struct {
	calls int
	last  bool
	of    []row.Value
	bytes int
	seen  row.Bitmap // groups met in this batch, for last
}

func (s *ends) Grow(n int) { s.of = grown(s.of, n) }

func (s *ends) Add(args []row.Column, n int, groups []uint32) {
	c := &args[0]
	if s.last {
		s.addLast(c, n, groups)
		return
	}
	for i := range n {
		g := groupOf(groups, i)
		if s.of[g].IsMissing() {
			s.set(g, c.Value(i))
		} else if len(groups) <= 1 {
			return
		}
	}
}

func (s *ends) set(g uint32, v row.Value) {
	s.bytes += v.MemBytes() - s.of[g].MemBytes()
	s.of[g] = keep(v)
}

// addLast goes backwards and takes the first value of each group.
func (s *ends) addLast(c *row.Column, n int, groups []uint32) {
	s.seen = grown(s.seen, (len(s.of)+63)/64)
	clear(s.seen)
	for i := n - 1; i >= 0; i-- {
		g := int(groupOf(groups, i))
		if s.seen.Has(g) {
			if len(groups) <= 1 {
				return
			}
			continue
		}
		if v := c.Value(i); !v.IsMissing() {
			s.set(uint32(g), v)
			s.seen.Set(g)
		}
	}
}

func (s *ends) Merge(other State, to []uint32) {
	for g, v := range other.(*ends).of {
		if s.of[to[g]].IsMissing() || s.last && !v.IsMissing() {
			s.set(to[g], v)
		}
	}
}

func (s *ends) Finish(n int) []row.Column {
	return repeat(columnOf("", append([]row.Value(nil), s.of[:n]...)), s.calls)
}

func (s *ends) MemBytes() int { return 40*cap(s.of) + s.bytes }

func (s *ends) Approximate() bool { return false }

// lists keeps all values of each group.
type lists struct {
	calls int
	of    [][]row.Value
	bytes int
}

func (s *lists) Grow(n int) { s.of = grown(s.of, n) }

func (s *lists) Add(args []row.Column, n int, groups []uint32) {
	c := &args[0]
	for i := range n {
		v := keep(c.Value(i))
		if v.IsMissing() {
			continue
		}
		g := groupOf(groups, i)
		s.of[g] = append(s.of[g], v)
		s.bytes += v.MemBytes()
	}
}

func (s *lists) Merge(other State, to []uint32) {
	o := other.(*lists)
	for g, list := range o.of {
		s.of[to[g]] = append(s.of[to[g]], list...)
	}
	s.bytes += o.bytes
}

func (s *lists) Finish(n int) []row.Column {
	vals := make([]row.Value, n)
	for g, list := range s.of[:n] {
		if len(list) > 0 {
			vals[g] = row.ListOf(list)
		}
	}
	return repeat(columnOf("", vals), s.calls)
}

func (s *lists) MemBytes() int { return 24*cap(s.of) + s.bytes }

func (s *lists) Approximate() bool { return false }
