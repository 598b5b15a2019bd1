package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Pipes that make rows larger do it for so many rows at once as come to a batch of
// usual size, and take from the budget what is made while it is made. It is given back
// when whoever got the batch is done with it: a chain of such pipes holds a batch at
// each of them.

// maxText is the longest text a pipe writes: as long as the longest line that
// intake takes by default.
const maxText = 1 << 20

// pieceBytes is how large batches grow before they are handed on, so that whoever
// stops the question does not wait for more.
const pieceBytes = 16 << 20

// growthStep is how many bytes are taken from the budget at once.
const growthStep = 64 << 10

// growth is what is made of some rows until it is handed on.
type growth struct {
	budget *Budget
	made   int // bytes
	taken  int // of the budget, as many or a step more
}

// take takes n bytes more.
func (g *growth) take(n int) error {
	if g.made += n; g.made <= g.taken {
		return nil
	}
	by := g.made - g.taken + growthStep
	err := g.budget.Take(by)
	if err == nil {
		g.taken += by
	}
	return err
}

// text takes the bytes of one text.
func (g *growth) text(n int) error {
	if n > maxText {
		return &fault.Limit{Name: "length of a text", Bound: "1 MiB"}
	}
	return g.take(n)
}

// full reports whether it is time to hand on what was made.
func (g *growth) full() bool { return g.made >= pieceBytes }

// end gives everything back.
func (g *growth) end() {
	_ = g.budget.Take(-g.taken) // giving back cannot fail
	g.made, g.taken = 0, 0
}

// slice is rows of b, which are copied where they are not all of them.
func (g *growth) slice(b *row.Batch, from, to int) (*row.Batch, error) {
	if to-from == b.Len {
		return b, nil
	}
	s := b.Slice(from, to)
	return s, g.take(s.MemBytes())
}

// eval is the value of e for each row of b; ok is false where it is too large to be
// made for all of them at once. What is made on the way counts until it is there.
func (g *growth) eval(ev *expr.Evaluator, e expr.Expr, b *row.Batch) (c row.Column, ok bool, err error) {
	if b.Len == 1 {
		c = ev.Eval(e, b)
		return c, true, g.take(c.MemBytes())
	}
	before := g.made
	c, ok = ev.EvalWithin(e, b, func(n int) bool {
		if err == nil {
			err = g.take(n)
		}
		return err == nil && !g.full()
	})
	g.made = before
	if ok && err == nil {
		err = g.take(c.MemBytes())
	}
	return c, ok, err
}

// grown is the stream of what grow makes of the rows of in: of those of b from the
// given one on, until there are enough, and the row to go on with.
func grown(ctx context.Context, env *Env, in row.Rows, grow func(g *growth, b *row.Batch, from int) (out *row.Batch, next int, err error)) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		g := growth{budget: env.Budget}
		for b, err := range each(ctx, in, same) {
			for next := 0; err == nil && next < b.Len; {
				var out *row.Batch
				if out, next, err = grow(&g, b, next); err == nil {
					err = ctx.Err() // what was made may have been cut short
				}
				more := err != nil || out.Len == 0 || yield(out, nil)
				if g.end(); !more {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}
