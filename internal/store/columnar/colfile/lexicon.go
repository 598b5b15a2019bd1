package colfile

import (
	"cmp"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// lexicon collects the different values of a field over the groups of a part, as
// runs in order: the lists of groups that are written, the dictionaries of parts
// whose groups are copied. At the end the runs are merged into the dictionary, and
// each learns the ranks of its values; nothing is hashed or sorted. Sealed parts
// mostly have one group, whose list is the dictionary as it is.
type lexicon[T cmp.Ordered] struct {
	runs []*run[T]
	of   map[*Part]*run[T] // the dictionaries of other parts
}

// run is values in order.
type run[T cmp.Ordered] struct {
	values []T
	rows   []uint64   // of the new part that have each, where they are counted
	used   row.Bitmap // the values that the new part has; nil: all
	ranks  ranksOf
}

// ranksOf are the ranks that the values of a run have in the dictionary; nil when
// the run is the dictionary. They are known once the lexicon is merged.
type ranksOf struct{ list []uint32 }

// rank is that of the i-th value.
func (r *ranksOf) rank(i uint32) uint32 {
	if r.list == nil {
		return i
	}
	return r.list[i]
}

// add adds the values of a group, in order, which it keeps, and the rows that have each.
func (l *lexicon[T]) add(values []T, rows []uint64) *ranksOf {
	r := &run[T]{values: values, rows: slices.Clone(rows)}
	l.runs = append(l.runs, r)
	return &r.ranks
}

// dictionary is the run of a dictionary of another part, which is read the first
// time it is asked for.
func (l *lexicon[T]) dictionary(of *Part, read func() ([]T, error)) (*run[T], error) {
	if r := l.of[of]; r != nil {
		return r, nil
	}
	values, err := read()
	if err != nil {
		return nil, err
	}
	r := &run[T]{values: values, rows: make([]uint64, len(values)), used: row.NewBitmap(len(values))}
	l.runs = append(l.runs, r)
	if l.of == nil {
		l.of = map[*Part]*run[T]{}
	}
	l.of[of] = r
	return r, nil
}

// use notes the values that a copied group has: places in its dictionary, nil for
// all of it, and the rows that have each, where they are counted.
func (r *run[T]) use(places []uint32, rows []uint64) *ranksOf {
	if places == nil {
		r.used.Fill(len(r.values))
		for i, n := range rows {
			r.rows[i] += n
		}
		return &r.ranks
	}
	for i, at := range places {
		r.used.Set(int(at))
		if rows != nil {
			r.rows[at] += rows[i]
		}
	}
	return &r.ranks
}

// merged are all values in their order, and the rows that have each. headOf gives the
// heads of values.
func (l *lexicon[T]) merged(headOf func(T) uint64) (values []T, rows []uint64) {
	if len(l.runs) == 0 {
		return nil, nil
	}
	if r := l.runs[0]; len(l.runs) == 1 && r.used == nil {
		return r.values, r.rows
	}
	all := l.merge(0, len(l.runs), headOf)
	values = make([]T, len(all.refs))
	for i, ref := range all.refs {
		values[i] = l.value(ref)
	}
	rows = make([]uint64, len(values))
	for _, r := range l.runs {
		for i, n := range r.rows {
			if n > 0 {
				rows[r.ranks.list[i]] += n
			}
		}
	}
	return values, rows
}

// value is what a ref stands for: a run, and a place in it.
func (l *lexicon[T]) value(ref uint64) T { return l.runs[ref>>32].values[uint32(ref)] }

// ordered are values in order, known by their heads: numbers that order alike. Values of
// one head are equal, unless its last byte is that of longHead; then they must be
// looked at.
type ordered struct {
	heads []uint64
	refs  []uint64
}

const longHead = 0xff

// merge puts the runs from ≤ i < to together; each learns the ranks of its values among
// those of all.
func (l *lexicon[T]) merge(from, to int, headOf func(T) uint64) ordered {
	if to-from == 1 {
		return l.alone(from, headOf)
	}
	half := (from + to) / 2
	a, b := l.merge(from, half, headOf), l.merge(half, to, headOf)
	out, inA, inB := l.both(a, b)
	for _, r := range l.runs[from:half] {
		r.ranks.through(inA)
	}
	for _, r := range l.runs[half:to] {
		r.ranks.through(inB)
	}
	return out
}

// both are the values of a and b, and the ranks that theirs get. Which comes first is
// anybody's guess, so there is no branch on it: ranks are noted for both, over and over.
func (l *lexicon[T]) both(a, b ordered) (out ordered, inA, inB []uint32) {
	inA, inB = make([]uint32, len(a.refs)), make([]uint32, len(b.refs))
	most := len(inA) + len(inB)
	out = ordered{make([]uint64, most), make([]uint64, most)}
	i, k, n := 0, 0, 0
	for ; i < len(inA) && k < len(inB); n++ {
		head, ref, other := a.heads[i], a.refs[i], b.heads[k]
		isA, isB := head <= other, other <= head
		if head == other && byte(head) == longHead {
			order := cmp.Compare(l.value(ref), l.value(b.refs[k]))
			isA, isB = order <= 0, order >= 0
		}
		inA[i], inB[k] = uint32(n), uint32(n)
		if !isA {
			head, ref = other, b.refs[k]
		}
		out.heads[n], out.refs[n] = head, ref
		i, k = i+int(flag(isA)), k+int(flag(isB))
	}
	n = out.rest(n, a, inA, i)
	n = out.rest(n, b, inB, k)
	return ordered{out.heads[:n], out.refs[:n]}, inA, inB
}

// rest puts the values from the i-th on at n, and notes the ranks they get; it gives the
// rank behind.
func (o ordered) rest(n int, of ordered, ranks []uint32, i int) int {
	copy(o.heads[n:], of.heads[i:])
	copy(o.refs[n:], of.refs[i:])
	for ; i < len(ranks); i++ {
		ranks[i] = uint32(n)
		n++
	}
	return n
}

// through takes ranks to those that they have further on.
func (r *ranksOf) through(further []uint32) {
	for i, rank := range r.list {
		if int(rank) < len(further) { // else of a value that is not used
			r.list[i] = further[rank]
		}
	}
}

// alone are the values of a run that are used; it learns their ranks among them.
func (l *lexicon[T]) alone(at int, headOf func(T) uint64) ordered {
	r := l.runs[at]
	n := len(r.values)
	r.ranks.list = make([]uint32, n)
	out := ordered{make([]uint64, 0, n), make([]uint64, 0, n)}
	for i, v := range r.values {
		if r.used == nil || r.used.Has(i) {
			r.ranks.list[i] = uint32(len(out.refs))
			out.heads, out.refs = append(out.heads, headOf(v)), append(out.refs, uint64(at)<<32|uint64(i))
		}
	}
	return out
}

// textHeads gives heads of the texts of runs: the first seven bytes after what all share,
// and how many there are.
func textHeads(runs []*run[string]) func(string) uint64 {
	var ends []string // of runs that are in order
	for _, r := range runs {
		if n := len(r.values); n > 0 {
			ends = append(ends, r.values[0], r.values[n-1])
		}
	}
	skip := len(sharedPrefix(ends))
	return func(text string) uint64 {
		text = text[skip:]
		if len(text) < 8 {
			return bigEndian(text) | uint64(len(text))
		}
		return bigEndian(text) | longHead
	}
}

// numberHead is a number as one without a sign that orders alike.
func numberHead(n int64) uint64 { return uint64(n) ^ 1<<63 }
