package pipe

import (
	"context"
	"time"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Pipe is one step of a question: it turns rows into rows.
type Pipe interface {
	// String is the pipe as it is written; it parses back to the same pipe.
	String() string
	// Reads is what the pipe needs of its input when after is needed of its
	// output.
	Reads(after Need) Need
	// Run turns in into its result. It may start reading when the result is
	// first asked for, stops reading when nobody asks any more, and passes
	// errors of in on.
	Run(ctx context.Context, env *Env, in row.Rows) row.Rows
}

// Splitter is a pipe of which a part can run beside the rows, once in each
// lane. A pipe that looks at each row alone is all lane: rest is nil. Nil for both
// says that no part of it can.
type Splitter interface {
	Split() (lane, rest Pipe)
}

// Pusher is a pipe that a store may do, or begin to do. Push adds what it asks
// to s and reports whether nothing is left of the pipe itself. It is called on
// the pipes in order, and not after one that keeps something.
type Pusher interface {
	Push(s *scan.Scan) (gone bool)
}

// Order says what the order of rows means to a pipe.
type Order uint8

const (
	// NeedsOrder: its answer depends on the order of its rows.
	NeedsOrder Order = iota
	// KeepsOrder: rows leave in the order they come, whatever that is.
	KeepsOrder
	// IgnoresOrder: the answer is the same in any order.
	IgnoresOrder
)

// Orderer is a pipe that does not just need its rows in order.
type Orderer interface{ Order() Order }

// Wanter is a pipe that must know what is wanted of its rows beyond what it
// reads itself, because it reads lines of its own, or makes what costs much.
type Wanter interface {
	// Wants is the pipe when after is needed of its output.
	Wants(after Need) Pipe
}

// Shaper is a pipe whose result is drawn in another way than lines.
type Shaper interface{ Shape() Shape }

// Shape is how a result wants to be shown.
type Shape string

// The shapes of results.
const (
	Lines     Shape = "lines"
	Table     Shape = "table"
	Timechart Shape = "timechart"
)

// Env is what a pipe may know of the question it runs in, and ask of its
// surroundings. One Env serves all pipes of a question.
type Env struct {
	Now      int64 // nanoseconds since the Unix epoch
	From, To int64 // the range asked: From ≤ _time < To; an open side is where the rows begin or end
	// The range as asked: an open side is the smallest or largest number there is.
	AskedFrom, AskedTo int64
	Zone               *time.Location
	Limits             Limits
	Budget             *Budget
	Lanes              int // streams that are read at once
	// Sub asks another question with the rights of this one. A zero range
	// means the range of this question, unless the text says its own.
	Sub func(ctx context.Context, text string, from, to int64) (row.Rows, error)
	// Scan reads lines of the store with the rights of this question, whatever
	// its search and its range; the datasets are those it may read.
	Scan func(ctx context.Context, want scan.Scan) (row.Rows, error)
	// Links finds rows of other servers, as far as links of their ids are kept; nil:
	// there are none. The walk of related asks it beside Scan.
	Links related.Need
	// Datasets are the datasets it may read, as they are declared.
	Datasets func() []dataset.Dataset
	// Search is the search that feeds the chain, for compare.
	Search expr.Expr
	// Table gives a lookup table by name.
	Table func(name string) (*row.Batch, error)
	// Note tells whoever asked something beside the rows.
	Note func(Note)
	// Done is closed when nobody waits for the answer any more.
	Done <-chan struct{}

	unions agg.Unions // of all that groups rows
}

// Note is something to say beside the rows.
type Note struct {
	Kind NoteKind
	Text string // one sentence
}

// NoteKind says what a note means for the answer.
type NoteKind uint8

// Kinds of notes.
const (
	Warning     NoteKind = iota // worth knowing
	Approximate                 // a sketch was used
	Truncated                   // rows were left out because of a limit the question set or met
	Partial                     // not everything could be read
)

// Limits bound one question. Zero means none.
type Limits struct {
	Groups   int // of an aggregate
	JoinRows int // of the right side of a join
	OutRows  int // rows of the answer
	AggBytes int // of one exact percentile or distinct count; beyond it a sketch
}

// Evaluator returns an evaluator for one goroutine of the question.
func (e *Env) Evaluator() *expr.Evaluator {
	return expr.NewEvaluator(expr.Env{Now: e.Now, Zone: e.Zone, Done: e.Done})
}

// Agg is what aggregates may know of the question.
func (e *Env) Agg() agg.Env {
	return agg.Env{From: e.From, To: e.To, MaxBytes: e.Limits.AggBytes, Unions: &e.unions}
}

// Need is a set of fields: All of them, or those in Fields. With All, Fields
// are named ones, which may be aliases.
type Need struct {
	All    bool
	Fields []string
}

// Everything is the need of whoever looks at whole rows.
func Everything() Need { return Need{All: true} }

// With is the need and these fields too.
func (n Need) With(fields ...string) Need {
	out := Need{All: n.All, Fields: append([]string(nil), n.Fields...)}
	for _, f := range fields {
		if !out.Names(f) {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// Without is the need less these fields, which the pipe itself makes.
func (n Need) Without(fields ...string) Need {
	out := Need{All: n.All}
next:
	for _, f := range n.Fields {
		for _, x := range fields {
			if f == x {
				continue next
			}
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// Names reports whether the field is named in the need.
func (n Need) Names(field string) bool {
	for _, f := range n.Fields {
		if f == field {
			return true
		}
	}
	return false
}

// WithExpr is the need and the fields that e reads.
func (n Need) WithExpr(e expr.Expr) Need {
	names, all := expr.Fields(e)
	out := n.With(names...)
	out.All = out.All || all
	return out
}

// Only is the need of just these fields.
func Only(fields ...string) Need { return Need{}.With(fields...) }

// Kind is a row of the table of pipes: how a pipe is written, and its
// documentation.
type Kind struct {
	Name    string   // the word after |
	Aliases []string // other words for it
	Syntax  string   // as documentation shows it
	Summary string   // one sentence
	Doc     string   // Markdown: rules and examples
	// Cleanup says that it may stand among the pipes of a dataset: it looks at
	// each row alone and makes one of it or none.
	Cleanup bool
	// Parse reads what stands after the name, up to the next | or the end.
	Parse func(r *expr.Reader, name string) (Pipe, error)
}

// IsAggregate reports whether a name followed by a bracket names an
// aggregate, so that where p99(duration) > 1 finds the column.
func IsAggregate(name string) bool {
	_, ok := agg.Lookup(name)
	return ok
}
