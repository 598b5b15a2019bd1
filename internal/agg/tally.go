package agg

import (
	"cmp"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

var modeFunc = Func{
	Name: "mode", Params: "x", Min: 1, Max: 1, Family: "tally",
	Summary: "Most frequent value of x; of equally frequent ones the smallest.",
	New:     newTallies,
}

var valuesFunc = Func{
	Name: "values", Params: "x", Min: 1, Max: 1, Family: "tally",
	Summary: "The different values of x as a sorted list.",
	New:     newTallies,
}

// tallies counts how often each value stands in each group.
type tallies struct {
	calls  []Call
	groups int
	values coder
	pairs  pairTable // group and value
	counts []int64   // by number of the pair
	codes  []uint32
	firsts []uint32
}

func newTallies(calls []Call, env Env) State {
	return &tallies{calls: calls, values: coder{unions: env.Unions}}
}

func (s *tallies) Grow(n int) { s.groups = max(s.groups, n) }

func (s *tallies) Add(args []row.Column, n int, groups []uint32) {
	s.codes = s.values.column(&args[0], n, s.codes[:0])
	s.firsts = firstsOf(s.firsts[:0], groups, n)
	s.pairs.assign(s.firsts, s.codes, s.groups, s.values.len())
	s.counts = grown(s.counts, len(s.pairs.pairs))
	for _, p := range s.firsts {
		if p != row.None {
			s.counts[p]++
		}
	}
}

// firstsOf copies groups to where pairs will be written.
func firstsOf(dst, groups []uint32, n int) []uint32 {
	if g, ok := oneGroup(groups); ok {
		dst = slices.Grow(dst, n)[:n]
		fill(dst, g)
		return dst
	}
	return append(dst, groups...)
}

func (s *tallies) Merge(other State, to []uint32) {
	o := other.(*tallies)
	code := s.values.merge(&o.values)
	s.pairs.reserve(s.groups, s.values.len())
	for i, n := range o.counts {
		g, c := o.pairs.split(uint32(i))
		p := s.pairs.number(to[g], code[c])
		s.counts = grown(s.counts, len(s.pairs.pairs))
		s.counts[p] += n
	}
}

// Finish goes through the pairs by group and, in it, by value.
func (s *tallies) Finish(n int) []row.Column {
	vals, place := s.sorted()
	order := make([]uint32, len(s.counts))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		ga, ca := s.pairs.split(a)
		gb, cb := s.pairs.split(b)
		if ga != gb {
			return cmp.Compare(ga, gb)
		}
		return cmp.Compare(place[ca], place[cb])
	})
	out := make([]row.Column, len(s.calls))
	for k, call := range s.calls {
		answers := make([]row.Value, n)
		s.answer(call, order, vals, answers)
		out[k] = columnOf("", answers)
	}
	return out
}

// sorted is the values by code, and their places in order.
func (s *tallies) sorted() (vals []row.Value, place []uint32) {
	vals, place = make([]row.Value, s.values.len()), make([]uint32, s.values.len())
	codes := make([]uint32, len(vals))
	for c := range vals {
		vals[c], codes[c] = s.values.value(uint32(c)), uint32(c)
	}
	slices.SortFunc(codes, func(a, b uint32) int { return row.Compare(vals[a], vals[b]) })
	for i, c := range codes {
		place[c] = uint32(i)
	}
	return vals, place
}

// answer fills in the answers of groups from pairs ordered by group and value.
func (s *tallies) answer(call Call, order []uint32, vals, answers []row.Value) {
	for len(order) > 0 {
		g, _ := s.pairs.split(order[0])
		end := 1
		for end < len(order) && s.pairs.pairs[order[end]]>>32 == uint64(g) {
			end++
		}
		if int(g) < len(answers) {
			if call.Func == &modeFunc {
				answers[g] = s.mode(order[:end], vals)
			} else {
				answers[g] = s.list(order[:end], vals)
			}
		}
		order = order[end:]
	}
}

func (s *tallies) mode(pairs []uint32, vals []row.Value) row.Value {
	best := pairs[0]
	for _, p := range pairs {
		if s.counts[p] > s.counts[best] {
			best = p
		}
	}
	_, c := s.pairs.split(best)
	return vals[c]
}

func (s *tallies) list(pairs []uint32, vals []row.Value) row.Value {
	list := make([]row.Value, len(pairs))
	for i, p := range pairs {
		_, c := s.pairs.split(p)
		list[i] = vals[c]
	}
	return row.ListOf(list)
}

func (s *tallies) MemBytes() int {
	return s.values.memBytes() + s.pairs.memBytes() + 8*cap(s.counts) + 4*(cap(s.codes)+cap(s.firsts))
}

func (s *tallies) Approximate() bool { return false }
