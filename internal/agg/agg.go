package agg

import "github.com/plumbline/plumbline/internal/row"

// Func is a row of the table of aggregates, and its documentation.
type Func struct {
	Name    string   // as in a question; "p" stands for p0…p100
	Aliases []string // other words for it
	Params  string   // as documentation shows them
	Summary string   // one sentence
	// Min and Max bound how many arguments a question gives; an optional
	// argument (count) has Min 0. The time of Time is not among them.
	Min, Max int
	// Time says that the rows' _time is added as a last column: earliest,
	// latest, rate, sparkline.
	Time bool
	// Ordered says that the answer depends on the order of the rows: first,
	// last, list. Their Merge takes the other's rows as the later ones.
	Ordered bool
	// Ranged says that what is kept depends on the range of Env.
	Ranged bool
	// Few says that the first argument is needed of few rows only, which the time
	// tells: earliest, latest. See Later.
	Few bool
	// Family names what is kept: aggregates of one family over the same
	// columns share one State (p50, p95 and p99 select from the same values).
	Family string
	// New makes the state of all groups, for calls of one family over the same
	// columns. Finish answers them in this order.
	New func(calls []Call, env Env) State
}

// Call is an aggregate as it stands in a question.
type Call struct {
	Func     *Func
	Quantile float64 // p99.9: 0.999
	// Args is its arguments as they are printed. Calls of one family with the
	// same Args share a State; calls without share nothing.
	Args string
}

// String is the name of the call as Lookup reads it: "count", "p99.9".
func (c Call) String() string {
	if c.Func.Name != percentileName {
		return c.Func.Name
	}
	return percentileName + percentText(c.Quantile)
}

// New makes the state of this call alone.
func (c Call) New(env Env) State { return c.Func.New([]Call{c}, env) }

// Env is what an aggregate may know of the question.
type Env struct {
	// From and To are the range asked, nanoseconds since the Unix epoch, for
	// rate and sparkline. An end at the limit of int64, or a range that is
	// empty, is open: the times of the rows stand for it.
	From, To int64
	// Amounts asks rate for what it would divide: whoever makes a chart divides by
	// its steps.
	Amounts bool
	// MaxBytes is how much one aggregate may hold before it turns to a sketch
	// of at most 1 % error (percentiles, dc); 0: no bound.
	MaxBytes int
	// Unions is shared by the tables of a question; nil: each works for itself.
	Unions *Unions
}

// State holds the aggregates of one family for every group. Groups are
// numbered from 0; a call never names a group at or above what Grow last said.
type State interface {
	// Grow makes room for groups 0…n-1.
	Grow(n int)
	// Add folds n rows: row i goes to groups[i], which is never row.None. A single
	// group is that of all rows, nil is group 0. It keeps neither args nor groups.
	Add(args []row.Column, n int, groups []uint32)
	// Merge folds in another state of the same calls: its group g goes to
	// to[g]. The other takes no more rows; it can be merged again elsewhere.
	Merge(other State, to []uint32)
	// Finish is one column of n groups for each call. The state stays usable.
	Finish(n int) []row.Column
	// MemBytes is about what the state holds.
	MemBytes() int
	// Approximate reports whether a sketch was used.
	Approximate() bool
}
