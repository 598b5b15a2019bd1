package agg

import (
	"math"

	"github.com/plumbline/plumbline/internal/row"
)

var rateFunc = Func{
	Name: "rate", Params: "[x]", Max: 1, Family: "rate", Time: true, Ranged: true,
	Summary: "Rows per second of the range asked; with a field, the sum of its numbers per second. In a timechart, per second of each step, as far as the range covers it and it is not to come.",
	New:     newRates,
}

// timeRange is the range asked, or that of the rows where none was.
type timeRange struct {
	from, to int64 // asked; from < to
	open     bool
	lo, hi   int64 // of the rows, when open
}

func newTimeRange(env Env) timeRange {
	open := env.From >= env.To || env.From == math.MinInt64 || env.To == math.MaxInt64
	return timeRange{from: env.From, to: env.To, open: open, lo: math.MaxInt64, hi: math.MinInt64}
}

// add widens an open range by the times of n rows.
func (r *timeRange) add(times *row.Column, n int) {
	if !r.open {
		return
	}
	for i := range n {
		if t, ok := timeAt(times, i); ok {
			r.lo, r.hi = min(r.lo, t), max(r.hi, t)
		}
	}
}

func (r *timeRange) merge(o *timeRange) { r.lo, r.hi = min(r.lo, o.lo), max(r.hi, o.hi) }

// bounds are the start and the length of the range; 0 when there is none.
func (r *timeRange) bounds() (from int64, length uint64) {
	switch {
	case !r.open:
		return r.from, uint64(r.to) - uint64(r.from)
	case r.lo >= r.hi:
		return r.lo, 0
	}
	return r.lo, uint64(r.hi) - uint64(r.lo)
}

// rates counts or adds, and divides by the length of the range.
type rates struct {
	calls  int
	whole  bool // not divided
	groups int
	span   timeRange
	inner  State // counts or sums; nil before the first rows
}

func newRates(calls []Call, env Env) State {
	return &rates{calls: len(calls), whole: env.Amounts, span: newTimeRange(env)}
}

func (s *rates) Grow(n int) {
	s.groups = max(s.groups, n)
	if s.inner != nil {
		s.inner.Grow(s.groups)
	}
}

func (s *rates) Add(args []row.Column, n int, groups []uint32) {
	last := len(args) - 1
	s.span.add(&args[last], n)
	if s.inner == nil {
		s.inner = &counts{calls: 1}
		if last > 0 {
			s.inner = &sums{calls: []Call{{Func: &sumFunc}}}
		}
		s.inner.Grow(s.groups)
	}
	s.inner.Add(args[:last], n, groups)
}

func (s *rates) Merge(other State, to []uint32) {
	o := other.(*rates)
	s.span.merge(&o.span)
	switch {
	case o.inner == nil:
		return
	case s.inner == nil:
		if _, ok := o.inner.(*sums); ok {
			s.inner = &sums{calls: []Call{{Func: &sumFunc}}}
		} else {
			s.inner = &counts{calls: 1}
		}
		s.inner.Grow(s.groups)
	}
	s.inner.Merge(o.inner, to)
}

// Finish gives 0 where nothing was counted, and nothing where all rows have
// one time and no range was asked.
func (s *rates) Finish(n int) []row.Column {
	vals := make([]row.Value, n)
	_, length := s.span.bounds()
	var amounts []row.Column
	if s.inner != nil {
		amounts = s.inner.Finish(n)
	}
	for g := range vals {
		amount := 0.0
		if amounts != nil {
			amount, _ = amounts[0].Value(g).Float()
		}
		switch {
		case amount == 0 || s.whole:
			vals[g] = row.FloatOf(amount)
		case length > 0:
			vals[g] = row.FloatOf(amount / (float64(length) / 1e9))
		}
	}
	return repeat(columnOf("", vals), s.calls)
}

func (s *rates) MemBytes() int {
	if s.inner == nil {
		return 0
	}
	return s.inner.MemBytes()
}

func (s *rates) Approximate() bool { return false }
