package agg

import "github.com/plumbline/plumbline/internal/row"

var distinctFunc = Func{
	Name: "dc", Aliases: []string{"distinct_count"}, Params: "x", Min: 1, Max: 1, Family: "distinct",
	Summary: "Number of different values of x; 200 and \"200\" are one.",
	New:     newDistinct,
}

// distinct counts the different values of each group: values are coded, and
// pairs of group and code are kept once.
type distinct struct {
	calls  int
	values coder
	seen   pairTable
	counts []int64
	codes  []uint32
}

func newDistinct(calls []Call, _ Env) State { return &distinct{calls: len(calls)} }

func (s *distinct) Grow(n int) { s.counts = grown(s.counts, n) }

func (s *distinct) Add(args []row.Column, n int, groups []uint32) {
	s.codes = s.values.column(&args[0], n, s.codes[:0])
	if groups == nil {
		groups = make([]uint32, n)
	}
	first := append([]uint32(nil), groups...)
	s.count(first, s.codes)
}

func (s *distinct) count(groups, codes []uint32) {
	known := len(s.seen.pairs)
	s.seen.assign(groups, codes, len(s.counts), s.values.len())
	for _, pair := range s.seen.pairs[known:] {
		s.counts[pair>>32]++
	}
}

func (s *distinct) Merge(other State, to []uint32) {
	o := other.(*distinct)
	code := s.values.merge(&o.values)
	groups, codes := make([]uint32, len(o.seen.pairs)), make([]uint32, len(o.seen.pairs))
	for i := range groups {
		g, c := o.seen.split(uint32(i))
		groups[i], codes[i] = to[g], code[c]
	}
	s.count(groups, codes)
}

func (s *distinct) Finish(n int) []row.Column {
	return repeat(row.Column{Kind: row.Int, Nums: append([]int64(nil), s.counts[:n]...)}, s.calls)
}

func (s *distinct) MemBytes() int {
	return s.values.memBytes() + s.seen.memBytes() + 8*cap(s.counts) + 4*cap(s.codes)
}

func (s *distinct) Approximate() bool { return false }
