package query

import (
	"context"
	"fmt"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
)

// rewriter is a pipe with expressions in it, which may hold subsearches.
type rewriter interface {
	Rewrite(change func(expr.Expr) expr.Expr) pipe.Pipe
}

// maxSubValues bounds the values of a subsearch: every row is compared with
// them.
const maxSubValues = 1_000_000

// resolve answers the subsearches of a question and puts their values in.
func resolve(ctx context.Context, env *pipe.Env, q *pipe.Question) error {
	var failed error
	change := func(e expr.Expr) expr.Expr {
		in, ok := e.(*expr.In)
		if !ok || in.Sub == nil || failed != nil {
			return e
		}
		list, err := values(ctx, env, in)
		if err != nil {
			failed = fmt.Errorf("subsearch [%s]: %w", in.Sub.Text, err)
			return e
		}
		return &expr.In{X: in.X, List: list, Exact: in.Exact}
	}
	q.Search = expr.Rewrite(q.Search, change)
	for i, p := range q.Pipes {
		if r, ok := p.(rewriter); ok {
			q.Pipes[i] = r.Rewrite(change)
		}
	}
	return failed
}

// values are the values of a subsearch: those of the field of the same name,
// or else of its first field that a person would see.
func values(ctx context.Context, env *pipe.Env, in *expr.In) ([]expr.Pattern, error) {
	name := ""
	if f, ok := in.X.(*expr.Field); ok {
		name = f.Name
	}
	rows, err := env.Sub(ctx, in.Sub.Text, 0, 0)
	if err != nil {
		return nil, err
	}
	var list []expr.Pattern
	seen := map[string]bool{}
	for b, err := range rows {
		if err != nil {
			return nil, err
		}
		c := column(b, name)
		for i := range b.Len {
			v := c.Value(i)
			if v.IsMissing() || seen[v.Text()] {
				continue
			}
			if len(list) == maxSubValues {
				return nil, &fault.Limit{Name: "subsearch values", Bound: fmt.Sprint(maxSubValues)}
			}
			seen[v.Text()] = true
			list = append(list, expr.LiteralPattern(v.Text()))
			if err := env.Budget.Take(v.MemBytes()); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func column(b *row.Batch, name string) *row.Column {
	if c := b.Find(name); c != nil {
		return c
	}
	for i := range b.Cols {
		if n := b.Cols[i].Name; n != row.FieldTime && n != row.FieldSeq && n != row.FieldDataset {
			return &b.Cols[i]
		}
	}
	return b.Col(name)
}
