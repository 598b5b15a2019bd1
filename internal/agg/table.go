package agg

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Table is what stats makes: the aggregates of every group of rows. Lanes fill
// one each and merge them; a store may do so where the rows lie, and hand it
// on as row.Batch.Partial. It belongs to one goroutine at a time.
type Table struct {
	// SortedKeys asks Batch for rows in the order of their keys (row.Compare);
	// else groups come in order of first sight, which depends on lanes.
	SortedKeys bool

	keys   []string
	calls  []Call
	names  []string
	env    Env
	groups *Groups
	states []kept
	used   bool // rows, or another table, were folded in
	shared bool // see Share

	assigned, grouped, rows []uint32
}

// kept is a state and the places of the calls that it answers.
type kept struct {
	state State
	calls []int
}

// NewTable returns an empty table of these keys and aggregates; names are
// those of the aggregates' columns. Without keys all rows are one group, which
// is there from the start.
func NewTable(keys []string, calls []Call, names []string, env Env) *Table {
	t := &Table{keys: keys, calls: calls, names: names, env: env, groups: NewGroups(len(keys))}
	t.groups.share(env.Unions)
	for i, c := range calls {
		same := slices.IndexFunc(t.states, func(k kept) bool {
			o := calls[k.calls[0]]
			return c.Args != "" && o.Args == c.Args && o.Func.Family == c.Func.Family
		})
		if same < 0 {
			same = len(t.states)
			t.states = append(t.states, kept{})
		}
		t.states[same].calls = append(t.states[same].calls, i)
	}
	for i := range t.states {
		t.states[i].state = t.newState(i, t.groups.Len())
	}
	return t
}

// Empty is a new table of the same keys and aggregates.
func (t *Table) Empty() *Table { return NewTable(t.keys, t.calls, t.names, t.env) }

func (t *Table) newState(i, groups int) State {
	of := make([]Call, len(t.states[i].calls))
	for k, at := range t.states[i].calls {
		of[k] = t.calls[at]
	}
	s := of[0].Func.New(of, t.env)
	s.Grow(groups)
	return s
}

// Add folds n rows. args are the arguments of each call, the time last for
// those that want it; of calls that share a State only the first one's are
// looked at. It returns the group of each row, row.None for those that lack a key
// and are left out; the slice lives until the next Add.
func (t *Table) Add(keys []row.Column, args [][]row.Column, n int) []uint32 {
	return t.AddPlaced(keys, nil, args, n)
}

// AddPlaced is Add where the codes of key k, which is a Dict without Nulls, stand for
// places[k] in its dictionary, row.None for no value; unless that is nil. A text that many
// rows have is then looked up once.
func (t *Table) AddPlaced(keys []row.Column, places [][]uint32, args [][]row.Column, n int) []uint32 {
	t.used = true
	t.assigned = t.groups.AssignPlaced(keys, places, n, t.assigned[:0])
	switch {
	case n == 0:
	case len(t.keys) == 0:
		t.fold(args, n, nil)
	case !constant(keys) && anyNone(t.assigned):
		t.foldKeyed(args)
	default:
		t.fold(args, n, t.assigned)
	}
	return t.assigned
}

// constant reports whether all rows have the same keys.
func constant(keys []row.Column) bool {
	return !slices.ContainsFunc(keys, func(c row.Column) bool { return c.Kind != row.Const || c.Nulls != nil })
}

// anyNone reports whether row.None is among some groups: no other number has its highest
// bit.
func anyNone(groups []uint32) bool {
	var a, b, c, d uint32
	for ; len(groups) >= 4; groups = groups[4:] {
		a, b, c, d = a|groups[0], b|groups[1], c|groups[2], d|groups[3]
	}
	for _, g := range groups {
		a |= g
	}
	return isNone(a | b | c | d)
}

// AddAlike is Add for n rows, one at least, that all have the same keys: those of the first.
func (t *Table) AddAlike(keys []row.Column, args [][]row.Column, n int) {
	t.used = true
	t.assigned = t.groups.Assign(keys, 1, t.assigned[:0])
	if !isNone(t.assigned[0]) {
		t.fold(args, n, t.assigned)
	}
}

// Later is how arguments are had that are made only for the rows that turn out
// to need them.
type Later struct {
	Times []int64 // of all rows
	// Args are the arguments of a call for some of the rows, ascending.
	Args func(call int, rows []uint32) []row.Column
}

// AddLater is Add where args has nil for calls of a Func with Few: they are
// asked for when it is known of which rows.
func (t *Table) AddLater(keys []row.Column, args [][]row.Column, n int, later Later) {
	groups := t.Add(keys, args, n)
	if len(t.keys) == 0 {
		groups = nil
	}
	for _, k := range t.states {
		call := k.calls[0]
		s, ok := k.state.(*moments)
		if args[call] != nil || !ok {
			continue
		}
		s.Grow(t.groups.Len())
		rows := s.choose(later.Times, groups)
		if len(rows) == 0 {
			continue
		}
		var of []uint32
		if groups != nil {
			of = make([]uint32, len(rows))
			for i, r := range rows {
				of[i] = groups[r]
			}
		}
		s.Add(later.Args(call, rows), len(rows), of)
	}
}

