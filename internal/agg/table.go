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

	keys     []string
	aggs     []Agg
	groups   *Groups
	states   []kept
	assigned []uint32
	rows     []uint32
}

// Agg is an aggregate in a Table.
type Agg struct {
	Call
	Name string // of its column
	Args []int  // its arguments, as places among those that Add gets
}

// kept is a state and the aggregates that it answers.
type kept struct {
	state State
	args  []int
	aggs  []int
}

// NewTable returns an empty table of these keys and aggregates. Without keys
// all rows are one group, which is there from the start.
func NewTable(keys []string, aggs []Agg, env Env) *Table {
	t := &Table{keys: keys, aggs: aggs, groups: NewGroups(len(keys))}
	for i, a := range aggs {
		same := slices.IndexFunc(t.states, func(k kept) bool {
			return aggs[k.aggs[0]].Func.Family == a.Func.Family && slices.Equal(k.args, a.Args)
		})
		if same < 0 {
			same = len(t.states)
			t.states = append(t.states, kept{args: a.Args})
		}
		t.states[same].aggs = append(t.states[same].aggs, i)
	}
	for i, k := range t.states {
		calls := make([]Call, len(k.aggs))
		for c, at := range k.aggs {
			calls[c] = aggs[at].Call
		}
		t.states[i].state = aggs[k.aggs[0]].Func.New(calls, env)
		t.states[i].state.Grow(t.groups.Len())
	}
	return t
}

// Add folds n rows: their keys, and the arguments that Agg.Args points into.
// Rows that lack a key are left out.
func (t *Table) Add(keys, args []row.Column, n int) {
	if len(t.keys) == 0 {
		t.fold(args, n, nil)
		return
	}
	t.assigned = t.groups.Assign(keys, n, t.assigned[:0])
	if !slices.Contains(t.assigned, None) {
		t.fold(args, n, t.assigned)
		return
	}
	t.rows = t.rows[:0]
	for i, g := range t.assigned {
		if g != None {
			t.assigned[len(t.rows)] = g
			t.rows = append(t.rows, uint32(i))
		}
	}
	if len(t.rows) == 0 {
		return
	}
	left := make([]row.Column, len(args))
	for i := range args {
		left[i] = args[i].Pick(t.rows)
	}
	t.fold(left, len(t.rows), t.assigned[:len(t.rows)])
}

func (t *Table) fold(args []row.Column, n int, groups []uint32) {
	var own []row.Column
	for _, k := range t.states {
		own = own[:0]
		for _, at := range k.args {
			own = append(own, args[at])
		}
		k.state.Grow(t.groups.Len())
		k.state.Add(own, n, groups)
	}
}

// Merge folds in another table of the same keys and aggregates, which is not
// used again.
func (t *Table) Merge(o *Table) {
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
	out := &row.Batch{Len: n, Cols: make([]row.Column, len(t.keys)+len(t.aggs))}
	copy(out.Cols, t.groups.Columns(t.keys))
	for _, k := range t.states {
		for c, col := range k.state.Finish(n) {
			at := k.aggs[c]
			col.Name = t.aggs[at].Name
			out.Cols[len(t.keys)+at] = col
		}
	}
	if t.SortedKeys && len(t.keys) > 0 {
		return out.Pick(sortedRows(out.Cols[:len(t.keys)], n))
	}
	return out
}

// sortedRows are the rows 0…n-1 in the order of the keys, the first one most
// important.
func sortedRows(keys []row.Column, n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	slices.SortFunc(rows, func(a, b uint32) int {
		for k := range keys {
			if c := row.Compare(keys[k].Value(int(a)), keys[k].Value(int(b))); c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
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
