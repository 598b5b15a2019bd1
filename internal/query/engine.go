package query

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/when"
)

// Options set up an Engine. The zero value of a limit means none.
type Options struct {
	Source  Source
	Budget  *pipe.Budget  // memory of all questions together
	Limits  pipe.Limits   // of one question
	RunTime time.Duration // of one question
	Lanes   int           // streams at most; 0: the store chooses
	Zone    *time.Location
	Apart   string // a dataset that only questions which name it look into; empty: none
	// Dataset says how a dataset is declared; all have defaults when nil.
	Dataset func(name string) dataset.Dataset
	// Links finds rows of other servers for related; nil: there are none.
	Links related.Need
	// Lookup gives a table by name, for the pipe lookup.
	Lookup func(name string) (*row.Batch, error)
	Now    func() time.Time
	// Log takes faults of the engine that a question met; nil: slog's own.
	Log *slog.Logger
}

// Engine answers questions from a source. It may be used by many goroutines.
type Engine struct{ opts Options }

// New returns an engine.
func New(o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Dataset == nil {
		o.Dataset = dataset.New
	}
	if o.Lookup == nil {
		o.Lookup = func(name string) (*row.Batch, error) {
			return nil, fault.New(fault.NotFound, "there is no lookup table %q", name)
		}
	}
	return &Engine{o}
}

// Request is a question as somebody asks it.
type Request struct {
	Text     string
	From, To string   // as when.Relative reads them; empty: everything; the text's own range goes first
	Datasets []string // that may be read; nil: all
	// Only are filters of the caller's own, beside those of the text.
	Only expr.Expr
	// Limit is how many rows are wanted at most, 0: all. An answer that has more
	// is marked truncated.
	Limit int
	// Unread says that no person reads the notes, so that an empty answer need not
	// be looked into for what may have been mistyped.
	Unread bool
	// Fresh asks for an answer without anything kept from earlier ones.
	Fresh bool
	// Urgent says that somebody may have to be woken by the answer: questions that
	// are not wait for it where lines leave little room.
	Urgent bool
}

// Ask reads and plans a question and gives an answer whose rows come while
// they are read. Close the answer when done with it.
func (e *Engine) Ask(ctx context.Context, req Request) (*Answer, error) {
	return e.ask(ctx, req, e.opts.Now().UnixNano(), 0)
}

// maxDepth bounds subsearches within subsearches.
const maxDepth = 8

func (e *Engine) ask(ctx context.Context, req Request, now int64, depth int) (_ *Answer, err error) {
	if depth > maxDepth {
		return nil, fault.New(fault.Invalid, "subsearches are nested more than %d deep", maxDepth)
	}
	a := &Answer{text: req.Text, started: time.Now(), budget: e.opts.Budget.Child()}
	ctx, a.cancel = e.bounded(ctx)
	defer func() {
		if c := fault.Crashed(recover()); c != nil {
			e.logCrash(req.Text, c)
			err = c
		}
		if err != nil {
			a.Close()
		}
	}()
	q, err := pipe.Parse(req.Text)
	if err != nil {
		return nil, err
	}
	a.Shape, a.explain = shape(q.Pipes), q.Explain
	if a.Asked, err = e.within(req, q, now); err != nil {
		return nil, err
	}
	within := narrow(q.Search, req.Datasets)
	a.extents = e.opts.Source.Extents(within)
	datasets := req.Datasets
	if within == nil && e.passesBy(q.Search) {
		a.extents, datasets = without(a.extents, e.opts.Apart)
	}
	a.Range = a.Asked.clamp(a.extents, now)
	if !q.Explain {
		a.Columns = pipe.Columns(q.Pipes)
		a.fields = slices.Clone(a.Columns)
	}
	env := e.env(a, req, q, now, depth)
	env.Done = ctx.Done()
	if err := resolve(ctx, env, q); err != nil {
		return nil, err
	}
	if a.limit = int64(req.Limit); a.limit > 0 {
		q.Pipes = append(q.Pipes, pipe.Head(req.Limit+1)) // one more tells whether there are more
	}
	if req.Only != nil {
		q.Search = expr.Conjunction(q.Search, req.Only)
	}
	a.Plan = plan(q, scan.Scan{Datasets: datasets, From: a.Asked.From, To: a.Asked.To, Lanes: e.opts.Lanes, Fresh: req.Fresh, Urgent: req.Urgent, Env: expr.Env{Now: now, Zone: e.opts.Zone, Done: ctx.Done()}}, e.opts.Source, env)
	a.hints = depth == 0 && req.Only == nil && !req.Unread
	a.rows = e.start(ctx, a, env)
	if q.Explain {
		a.rows = a.explained(a.rows)
	}
	a.rows = e.guarded(req.Text, a.rows)
	return a, nil
}

// bounded is a context that ends with the answer, or when it takes too long.
func (e *Engine) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.opts.RunTime <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, e.opts.RunTime, &fault.Limit{Name: "run time", Setting: "--max-run-time", Bound: e.opts.RunTime.String()})
}

