package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// patterns groups rows by the pattern of a text: stats by pattern(field), with
// counts and an example.
type patterns struct {
	field    string
	by       []string
	part     part
	limit    int  // the rows that a head behind lets pass; 0: all
	unsorted bool // whoever comes behind does not mind the order
	bare     bool // nobody looks at the examples
}

var patternsKind = &Kind{
	Name:    "patterns",
	Aliases: []string{"pattern"},
	Syntax:  "patterns [<field>] [by <field> …]",
	Summary: "groups messages that differ only in numbers and hex, with counts and an example",
	Doc: `In a pattern each run of digits stands as ` + "`<n>`" + `, each hex token of six or more
digits, with a letter and a digit among them, as ` + "`<hex>`" + `, and each UUID as ` + "`<uuid>`" + `. The commonest pattern comes
first; the example is the newest.

	level=error earliest=-1h | patterns
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &patterns{field: row.FieldMsg}
		var err error
		if !r.Done() && !atWord(r, "by") {
			if p.field, err = r.FieldName("the name of a field"); err != nil {
				return nil, err
			}
		}
		if r.TakeWord("by") {
			p.by, err = parseKeys(r, []aggregate{{as: fieldPattern}, {as: "count"}, {as: fieldExample}})
		}
		return p, err
	},
}

func (p *patterns) String() string {
	s := "patterns"
	if p.field != row.FieldMsg {
		s += " " + expr.QuoteField(p.field)
	}
	if len(p.by) > 0 {
		s += " by " + expr.QuoteFields(p.by)
	}
	if p.limit > 0 {
		s += " | " + Head(p.limit).String()
	}
	return s
}

// Fuse takes a head behind in, so that only its rows are sorted and held.
func (p *patterns) Fuse(next Pipe) (Pipe, bool) {
	h, ok := next.(*head)
	if !ok || h.n == 0 || p.limit > 0 {
		return nil, false
	}
	out := *p
	out.limit = h.n
	return &out, true
}

// Unsorted is the pipe for whoever does not mind the order of its rows.
func (p *patterns) Unsorted() Pipe {
	out := *p
	out.unsorted = out.limit == 0
	return &out
}

// Wants leaves the examples out where nobody looks at them.
func (p *patterns) Wants(after Need) Pipe {
	out := *p
	out.bare = !after.All && !after.Names(fieldExample)
	return &out
}

func (p *patterns) Reads(Need) Need {
	need := Only(p.field).With(p.by...)
	if !p.bare {
		need = need.With(row.FieldTime)
	}
	return need
}

func (p *patterns) Order() Order { return IgnoresOrder }

func (p *patterns) Shape() Shape { return Table }

func (p *patterns) Split() (lane, rest Pipe) {
	a, b := *p, *p
	a.part, b.part = laneHalf, restHalf
	return &a, &b
}

// The columns of patterns, beside count.
const (
	fieldPattern = "pattern"
	fieldExample = "example"
)

func (p *patterns) keys() []string { return append([]string{fieldPattern}, p.by...) }

// grouping counts the patterns, with an example of each if somebody looks at it.
func (p *patterns) grouping() *grouping {
	count, _ := agg.Lookup("count")
	g := &grouping{part: p.part, by: p.keys(), aggs: []aggregate{{call: count, word: "count", as: "count"}}}
	if !p.bare {
		latest, _ := agg.Lookup("latest")
		g.aggs = append(g.aggs, aggregate{call: latest, word: "latest", as: fieldExample, args: []expr.Expr{&expr.Field{Name: p.field}}})
	}
	return g
}

// Group is the part a store may do.
func (p *patterns) Group(env *Env) *scan.Group {
	g := p.grouping().asked(env)
	g.Keys[0] = p.pattern()
	return g
}

func (p *patterns) pattern() expr.Expr {
	f, _ := expr.FunctionOf("pattern")
	return &expr.Call{Func: f, Args: []expr.Expr{&expr.Field{Name: p.field}}}
}

func (p *patterns) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		if p.part != restHalf {
			in = (&eval{sets: []assignment{{fieldPattern, p.pattern()}}}).Run(ctx, env, in)
		}
		t, err := p.grouping().fold(ctx, env, in)
		if err != nil {
			return nil, err
		}
		if p.part == laneHalf {
			return unfinished(t), nil
		}
		b := t.Batch()
		if p.unsorted {
			return []*row.Batch{b}, nil
		}
		n := b.Len
		if p.limit > 0 {
			n = p.limit
		}
		keys := []sortKey{{"count", true}, {fieldPattern, false}}
		for _, f := range p.by {
			keys = append(keys, sortKey{f, false})
		}
		return []*row.Batch{b.Pick(headRows(b, keys, n))}, nil
	})
}
