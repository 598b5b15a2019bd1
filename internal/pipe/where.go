package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// filter keeps the rows for which an expression is true: the pipes where and
// search, which differ only in how it is written.
type filter struct {
	name string
	expr expr.Expr
}

var whereKind = &Kind{
	Name:    "where",
	Cleanup: true,
	Aliases: []string{"filter"},
	Syntax:  "where <expression>",
	Summary: "keeps the rows for which an expression is true",
	Doc: `Names are fields, texts stand in double quotes, values compare exactly. What an
aggregate made is named as it was asked: ` + "`where p99(duration) > 1`" + `. A comparison
with a missing value is false.

	canonical-log-line | stats count by http_route | where count > 10
	where duration > 500ms and http_route in ("/v1/charges", "/v1/refunds")
	where user_agent ~ "(?i)curl"
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		e, err := r.Expression()
		return &filter{"where", e}, err
	},
}

var searchKind = &Kind{
	Name:    "search",
	Cleanup: true,
	Syntax:  "search <search>",
	Summary: "keeps the rows that a search finds, written as at the beginning of a question",
	Doc: `Words and phrases are looked for in ` + "`_msg`" + `, ` + "`field=value`" + ` takes wildcards and any letter
case. A time range stands at the beginning of the question only.

	canonical-log-line | stats count by http_route | search http_route=/v1/*
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		before := r.Range
		r.Range = expr.Range{}
		r.Space()
		at := r.Offset()
		e, err := r.Search()
		if err == nil && r.Range != (expr.Range{}) {
			err = r.Fail(at, "earliest= and latest= stand in the first search, before any |", "compare _time instead")
		}
		r.Range = before
		return &filter{"search", e}, err
	},
}

// Filter is the pipe for a filter that a store leaves to the question.
func Filter(e expr.Expr) Pipe { return &filter{"where", e} }

// Rewrite is the pipe with its expression changed.
func (p *filter) Rewrite(change func(expr.Expr) expr.Expr) Pipe {
	return &filter{p.name, expr.Rewrite(p.expr, change)}
}

func (p *filter) String() string { return p.name + " " + p.expr.String() }

func (p *filter) Reads(after Need) Need { return after.WithExpr(p.expr) }

func (p *filter) Order() Order { return KeepsOrder }

func (p *filter) Split() (lane, rest Pipe) { return p, nil }

func (p *filter) Push(s *scan.Scan) bool {
	if s.Limit > 0 {
		return false
	}
	s.Where = expr.Conjunction(s.Where, p.expr)
	return true
}

func (p *filter) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	ev := env.Evaluator()
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		return b.Keep(ev.Filter(p.expr, b)), nil
	})
}