// env is what the pipes of a question may know and ask.
func (e *Engine) env(a *Answer, req Request, q *pipe.Question, now int64, depth int) *pipe.Env {
	limits := e.opts.Limits
	if depth > 0 {
		limits.OutRows = 0 // of an answer; who asked the subsearch has a limit of its own
	}
	return &pipe.Env{
		Now: now, From: a.Range.From, To: a.Range.To, AskedFrom: a.Asked.From, AskedTo: a.Asked.To, Zone: e.opts.Zone,
		Limits: limits, Budget: a.budget, Table: e.opts.Lookup, Note: a.note,
		Search: q.Search,
		Scan: func(ctx context.Context, want scan.Scan) (row.Rows, error) {
			return e.scan(ctx, a, req, q.Search, want)
		},
		Links:    e.links(req),
		Datasets: func() []dataset.Dataset { return e.readable(req, q.Search) },
		Sub: func(ctx context.Context, text string, from, to int64) (row.Rows, error) {
			sub := Request{Text: text, From: req.From, To: req.To, Datasets: req.Datasets, Fresh: req.Fresh, Urgent: req.Urgent}
			if q.Range.Earliest != "" {
				sub.From = q.Range.Earliest
			}
			if q.Range.Latest != "" {
				sub.To = q.Range.Latest
			}
			if from != 0 || to != 0 {
				sub.From, sub.To = rfc3339(from), rfc3339(to)
			}
			answer, err := e.ask(ctx, sub, now, depth+1)
			if err != nil {
				return nil, err
			}
			return answer.drain(a), nil
		},
	}
}

// start puts the plan to work; nothing is read before the first row is asked.
func (e *Engine) start(ctx context.Context, a *Answer, env *pipe.Env) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		// Lanes end when nobody asks them any more; what comes after them goes on.
		laneCtx, stop := context.WithCancel(ctx)
		defer stop()
		rows, err := e.lanes(laneCtx, stop, &a.Plan, a, env)
		if err != nil {
			yield(nil, cause(ctx, err))
			return
		}
		for _, p := range a.Plan.Rest {
			rows = p.Run(ctx, env, rows)
		}
		if a.give(ctx, rows, env.Limits.OutRows, yield) && a.nothing && a.hints {
			e.hint(ctx, a)
		}
	}
}

// lanes are the lines of a plan, its lanes' pipes done, in one stream.
func (e *Engine) lanes(ctx context.Context, stop context.CancelFunc, p *Plan, a *Answer, env *pipe.Env) (row.Rows, error) {
	lanes, err := e.opts.Source.Scan(ctx, p.Scan, &a.read)
	if err != nil {
		return nil, err
	}
	env.Lanes = len(lanes)
	for i := range lanes {
		if p.Scan.All || slices.Contains(p.Scan.Fields, row.FieldDataset) {
			lanes[i] = named(lanes[i])
		}
		for _, l := range p.Lane {
			lanes[i] = l.Run(ctx, env, lanes[i])
		}
		lanes[i] = e.guarded(a.text, lanes[i]) // each may run on a goroutine of its own
	}
	return merged(ctx, stop, lanes), nil
}

// named gives lines the field _dataset, which a store need not keep in each of
// them.
func named(lines row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		for b, err := range lines {
			if err == nil && b.Dataset != "" && b.Find(row.FieldDataset) == nil {
				b = b.With(row.ConstColumn(row.FieldDataset, row.TextOf(b.Dataset)))
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// cause is the limit that ended the context, if one did.
func cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && ctx.Err() != nil {
		return c
	}
	return err
}

// Range is a range of time in nanoseconds since the Unix epoch: From ≤ t < To.
type Range struct{ From, To int64 }

// everything is the range that nothing lies outside of.
var everything = Range{math.MinInt64, math.MaxInt64}

// within is the range a request asks for.
func (e *Engine) within(req Request, q *pipe.Question, now int64) (Range, error) {
	from, to, own := req.From, req.To, q.Range
	if own.Earliest != "" {
		from = own.Earliest
	}
	if own.Latest != "" {
		to = own.Latest
	}
	r := everything
	var err error
	if from != "" {
		if r.From, err = when.Relative(from, now, e.opts.Zone); err != nil {
			return r, fault.Wrap(fault.Invalid, err, "the beginning of the range")
		}
	}
	if to != "" {
		if r.To, err = when.Relative(to, now, e.opts.Zone); err != nil {
			return r, fault.Wrap(fault.Invalid, err, "the end of the range")
		}
	}
	if r.From > r.To {
		message := fmt.Sprintf("the range ends before it begins: from %s to %s", rfc3339(r.From), rfc3339(r.To))
		if own == (expr.Range{}) {
			return r, fault.New(fault.Invalid, "%s", message)
		}
		return r, fault.AtOffset(req.Text, q.RangeAt, message, "")
	}
	return r, nil
}

// clamp replaces an open side by where the rows begin or end; a range that only
// begins somewhere goes on until now.
func (r Range) clamp(extents []scan.Extent, now int64) Range {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, x := range extents {
		if x.Rows > 0 {
			first, last = min(first, x.From), max(last, x.To)
		}
	}
	if first > last {
		first, last = 0, -1
	}
	if r.From == math.MinInt64 {
		r.From = min(first, r.To)
	} else {
		last = max(last, now-1)
	}
	if r.To == math.MaxInt64 {
		r.To = max(last+1, r.From)
	}
	return r
}

func rfc3339(ns int64) string { return string(when.AppendRFC3339(nil, ns)) }
