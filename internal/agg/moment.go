package agg

import (
	"math"

	"github.com/plumbline/plumbline/internal/row"
)

var earliestFunc = Func{
	Name: "earliest", Params: "x", Min: 1, Max: 1, Family: "earliest", Time: true, Few: true,
	Summary: "Value of x in the row with the earliest _time; at equal times the smallest.",
	New:     func(calls []Call, _ Env) State { return &moments{calls: len(calls), sign: -1} },
}

var latestFunc = Func{
	Name: "latest", Params: "x", Min: 1, Max: 1, Family: "latest", Time: true, Few: true,
	Summary: "Value of x in the row with the latest _time; at equal times the largest.",
	New:     func(calls []Call, _ Env) State { return &moments{calls: len(calls), sign: 1} },
}

// moments keeps the value of x at the earliest or the latest time. At equal
// times the values decide, so that the answer is the same in any order.
type moments struct {
	calls int
	sign  int // 1: latest, -1: earliest
	of    []moment
	bytes int
	rows  []uint32 // by group: the best row of this batch, +1
	met   []uint32 // groups that have one
	best  []int64  // by group that was met: the best time so far, times sign
	few   []uint32
}

type moment struct {
	time  int64
	value row.Value
}

func (s *moments) Grow(n int) {
	s.of = grown(s.of, n)
	s.rows = grown(s.rows, n)
}

// Add finds the best row of each group first: values are costlier than times.
func (s *moments) Add(args []row.Column, n int, groups []uint32) {
	x, times := &args[0], &args[1]
	s.met = s.met[:0]
	for i := range n {
		t, ok := timeAt(times, i)
		if !ok || !x.Has(i) {
			continue
		}
		g := groupOf(groups, i)
		if s.rows[g] == 0 {
			s.met = append(s.met, g)
			s.rows[g] = uint32(i) + 1
			continue
		}
		best := int(s.rows[g]) - 1
		bt, _ := timeAt(times, best)
		if t == bt && s.after(moment{t, x.Value(i)}, moment{bt, x.Value(best)}) || t != bt && (t > bt) == (s.sign > 0) {
			s.rows[g] = uint32(i) + 1
		}
	}
	for _, g := range s.met {
		best := int(s.rows[g]) - 1
		s.rows[g] = 0
		t, _ := timeAt(times, best)
		s.offer(g, moment{t, x.Value(best)})
	}
}

// choose gives the rows that may have the best time of their group, of those
// that have one, by times alone.
func (s *moments) choose(times []int64, groups []uint32) []uint32 {
	s.few, s.met = s.few[:0], s.met[:0]
	s.best = grown(s.best, len(s.of))
	sign := int64(s.sign)
	for i, t := range times {
		g := groupOf(groups, i)
		if g == row.None {
			continue
		}
		if s.rows[g] == 0 {
			s.rows[g] = 1
			s.met = append(s.met, g)
			s.best[g] = math.MinInt64
			if m := &s.of[g]; !m.value.IsMissing() {
				s.best[g] = m.time * sign
			}
		}
		if t *= sign; t >= s.best[g] {
			s.best[g] = t
			s.few = append(s.few, uint32(i))
		}
	}
	rows := s.few[:0]
	for _, i := range s.few {
		if times[i]*sign == s.best[groupOf(groups, int(i))] {
			rows = append(rows, i)
		}
	}
	for _, g := range s.met {
		s.rows[g] = 0
	}
	return rows
}

// offer keeps m when it comes after what the group has.
func (s *moments) offer(g uint32, m moment) {
	if s.after(m, s.of[g]) {
		s.bytes += m.value.MemBytes() - s.of[g].value.MemBytes()
		s.of[g] = moment{m.time, keep(m.value)}
	}
}

// timeAt is the time of a row.
func timeAt(c *row.Column, i int) (ns int64, ok bool) {
	if c.Kind == row.Time {
		return c.Nums[i], c.Nulls == nil || !c.Nulls.Has(i)
	}
	v := c.Value(i)
	return v.Nums(), v.Kind == row.Time
}

// after reports whether a takes the place of b.
func (s *moments) after(a, b moment) bool {
	switch {
	case a.value.IsMissing():
		return false
	case b.value.IsMissing():
		return true
	case a.time != b.time:
		return (a.time > b.time) == (s.sign > 0)
	}
	return row.Compare(a.value, b.value)*s.sign > 0
}

func (s *moments) Merge(other State, to []uint32) {
	for g, m := range other.(*moments).of {
		s.offer(to[g], m)
	}
}

func (s *moments) Finish(n int) []row.Column {
	vals := make([]row.Value, n)
	for g, m := range s.of[:n] {
		vals[g] = m.value
	}
	return repeat(columnOf("", vals), s.calls)
}

func (s *moments) MemBytes() int {
	return 48*cap(s.of) + s.bytes + 4*(cap(s.rows)+cap(s.met)+cap(s.few)) + 8*cap(s.best)
}

func (s *moments) Approximate() bool { return false }
