package pipe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// grouping is what stats, timechart, top and patterns stand on: aggregates of
// the groups that some fields make.
type grouping struct {
	aggs    []aggregate
	by      []string
	made    []assignment // those of by that are no fields: pattern(_msg)
	part    part
	amounts bool // a rate is not divided here, see agg.Env
}

// part says which half of an aggregation a pipe does.
type part uint8

const (
	complete part = iota
	laneHalf      // rows in, an unfinished table out
	restHalf      // unfinished tables in, rows out
)

// parseGrouping reads aggregates and what stands after by.
func parseGrouping(r *expr.Reader) (grouping, error) {
	aggs, err := parseAggregates(r, nil)
	g := grouping{aggs: aggs}
	if err == nil && r.TakeWord("by") {
		g.by, err = parseKeys(r, aggs)
	}
	return g, err
}

// parseMadeKeys is parseKeys for keys that may also be made by a function:
// pattern(_msg), lower(level) as l.
func (g *grouping) parseMadeKeys(r *expr.Reader) error {
	for {
		r.Space()
		at := r.Offset()
		name, made, err := parseMadeKey(r)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(g.aggs, func(a aggregate) bool { return a.as == name }) || made != nil && slices.Contains(g.by, name) {
			return r.Fail(at, "there would be two columns “"+name+"”", "give one of them another name with as")
		}
		if !slices.Contains(g.by, name) {
			g.by = append(g.by, name)
		}
		if made != nil {
			g.made = append(g.made, assignment{name, made})
		}
		if comma := r.Take(","); r.Done() {
			if comma {
				return r.Fail(r.Offset(), "expected the name of a field after the comma, found "+r.Found(), "")
			}
			return nil
		}
	}
}

// parseMadeKey reads a key; made is nil when it is a field.
func parseMadeKey(r *expr.Reader) (name string, made expr.Expr, err error) {
	ahead := *r
	f, function := expr.FunctionOf(strings.ToLower(ahead.Word()))
	if !function || IsAggregate(f.Name) || ahead.Peek() != '(' {
		name, err = r.FieldName("the name of a field")
		return name, nil, err
	}
	at := r.Offset()
	if made, err = r.Expression(); err != nil {
		return "", nil, err
	}
	name = made.String()
	if _, call := made.(*expr.Call); !call {
		return "", nil, r.Fail(at, "expected a field or one function, found the expression “"+name+"”", "eval x = … in front makes a field of it")
	}
	if r.TakeWord("as") {
		name, err = r.FieldName("a name for " + name)
	}
	return name, made, err
}

// maker is how a key is made, nil for a field.
func (g *grouping) maker(key string) *assignment {
	i := slices.IndexFunc(g.made, func(m assignment) bool { return m.field == key })
	if i < 0 {
		return nil
	}
	return &g.made[i]
}

// printKeys is the keys as they are written.
func (g *grouping) printKeys() string {
	parts := make([]string, len(g.by))
	for i, name := range g.by {
		parts[i] = expr.QuoteField(name)
		if m := g.maker(name); m != nil {
			if parts[i] = m.expr.String(); parts[i] != name {
				parts[i] += " as " + expr.QuoteField(name)
			}
		}
	}
	return strings.Join(parts, ", ")
}

// reads is what the keys and the aggregates read.
func (g *grouping) reads() Need {
	need := Need{}
	for _, name := range g.by {
		if m := g.maker(name); m != nil {
			need = need.WithExpr(m.expr)
		} else {
			need = need.With(name)
		}
	}
	return needs(need, g.aggs)
}

// parseKeys reads the fields to group by; one that is named twice counts once.
// They stand beside the aggregates, so the names must differ.
func parseKeys(r *expr.Reader, aggs []aggregate, stop ...string) ([]string, error) {
	r.Space()
	at := r.Offset()
	names, err := r.FieldNames("the name of a field", stop...)
	if err != nil {
		if r.Peek() == '(' {
			return nil, r.Fail(r.Offset(), "expected the name of a field, found "+r.Found(), "eval x = … in front makes a field of a function's value")
		}
		return nil, err
	}
	var keys []string
	for _, n := range names {
		if slices.ContainsFunc(aggs, func(a aggregate) bool { return a.as == n }) {
			return nil, r.Fail(at, "there would be two columns “"+n+"”", "give the aggregate another name with as")
		}
		if !slices.Contains(keys, n) {
			keys = append(keys, n)
		}
	}
	return keys, nil
}

func (g *grouping) String() string {
	s := printAggregates(g.aggs)
	if len(g.by) > 0 {
		s += " by " + g.printKeys()
	}
	return s
}

// halves are the grouping in a lane and behind the lanes.
func (g grouping) halves() (lane, rest grouping) {
	lane, rest = g, g
	lane.part, rest.part = laneHalf, restHalf
	return lane, rest
}

// arg is an argument that several aggregates may share.
type arg struct {
	expr    expr.Expr // nil: _time
	present bool      // count(x) of a field: where it has a value, whichever
}

// args are the different arguments of the aggregates, and which of them each
// aggregate takes.
func (g *grouping) args() (list []arg, places [][]int) {
	at := map[string]int{}
	slot := func(a arg) int {
		key := "_time"
		if a.expr != nil {
			key = fmt.Sprint(a.present, " ", a.expr)
		}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key] = i
			list = append(list, a)
		}
		return i
	}
	for _, a := range g.aggs {
		var own []int
		for _, e := range a.args {
			_, field := e.(*expr.Field)
			own = append(own, slot(arg{expr: e, present: field && a.word == "count"}))
		}
		if a.call.Func.Time {
			own = append(own, slot(arg{}))
		}
		places = append(places, own)
	}
	return list, places
}

