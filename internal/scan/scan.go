// Package scan says what a store can be asked, and what a store says it has
// read. A Scan is a plain struct: a plan prints it, a test compares it, a
// store answers as much of it as it can do exactly.
package scan

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/when"
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
	Lanes    int  // streams wanted at most when Order is Any; 0: the store chooses
	Fresh    bool // nothing kept of earlier questions may be used
	Urgent   bool // somebody may have to be woken by it: it waits for no other question
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
	if s.From != math.MinInt64 {
		fmt.Fprintf(&b, " from=%s", when.AppendRFC3339(nil, s.From))
	}
	if s.To != math.MaxInt64 {
		fmt.Fprintf(&b, " to=%s", when.AppendRFC3339(nil, s.To))
	}
	if s.Where != nil {
		fmt.Fprintf(&b, " where=(%s)", s.Where)
	}
	fmt.Fprintf(&b, " fields=%s", s.fields())
	if s.Order == NewestFirst {
		b.WriteString(" order=newest-first")
	}
	if s.Limit > 0 {
		fmt.Fprintf(&b, " limit=%d", s.Limit)
	}
	if s.Group != nil {
		fmt.Fprintf(&b, " group=(%s)", s.Group)
	}
	return b.String()
}

// fields are the fields asked.
func (s *Scan) fields() string {
	switch {
	case s.All:
		return "*"
	case len(s.Fields) == 0:
		return "none"
	}
	return strings.Join(s.Fields, ",")
}

// String is what is aggregated: "count, p99(duration) by http_path".
func (g *Group) String() string {
	aggs := make([]string, len(g.Aggs))
	for i, a := range g.Aggs {
		aggs[i] = a.Call.String()
		if args := printed(a.Args); args != "" {
			aggs[i] += "(" + args + ")"
		}
	}
	text := strings.Join(aggs, ", ")
	if len(g.Keys) > 0 {
		text += " by " + printed(g.Keys)
	}
	return text
}

func printed(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

// Read counts what a store has read for a scan. Lanes add to it at once, so
// its counters are atomic.
type Read struct {
	Groups      atomic.Int64 // row groups opened
	GroupsTotal atomic.Int64 // row groups there are in the range of datasets asked
	Columns     atomic.Int64 // columns decoded of one row group, the most of any; see SawColumns
	Bytes       atomic.Int64 // bytes of pages decoded
	Rows        atomic.Int64 // rows looked at
	Damaged     Places       // what was left out because it does not verify
}

// Places are places in a store, each counted once however often it is met: a
// question may come by the same one in several scans and several times in one.
type Places struct {
	mu    sync.Mutex
	known map[string]struct{}
}

// Add notes some places, each by a name that is its own in the store.
func (p *Places) Add(names ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[string]struct{}{}
	}
	for _, name := range names {
		p.known[name] = struct{}{}
	}
}

// Len is how many places were noted.
func (p *Places) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.known)
}

// join adds the places of another set.
func (p *Places) join(o *Places) {
	o.mu.Lock()
	names := slices.Collect(maps.Keys(o.known))
	o.mu.Unlock()
	p.Add(names...)
}

// SawColumns counts the columns decoded of one row group.
func (r *Read) SawColumns(n int64) {
	for most := r.Columns.Load(); n > most && !r.Columns.CompareAndSwap(most, n); {
		most = r.Columns.Load()
	}
}

// Add counts what was read for a part of the same question.
func (r *Read) Add(o *Read) {
	r.Groups.Add(o.Groups.Load())
	r.GroupsTotal.Add(o.GroupsTotal.Load())
	r.SawColumns(o.Columns.Load())
	r.Bytes.Add(o.Bytes.Load())
	r.Rows.Add(o.Rows.Load())
	r.Damaged.join(&o.Damaged)
}

// Extent says where the lines of a dataset lie.
type Extent struct {
	Dataset  string
	Rows     int64
	Bytes    int64 // on disk
	From, To int64 // times of the oldest and the newest row; both 0 without rows
	Seq      int64 // number of the row appended last
}
