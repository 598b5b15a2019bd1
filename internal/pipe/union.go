package pipe

import (
	"context"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// union adds the rows of other questions.
type union struct {
	atEnd bool // append: behind the rows there are; else by time among them
	subs  []*expr.Sub
}

var appendKind = &Kind{
	Name:    "append",
	Syntax:  "append [ <question> ]",
	Summary: "adds the rows of another question behind those there are",
	Doc: `The question in brackets has the range of time of the whole one, unless it says
its own.

	service=api | stats count | eval what="api" | append [ service=worker | stats count | eval what="worker" ]
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		sub, err := r.Subsearch()
		return &union{true, []*expr.Sub{sub}}, err
	},
}

var unionKind = &Kind{
	Name:    "union",
	Syntax:  "union [ <question> ] [[ <question> ] …]",
	Summary: "puts the rows of other questions among those there are, newest first",
	Doc: `Rows without a time come last.

	service=api level=error | union [ service=worker level=error ]
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &union{}
		for {
			sub, err := r.Subsearch()
			if err != nil {
				return nil, err
			}
			p.subs = append(p.subs, sub)
			r.Take(",")
			if r.Peek() != '[' {
				return p, nil
			}
		}
	},
}

func (p *union) String() string {
	name := "union "
	if p.atEnd {
		name = "append "
	}
	parts := make([]string, len(p.subs))
	for i, s := range p.subs {
		parts[i] = s.String()
	}
	return name + strings.Join(parts, " ")
}

func (p *union) Reads(after Need) Need {
	if p.atEnd {
		return after
	}
	return NewestFirst().Reads(after)
}

func (p *union) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	if p.atEnd {
		return func(yield func(*row.Batch, error) bool) {
			for b, err := range in {
				if !yield(b, err) || err != nil {
					return
				}
			}
			other, err := env.Sub(ctx, p.subs[0].Text, 0, 0)
			if err != nil {
				yield(nil, err)
				return
			}
			other(yield)
		}
	}
	return whole(func() ([]*row.Batch, error) {
		held, err := gather(ctx, env, in)
		if err != nil {
			return nil, err
		}
		for _, s := range p.subs {
			other, err := env.Sub(ctx, s.Text, 0, 0)
			if err != nil {
				return nil, err
			}
			for b, err := range each(ctx, other, same) {
				if err == nil {
					err = held.add(b)
				}
				if err != nil {
					return nil, err
				}
			}
		}
		b, err := held.one()
		if err != nil {
			return nil, err
		}
		return []*row.Batch{b.Pick(sortRows(b, newestFirst()))}, nil
	})
}
