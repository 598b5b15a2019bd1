package agg

import "github.com/plumbline/plumbline/internal/row"

// Func is a row of the table of aggregates, and its documentation.
type Func struct {
	Name    string // as in a question; "p" stands for p0…p100
	Params  string // as documentation shows them
	Summary string // one sentence
	// Args is how many columns Add gets; the pipe evaluates them. An optional
	// argument (count) has Min 0.
	Min, Max int
	// Time says that the rows' _time is added as a last column: earliest,
	// latest, rate, sparkline.
	Time bool
	// Ordered says that the answer depends on the order of the rows: first,
	// last, list.
	Ordered bool
	// New makes the state of all groups of one aggregate.
	New func(c Call, env Env) State
}

// Call is an aggregate as it stands in a question.
type Call struct {
	Func     *Func
	Quantile float64 // p99.9: 0.999
}

// Env is what an aggregate may know of the question.
type Env struct {
	From, To int64 // the range asked, nanoseconds since the Unix epoch: rate, sparkline
	// MaxBytes is how much one aggregate may hold before it turns to a sketch
	// of at most 1 % error (percentiles, dc); 0: no bound.
	MaxBytes int
}

// State holds one aggregate of every group. Groups are numbered from 0; a call
// never names a group at or above what Grow last said.
type State interface {
	// Grow makes room for groups 0…n-1.
	Grow(n int)
	// Add folds n rows: row i goes to groups[i]. Nil groups: all to group 0.
	Add(args []row.Column, n int, groups []uint32)
	// Merge folds in another state of the same Call: its group g goes to
	// to[g]. The other is not used again.
	Merge(other State, to []uint32)
	// Finish is one value per group.
	Finish(n int) row.Column
	// MemBytes is about what the state holds.
	MemBytes() int
	// Approximate reports whether a sketch was used.
	Approximate() bool
}
