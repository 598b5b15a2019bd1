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

// merged are all values in their order, and the rows that have each.
func (l *lexicon[T]) merged() (values []T, rows []uint64) {
	if len(l.runs) == 0 {
		return nil, nil
	}
	if r := l.runs[0]; len(l.runs) == 1 && r.used == nil {
		return r.values, r.rows
	}
	values = merged(l.runs)
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

// merged are the values of runs in order; each run learns the ranks of its own
// among them.
func merged[T cmp.Ordered](runs []*run[T]) []T {
	if len(runs) == 1 {
		return runs[0].alone()
	}
	left, right := runs[:len(runs)/2], runs[len(runs)/2:]
	a, b := merged(left), merged(right)
	inA, inB := make([]uint32, len(a)), make([]uint32, len(b)) // their ranks
	out := make([]T, 0, max(len(a), len(b)))
	i, k := 0, 0
	for i < len(a) && k < len(b) {
		rank := uint32(len(out))
		switch {
		case a[i] == b[k]:
			out = append(out, a[i])
			inA[i], inB[k] = rank, rank
			i, k = i+1, k+1
		case a[i] < b[k]:
			out = append(out, a[i])
			inA[i] = rank
			i++
		default:
			out = append(out, b[k])
			inB[k] = rank
			k++
		}
	}
	out = appendRest(appendRest(out, a, inA, i), b, inB, k)
	for _, r := range left {
		r.ranks.through(inA)
	}
	for _, r := range right {
		r.ranks.through(inB)
	}
	return out
}

// appendRest appends the values from the i-th on, and notes the ranks they get.
func appendRest[T any](out, values []T, ranks []uint32, i int) []T {
	for ; i < len(values); i++ {
		ranks[i] = uint32(len(out))
		out = append(out, values[i])
	}
	return out
}

// through takes ranks to those that they have further on.
func (r *ranksOf) through(further []uint32) {
	for i, rank := range r.list {
		if int(rank) < len(further) { // else of a value that is not used
			r.list[i] = further[rank]
		}
	}
}

// alone are the values of a run that are used, and their ranks among them.
func (r *run[T]) alone() []T {
	if r.used == nil || r.used.Count() == len(r.values) {
		r.ranks.list = counting(len(r.values))
		return r.values
	}
	r.ranks.list = make([]uint32, len(r.values))
	var out []T
	for i := range r.used.Rows {
		r.ranks.list[i] = uint32(len(out))
		out = append(out, r.values[i])
	}
	return slices.Clip(out)
}
