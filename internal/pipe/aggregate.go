package pipe

import (
	"context"
	"fmt"
	"strings"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// aggregate is one aggregate as it stands in a question: p99(duration) as p.
type aggregate struct {
	call agg.Call
	word string // as written, lower-case: p99.9
	args []expr.Expr
	as   string // the name of its column
}

// parseAggregates reads aggregates, with commas or blanks between, up to by,
// a bracket or the end.
func parseAggregates(r *expr.Reader) ([]aggregate, error) {
	var list []aggregate
	for !r.Done() && r.Peek() != ')' && !atWord(r, "by") {
		a, err := parseAggregate(r)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
		r.Take(",")
	}
	if len(list) == 0 {
		return nil, r.Fail(r.Offset(), "expected an aggregate, found "+r.Found(), "for example count, p99(duration), dc(user_id)")
	}
	return list, nil
}

// aggregateNames are the names that somebody who mistyped one may have meant.
func aggregateNames() []string {
	names := []string{"p50", "p90", "p95", "p99"}
	for f := range agg.Functions() {
		names = append(append(names, f.Name), f.Aliases...)
	}
	return names
}

func atWord(r *expr.Reader, word string) bool {
	ahead := *r
	return ahead.TakeWord(word)
}

func parseAggregate(r *expr.Reader) (aggregate, error) {
	r.Space()
	at := r.Offset()
	a := aggregate{word: strings.ToLower(r.AggregateWord())}
	call, ok := agg.Lookup(a.word)
	if !ok {
		if a.word == "" {
			return a, r.Fail(at, "expected an aggregate, found "+r.Found(), "for example count, p99(duration), dc(user_id)")
		}
		hint := ""
		if near := fault.Nearest(a.word, aggregateNames()); near != "" {
			hint = "did you mean " + near + "?"
		}
		return a, r.Fail(at, "there is no aggregate “"+a.word+"”", hint)
	}
	a.call = call
	if err := a.parseArgs(r, at); err != nil {
		return a, err
	}
	a.as = a.word + strings.TrimSpace(r.Text(at, r.Offset())[len(a.word):])
	if a.as == "count()" {
		a.as = "count"
	}
	if r.TakeWord("as") {
		var err error
		if a.as, err = r.FieldName("a name for " + a.word); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (a *aggregate) parseArgs(r *expr.Reader, at int) error {
	if r.Peek() == '(' && r.Text(r.Offset()-1, r.Offset()) != " " {
		r.Take("(")
		for !r.Take(")") {
			if len(a.args) > 0 {
				if err := r.Expect(",", "or “)” in "+a.word+"("); err != nil {
					return err
				}
			}
			e, err := r.Expression()
			if err != nil {
				return err
			}
			a.args = append(a.args, e)
		}
	}
	if n := len(a.args); n < a.call.Func.Min || n > a.call.Func.Max {
		return r.Fail(at, "wrong number of arguments for "+a.word+"("+a.call.Func.Params+")", "")
	}
	return nil
}

func (a *aggregate) String() string {
	text := a.word
	if len(a.args) > 0 {
		parts := make([]string, len(a.args))
		for i, e := range a.args {
			parts[i] = e.String()
		}
		text += "(" + strings.Join(parts, ", ") + ")"
	}
	if text != a.as {
		text += " as " + expr.QuoteField(a.as)
	}
	return text
}

func printAggregates(list []aggregate) string {
	parts := make([]string, len(list))
	for i := range list {
		parts[i] = list[i].String()
	}
	return strings.Join(parts, " ")
}

// needs adds what the aggregates read.
func needs(n Need, list []aggregate) Need {
	for _, a := range list {
		for _, e := range a.args {
			n = n.WithExpr(e)
		}
		if a.call.Func.Time {
			n = n.With(row.FieldTime)
		}
	}
	return n
}

// ordered reports whether an aggregate depends on the order of rows.
func ordered(list []aggregate) Order {
	for _, a := range list {
		if a.call.Func.Ordered {
			return NeedsOrder
		}
	}
	return IgnoresOrder
}

// grouping is what stats, timechart, top and patterns stand on: aggregates of
// the groups that some fields make.
type grouping struct {
	aggs []aggregate
	by   []string
	part part
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
	aggs, err := parseAggregates(r)
	g := grouping{aggs: aggs}
	if err == nil && r.TakeWord("by") {
		g.by, err = r.FieldNames("the name of a field to group by")
	}
	return g, err
}

func (g *grouping) String() string {
	s := printAggregates(g.aggs)
	if len(g.by) > 0 {
		s += " by " + expr.QuoteFields(g.by)
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
	if c.Kind == row.Bool && a.present {
		c = row.Column{Kind: row.Const, One: row.BoolOf(true), Nulls: c.Nulls}
	}
	return c
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

// table is an empty table of the groups.
func (g *grouping) table(env *Env, places [][]int) *agg.Table {
	calls, names := make([]agg.Call, len(g.aggs)), make([]string, len(g.aggs))
	for i, a := range g.aggs {
		calls[i], names[i] = a.call, a.as
		calls[i].Args = fmt.Sprint(places[i]) // p50 and p99 of the same share what they hold
	}
	return agg.NewTable(g.by, calls, names, aggEnv(env))
}

func aggEnv(env *Env) agg.Env {
	return agg.Env{From: env.From, To: env.To, MaxBytes: env.Limits.AggBytes}
}

// fold is the table of all rows of in; unfinished tables among them are
// merged.
func (g *grouping) fold(ctx context.Context, env *Env, in row.Rows) (*agg.Table, error) {
	list, places := g.args()
	t := g.table(env, places)
	ev := env.Evaluator()
	held := 0
	for b, err := range in {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if o, ok := b.Partial.(*agg.Table); ok {
			t.Merge(o)
		} else if b.Len > 0 {
			t.Add(keyColumns(b, g.by), columns(ev, b, list, places), b.Len)
		}
		if max := env.Limits.Groups; max > 0 && t.Len() > max {
			return nil, &fault.Limit{Name: "groups", Setting: "--max-groups", Bound: countText(max)}
		}
		now := t.MemBytes()
		if err := env.Budget.Take(now - held); err != nil {
			return nil, err
		}
		held = now
	}
	if t.Approximate() && g.part != laneHalf {
		env.Note(approximated)
	}
	return t, nil
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
func (g *grouping) asked() *scan.Group {
	out := &scan.Group{}
	for _, k := range g.by {
		out.Keys = append(out.Keys, &expr.Field{Name: k})
	}
	for _, a := range g.aggs {
		out.Aggs = append(out.Aggs, scan.Agg{Call: a.call, Args: a.args})
	}
	return out
}
