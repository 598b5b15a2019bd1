package pipe

import (
	"context"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// eval sets fields to the values of expressions, one after the other.
type eval struct {
	sets  []assignment
	fused bool // made by Fuse: nobody else writes behind sets
}

type assignment struct {
	field string
	expr  expr.Expr
}

var evalKind = &Kind{
	Name:    "eval",
	Cleanup: true,
	Aliases: []string{"extend"},
	Syntax:  "eval <field>=<expression> [, <field>=<expression> …]",
	Summary: "sets fields to the values of expressions",
	Doc: `A later expression sees what an earlier one set. Where an expression has no
value, the field is missing from the row afterwards.

	eval ms = duration * 1000, slow = if(ms > 500, "slow", "ok")
`,
	Parse: parseEval,
}

func parseEval(r *expr.Reader, _ string) (Pipe, error) {
	p := &eval{}
	for {
		field, err := r.FieldName("the name of a field to set")
		if err != nil {
			return nil, err
		}
		if err := r.Expect("=", "after the field "+field); err != nil {
			return nil, err
		}
		e, err := r.Expression()
		if err != nil {
			return nil, err
		}
		p.sets = append(p.sets, assignment{field, e})
		if !r.Take(",") {
			return p, nil
		}
	}
}

func (p *eval) String() string {
	parts := make([]string, len(p.sets))
	for i, s := range p.sets {
		parts[i] = expr.QuoteField(s.field) + "=" + s.expr.String()
	}
	return "eval " + strings.Join(parts, ", ")
}

// Rewrite is the pipe with its expressions changed.
func (p *eval) Rewrite(change func(expr.Expr) expr.Expr) Pipe {
	out := &eval{sets: make([]assignment, len(p.sets))}
	for i, s := range p.sets {
		out.sets[i] = assignment{s.field, expr.Rewrite(s.expr, change)}
	}
	return out
}

func (p *eval) Reads(after Need) Need {
	for i := len(p.sets) - 1; i >= 0; i-- {
		after = after.Without(p.sets[i].field).WithExpr(p.sets[i].expr)
	}
	return after
}

// Fuse does the assignments of an eval behind along with these.
func (p *eval) Fuse(next Pipe) (Pipe, bool) {
	e, ok := next.(*eval)
	if !ok {
		return nil, false
	}
	if !p.fused {
		return &eval{sets: slices.Concat(p.sets, e.sets), fused: true}, true
	}
	return &eval{sets: append(p.sets, e.sets...), fused: true}, true // many in a row copy little
}

func (p *eval) Order() Order { return KeepsOrder }

func (p *eval) Split() (lane, rest Pipe) { return p, nil }

func (p *eval) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	ev := env.Evaluator()
	return func(yield func(*row.Batch, error) bool) {
		for b, err := range each(ctx, in, same) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !p.set(ctx, env, ev, b, p.sets, yield) {
				return
			}
		}
	}
}

// evalParts is in how many parts rows are cut where their values grow large: few, for
// each takes another look; not two, for whoever cuts holds what is cut.
const evalParts = 8

// set does assignments, and gives rows on. Where the values made grow large, the rest
// is done for some of the rows after the others: a = a + a, ten times over, would
// make a gigabyte of a batch of ordinary lines.
func (p *eval) set(ctx context.Context, env *Env, ev *expr.Evaluator, b *row.Batch, sets []assignment, yield func(*row.Batch, error) bool) bool {
	g := growth{budget: env.Budget}
	defer g.end()
	out, at := own(b)
	for k, s := range sets {
		c, ok, err := g.eval(ev, s.expr, out)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return yield(nil, err) && false
		}
		if !ok {
			return p.setParts(ctx, env, ev, out, sets[k:], yield)
		}
		c.Name = s.field
		if i, ok := at[s.field]; ok {
			out.Cols[i] = c
		} else {
			at[s.field] = len(out.Cols)
			out.Cols = append(out.Cols, c)
		}
	}
	return yield(out, nil)
}

// setParts does assignments for some of the rows after the others.
func (p *eval) setParts(ctx context.Context, env *Env, ev *expr.Evaluator, b *row.Batch, sets []assignment, yield func(*row.Batch, error) bool) bool {
	g := growth{budget: env.Budget}
	defer g.end()
	n := min(evalParts, b.Len)
	for i := range n {
		part, err := g.slice(b, i*b.Len/n, (i+1)*b.Len/n)
		if err != nil {
			return yield(nil, err) && false
		}
		if !p.set(ctx, env, ev, part, sets, yield) {
			return false
		}
		g.end()
	}
	return true
}

// own is a batch with the columns of b whose list may be written to, and their
// places, so that many assignments cost no more than each alone.
func own(b *row.Batch) (out *row.Batch, at map[string]int) {
	out = &row.Batch{Dataset: b.Dataset, Len: b.Len, Cols: slices.Clone(b.Cols), Partial: b.Partial}
	at = make(map[string]int, len(b.Cols))
	for i := range b.Cols {
		at[b.Cols[i].Name] = i
	}
	return out, at
}
