// Package scan says what a store can be asked, and what a store says it has
// read. A Scan is a plain struct: a plan prints it, a test compares it, a
// store answers as much of it as it can do exactly.
package scan

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
)

// Order is how the rows of a scan come.
type Order uint8

const (
	// Any: in any order, from as many lanes as the store likes.
	Any Order = iota
	// NewestFirst: by (_time, _seq) falling, over all datasets, in one stream.
	NewestFirst
)

// Scan is a question to a store.
type Scan struct {
	Datasets []string // to look into; nil: all there are
	From, To int64    // nanoseconds since the Unix epoch, From ≤ _time < To
	All      bool     // hand out every field
	Fields   []string // hand out these (besides all); aliases are answered under the name asked
	Where    expr.Expr
	Env      expr.Env // what Where and Group may ask of the question
	Order    Order
	Limit    int // stop after this many rows; 0: no limit
	Group    *Group
	Lanes    int // streams wanted at most when Order is Any; 0: the store chooses
}

// Group asks the store to aggregate; it then hands out batches whose Partial
// is an *agg.Table, made by agg.NewTable of these calls and Env.
type Group struct {
	Keys []expr.Expr
	Aggs []Agg
	Env  agg.Env
}

// Agg is an aggregate over expressions: the time last, where the call wants
// it.
type Agg struct {
	Call agg.Call
	Args []expr.Expr
}

// String shows the scan on one line, as explain does.
func (s *Scan) String() string {
	var b strings.Builder
	b.WriteString("scan")
	if s.Datasets != nil {
		fmt.Fprintf(&b, " datasets=%s", strings.Join(s.Datasets, ","))
	}
	if s.Where != nil {
		fmt.Fprintf(&b, " where=(%s)", s.Where)
	}
	switch {
	case s.All && len(s.Fields) > 0:
		fmt.Fprintf(&b, " fields=*,%s", strings.Join(s.Fields, ","))
	case s.All:
		b.WriteString(" fields=*")
	default:
		fmt.Fprintf(&b, " fields=%s", strings.Join(s.Fields, ","))
	}
	if s.Order == NewestFirst {
		b.WriteString(" order=newest-first")
	}
	if s.Limit > 0 {
		fmt.Fprintf(&b, " limit=%d", s.Limit)
	}
	if s.Group != nil {
		keys := make([]string, len(s.Group.Keys))
		for i, k := range s.Group.Keys {
			keys[i] = k.String()
		}
		fmt.Fprintf(&b, " group=(%s)", strings.Join(keys, ", "))
	}
	return b.String()
}

// Read counts what a store has read for a scan. Lanes add to it at once, so
// its counters are atomic.
type Read struct {
	Groups      atomic.Int64 // row groups opened
	GroupsTotal atomic.Int64 // row groups there are in the range of datasets asked
	Columns     atomic.Int64 // columns of row groups decoded, all groups added up
	Bytes       atomic.Int64 // bytes of pages decoded
	Rows        atomic.Int64 // rows looked at
	Damaged     atomic.Int64 // row groups left out because they do not verify
}

// Extent says where the lines of a dataset lie.
type Extent struct {
	Dataset  string
	Rows     int64
	Bytes    int64 // on disk
	From, To int64 // times of the oldest and the newest row; both 0 without rows
	Seq      int64 // number of the row appended last
}
