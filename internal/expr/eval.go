package expr

import (
	"math"

	"github.com/plumbline/plumbline/internal/row"
)

// Eval is the value of e for each row of b. The column has no name; it may
// share memory with b. A filter gives true or false, never a missing value.
func (ev *Evaluator) Eval(e Expr, b *row.Batch) row.Column {
	c := ev.eval(e, b)
	c.Name = ""
	return c
}

// EvalWithin is as Eval, and asks more before each text and each list it makes, on the
// way to its value too, whether so many bytes more may be made. Where they may not,
// ok is false, and the column means nothing.
func (ev *Evaluator) EvalWithin(e Expr, b *row.Batch, more func(bytes int) bool) (c row.Column, ok bool) {
	ev.within = &allowance{bytes: math.MaxInt, more: more}
	c = ev.Eval(e, b)
	ok = !ev.within.spent()
	ev.within = nil
	return c, ok
}

func (ev *Evaluator) eval(e Expr, b *row.Batch) row.Column {
	switch x := e.(type) {
	case *Field:
		return *b.Col(x.Name)
	case *Literal:
		return row.ConstColumn("", x.Value)
	case *Step:
		return Steps(b.Col(x.Field), b.Len, x.Span, ev.env.Zone)
	case *Negate:
		zero := row.ConstColumn("", row.IntOf(0))
		c := ev.eval(x.X, b)
		return ev.arithmetic('-', &zero, &c, b.Len)
	case *Call:
		return ev.call(x, b)
	case *Binary:
		if _, ok := comparisonOps[x.Op]; !ok {
			l, r := ev.eval(x.L, b), ev.eval(x.R, b)
			return ev.arithmetic(x.Op[0], &l, &r, b.Len)
		}
	}
	return row.Column{Kind: row.Bool, Bits: ev.Filter(e, b)}
}

// fixed reports whether e has the same value in every row of every batch of a
// question, so that what was found out for it stays true.
func fixed(e Expr) bool {
	yes := true
	Walk(e, func(e Expr) {
		switch e.(type) {
		case *Literal, *Binary, *Negate, *Call, *And, *Or, *Not:
		default:
			yes = false
		}
	})
	return yes
}