// column evaluates an argument on a batch.
func (a arg) column(ev *expr.Evaluator, b *row.Batch) row.Column {
	if a.expr == nil {
		return *b.Col(row.FieldTime)
	}
	f, ok := a.expr.(*expr.Field)
	if !ok {
		return ev.Eval(a.expr, b)
	}
	c := *b.Col(f.Name)
	if a.present && c.Kind != row.Missing {
		c = row.Column{Kind: row.Const, One: row.BoolOf(true), Nulls: missing(&c, b.Len)}
	}
	return c
}

// asked is the argument as an expression, which a store can evaluate.
func (a arg) asked() expr.Expr {
	switch {
	case a.expr == nil:
		return &expr.Field{Name: row.FieldTime}
	case a.present:
		f, _ := expr.FunctionOf("isnotnull")
		return &expr.Call{Func: f, Args: []expr.Expr{a.expr}}
	}
	return a.expr
}

// columns evaluates each argument once, and gives each aggregate its own.
func columns(ev *expr.Evaluator, b *row.Batch, list []arg, places [][]int) [][]row.Column {
	made := make([]row.Column, len(list))
	for i, a := range list {
		made[i] = a.column(ev, b)
	}
	out := make([][]row.Column, len(places))
	for i, own := range places {
		for _, at := range own {
			out[i] = append(out[i], made[at])
		}
	}
	return out
}

// calls are the aggregates as agg knows them. Those with the same arguments
// may share what they hold: p50 and p99.
func (g *grouping) calls(places [][]int) []agg.Call {
	calls := make([]agg.Call, len(g.aggs))
	for i, a := range g.aggs {
		calls[i] = a.call
		calls[i].Args = fmt.Sprint(places[i])
	}
	return calls
}

// table is an empty table of the groups.
func (g *grouping) table(env *Env, places [][]int) *agg.Table {
	names := make([]string, len(g.aggs))
	for i, a := range g.aggs {
		names[i] = a.as
	}
	e := g.env(env)
	if g.part == laneHalf && env.Lanes > 2 {
		e.MaxBytes = 2 * e.MaxBytes / env.Lanes // all lanes together hold no more than two would
	}
	return agg.NewTable(g.by, g.calls(places), names, e)
}

// env is what the aggregates may know of the question.
func (g *grouping) env(env *Env) agg.Env {
	e := env.Agg()
	e.Amounts = g.amounts
	return e
}

// filling is a table that rows are folded into.
type filling struct {
	*agg.Table
	*grouping
	env    *Env
	ev     *expr.Evaluator
	list   []arg
	places [][]int
	bytes  int
}

func (g *grouping) fill(env *Env) *filling {
	list, places := g.args()
	return &filling{g.table(env, places), g, env, env.Evaluator(), list, places, 0}
}

// add folds a batch, or an unfinished table. It gives the group of each row,
// row.None for one that lacks a key; the slice lives until the next add.
func (f *filling) add(b *row.Batch) (groups []uint32, err error) {
	if o, ok := b.Partial.(*agg.Table); ok {
		f.Merge(o)
	} else if b.Len > 0 {
		groups = f.Add(keyColumns(b, f.by), columns(f.ev, b, f.list, f.places), b.Len)
	}
	if max := f.env.Limits.Groups; max > 0 && f.Len() > max {
		return nil, &fault.Limit{Name: "groups", Setting: "--max-groups", Bound: countText(max)}
	}
	by := f.MemBytes() - f.bytes
	f.bytes += by
	return groups, f.env.Budget.Take(by)
}

// cellBytes is about what an aggregate of a group takes in an answer.
const cellBytes = 16

// done is the table when all rows are in. That of a lane is handed on at once,
// and taken from the budget again where it goes. What answers of the others come
// to is taken before they are made: many aggregates may share what they hold.
func (f *filling) done() (*agg.Table, error) {
	if f.part == laneHalf {
		return f.Table, f.env.Budget.Take(-f.bytes)
	}
	if f.Approximate() {
		f.env.Note(approximated)
	}
	return f.Table, f.env.Budget.Take(f.Len() * len(f.aggs) * cellBytes)
}

// fold is the table of all rows of in; unfinished tables among them are
// merged.
func (g *grouping) fold(ctx context.Context, env *Env, in row.Rows) (*agg.Table, error) {
	if len(g.made) > 0 && g.part != restHalf {
		in = (&eval{sets: g.made}).Run(ctx, env, in)
	}
	f := g.fill(env)
	for b, err := range in {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			_, err = f.add(b)
		}
		if err != nil {
			return nil, err
		}
	}
	return f.done()
}

// approximated is said when an exact answer would have held too much.
var approximated = Note{Approximate, "percentiles or distinct counts come from a sketch of at most 1 % error, because exact ones would have taken more memory than is allowed"}

// unfinished is the table on its way from a lane to the other half.
func unfinished(t *agg.Table) []*row.Batch { return []*row.Batch{{Partial: t}} }

func keyColumns(b *row.Batch, fields []string) []row.Column {
	cols := make([]row.Column, len(fields))
	for i, f := range fields {
		cols[i] = *b.Col(f)
	}
	return cols
}

// asked is what a store is asked to aggregate in place of a lane.
func (g *grouping) asked(env *Env) *scan.Group {
	out := &scan.Group{Env: g.env(env)}
	for _, k := range g.by {
		if m := g.maker(k); m != nil {
			out.Keys = append(out.Keys, m.expr)
		} else {
			out.Keys = append(out.Keys, &expr.Field{Name: k})
		}
	}
	list, places := g.args()
	for i, call := range g.calls(places) {
		a := scan.Agg{Call: call}
		for _, at := range places[i] {
			a.Args = append(a.Args, list[at].asked())
		}
		out.Aggs = append(out.Aggs, a)
	}
	return out
}
