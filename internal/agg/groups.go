package agg

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

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

// Assign appends the group of each of n rows to dst: row.None for a row that lacks
// a key.
func (g *Groups) Assign(keys []row.Column, n int, dst []uint32) []uint32 {
	return g.AssignPlaced(keys, nil, n, dst)
}

// AssignPlaced is Assign with places as Table.AddPlaced has them.
func (g *Groups) AssignPlaced(keys []row.Column, places [][]uint32, n int, dst []uint32) []uint32 {
	at := len(dst)
	if len(g.keys) == 0 {
		return append(dst, make([]uint32, n)...)
	}
	known, from := 0, 0
	if n > 0 && len(g.pairs) > 0 && placedWords(keys, places, 0) && placedWords(keys, places, 1) {
		dst = g.pairPlaced(keys, places, n, dst)
		known, from = len(g.pairs[0].pairs), 1
	} else {
		dst = g.code(0, keys, places, n, dst)
		known = g.keys[0].len()
	}
	for k := from; k < len(g.pairs); k++ {
		key := &g.keys[k+1]
		g.scratch = g.code(k+1, keys, places, n, g.scratch[:0])
		g.pairs[k].assign(dst[at:], g.scratch, known, key.len())
		known = len(g.pairs[k].pairs)
	}
	return dst
}

// placedWords reports whether a key is placed in a dictionary without numbers, whose
// texts may get codes though no row has them: of numbers that would change the form.
func placedWords(keys []row.Column, places [][]uint32, k int) bool {
	return places != nil && places[k] != nil && keys[k].Dict.Wordish()
}

// pairPlaced appends the numbers of the first two keys together, both of which are
// placed words.
func (g *Groups) pairPlaced(keys []row.Column, places [][]uint32, n int, dst []uint32) []uint32 {
	a, b := &g.keys[0], &g.keys[1]
	first, second := a.allPlaced(keys[0].Dict, places[0], n), b.allPlaced(keys[1].Dict, places[1], n)
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	g.pairs[0].assignCoded(dst[at:], keys[0].Codes, keys[1].Codes, first, second, a.len(), b.len())
	return dst
}

// code appends the codes of a key.
func (g *Groups) code(k int, keys []row.Column, places [][]uint32, n int, dst []uint32) []uint32 {
	if places == nil || places[k] == nil {
		return g.keys[k].column(&keys[k], n, dst)
	}
	return g.keys[k].placed(&keys[k], places[k], n, dst)
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