// AddCounted folds rows that stand for several each: row i for times[i] that
// have its keys. It is for tables that only count rows.
func (t *Table) AddCounted(keys []row.Column, times []uint64) {
	t.used = true
	t.assigned = t.groups.Assign(keys, len(times), t.assigned[:0])
	for _, k := range t.states {
		k.state.Grow(t.groups.Len())
		of := k.state.(*counts).of
		for i, g := range t.assigned {
			if g != row.None {
				of[g] += int64(times[i])
			}
		}
	}
}

// foldKeyed folds the rows that have a group.
func (t *Table) foldKeyed(args [][]row.Column) {
	t.grouped, t.rows = t.grouped[:0], t.rows[:0]
	for i, g := range t.assigned {
		if g != row.None {
			t.grouped = append(t.grouped, g)
			t.rows = append(t.rows, uint32(i))
		}
	}
	if len(t.rows) == 0 {
		return
	}
	left := make([][]row.Column, len(args))
	for _, k := range t.states {
		at := k.calls[0]
		if args[at] == nil {
			continue
		}
		left[at] = make([]row.Column, len(args[at]))
		for i := range left[at] {
			left[at][i] = args[at][i].Pick(t.rows)
		}
	}
	t.fold(left, len(t.rows), t.grouped)
}

func (t *Table) fold(args [][]row.Column, n int, groups []uint32) {
	for _, k := range t.states {
		k.state.Grow(t.groups.Len())
		if of := args[k.calls[0]]; of != nil || !t.calls[k.calls[0]].Func.Few {
			k.state.Add(of, n, groups)
		}
	}
}

// Merge folds in another table of the same keys and aggregates, which is not
// used again, unless it was shared.
func (t *Table) Merge(o *Table) {
	if !t.used && t.env == o.env && !o.shared {
		t.groups, t.states, t.used = o.groups, o.states, true
		return
	}
	t.used = true
	to := t.groups.Merge(o.groups)
	for i, k := range t.states {
		k.state.Grow(t.groups.Len())
		k.state.Merge(o.states[i].state, to)
	}
}

// Batch is one row for each group: its keys, then its aggregates. The table
// stays usable.
func (t *Table) Batch() *row.Batch {
	n := t.groups.Len()
	out := &row.Batch{Len: n, Cols: append(t.Keys(), t.Aggregates()...)}
	if t.SortedKeys && len(t.keys) > 0 {
		by := make([]row.SortKey, len(t.keys))
		for k := range by {
			by[k].Col = &out.Cols[k]
		}
		return out.Pick(row.Sorted(by, n, n))
	}
	return out
}

// Keys are the keys of all groups.
func (t *Table) Keys() []row.Column { return t.groups.Columns(t.keys) }

// Aggregates are the aggregates of all groups, in the order of Keys.
func (t *Table) Aggregates() []row.Column { return t.finish(t.groups.Len()) }

// finish is the aggregates of n groups, which may be more than there are.
func (t *Table) finish(n int) []row.Column {
	out := make([]row.Column, len(t.calls))
	for _, k := range t.states {
		k.state.Grow(n)
		t.place(out, k, k.state.Finish(n))
	}
	return out
}

// Regroup is the aggregates of n groups that are made of the table's: group g
// goes to to[g], or nowhere when that is row.None. The table stays as it is.
func (t *Table) Regroup(to []uint32, n int) []row.Column {
	if rows, ok := t.moved(to, n); ok {
		out := t.finish(t.groups.Len() + 1)
		for i := range out {
			out[i] = out[i].Pick(rows)
		}
		return out
	}
	all := slices.Clone(to)
	for g, at := range all {
		if at == row.None {
			all[g] = uint32(n) // one more, which nobody asks for
		}
	}
	out := make([]row.Column, len(t.calls))
	for i, k := range t.states {
		k.state.Grow(t.groups.Len())
		s := t.newState(i, n+1)
		s.Merge(k.state, all)
		t.place(out, k, s.Finish(n))
	}
	return out
}

// moved are the groups that n groups are made of, one each at most; the group
// after the last, which has no rows, where there is none. ok is false when some
// are made of several.
func (t *Table) moved(to []uint32, n int) (rows []uint32, ok bool) {
	none := uint32(t.groups.Len())
	rows = slices.Repeat([]uint32{none}, n)
	for g, at := range to {
		switch {
		case at == row.None:
		case rows[at] != none:
			return nil, false
		default:
			rows[at] = uint32(g)
		}
	}
	return rows, true
}

// place puts what a state answers where its calls stand.
func (t *Table) place(out []row.Column, k kept, answers []row.Column) {
	for i, c := range answers {
		at := k.calls[i]
		c.Name = t.names[at]
		out[at] = c
	}
}

// Len is the number of groups.
func (t *Table) Len() int { return t.groups.Len() }

// MemBytes is about what the table holds.
func (t *Table) MemBytes() int {
	n := t.groups.MemBytes()
	for _, k := range t.states {
		n += k.state.MemBytes()
	}
	return n
}

// Approximate reports whether a sketch was used.
func (t *Table) Approximate() bool {
	return slices.ContainsFunc(t.states, func(k kept) bool { return k.state.Approximate() })
}
