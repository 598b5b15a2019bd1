package agg

import "github.com/plumbline/plumbline/internal/row"

// Groups gives each different tuple of key values a number, in order of first
// sight. Values are one when row.Value.AppendKey says so: 200 and "200", 1.5
// and 1.50.
//
// Each key's values are coded on their own, most of them without a look at a
// text; then the codes are numbered in pairs: the first two, that number and
// the third, and so on.
type Groups struct {
	keys    []coder
	pairs   []pairTable // one less than keys
	scratch []uint32
}

// NewGroups returns Groups over this many keys. Without keys there is one
// group from the start.
func NewGroups(keys int) *Groups {
	return &Groups{keys: make([]coder, keys), pairs: make([]pairTable, max(keys-1, 0))}
}

// share has the groups use what others found out about the same dictionaries.
func (g *Groups) share(with *Unions) {
	for i := range g.keys {
		g.keys[i].unions = with
	}
}

// Len is the number of groups.
func (g *Groups) Len() int {
	switch n := len(g.keys); n {
	case 0:
		return 1
	case 1:
		return g.keys[0].len()
	default:
		return len(g.pairs[n-2].pairs)
	}
}

// Assign appends the group of each of n rows to dst: None for a row that lacks
// a key.
func (g *Groups) Assign(keys []row.Column, n int, dst []uint32) []uint32 {
	at := len(dst)
	if len(g.keys) == 0 {
		return append(dst, make([]uint32, n)...)
	}
	dst = g.keys[0].column(&keys[0], n, dst)
	known := g.keys[0].len()
	for k := range g.pairs {
		key := &g.keys[k+1]
		g.scratch = key.column(&keys[k+1], n, g.scratch[:0])
		g.pairs[k].assign(dst[at:], g.scratch, known, key.len())
		known = len(g.pairs[k].pairs)
	}
	return dst
}

// Merge takes in the groups of o, which has as many keys: to[group of o] is
// the group here.
func (g *Groups) Merge(o *Groups) (to []uint32) {
	if len(g.keys) == 0 {
		return []uint32{0}
	}
	to = g.keys[0].merge(&o.keys[0])
	known := g.keys[0].len()
	for k := range g.pairs {
		second := g.keys[k+1].merge(&o.keys[k+1])
		next := make([]uint32, len(o.pairs[k].pairs))
		seconds := make([]uint32, len(next))
		for i := range next {
			a, b := o.pairs[k].split(uint32(i))
			next[i], seconds[i] = to[a], second[b]
		}
		g.pairs[k].assign(next, seconds, known, g.keys[k+1].len())
		to, known = next, len(g.pairs[k].pairs)
	}
	return to
}

// Columns are the keys of all groups, one column each.
func (g *Groups) Columns(names []string) []row.Column {
	out := make([]row.Column, len(g.keys))
	numbers := make([]uint32, g.Len())
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	for k := len(g.keys) - 1; k > 0; k-- {
		codes := make([]uint32, len(numbers))
		for i, number := range numbers {
			numbers[i], codes[i] = g.pairs[k-1].split(number)
		}
		out[k] = g.keys[k].values(names[k], codes)
	}
	if len(g.keys) > 0 {
		out[0] = g.keys[0].values(names[0], numbers)
	}
	return out
}

// MemBytes is about what the groups hold.
func (g *Groups) MemBytes() int {
	n := 0
	for i := range g.keys {
		n += g.keys[i].memBytes()
	}
	for i := range g.pairs {
		n += g.pairs[i].memBytes()
	}
	return n
}
