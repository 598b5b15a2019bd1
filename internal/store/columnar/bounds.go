package columnar

import (
	"math"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// numberRange is a range of _seq, both ends included. Who follows lines asks
// for the numbers after the last one again and again; what lies outside the
// range is not even opened.
type numberRange struct{ from, to int64 }

// numbersOf is the range of _seq outside of which no row can match a filter.
func numbersOf(where expr.Expr) numberRange {
	r := numberRange{math.MinInt64, math.MaxInt64}
	list := []expr.Expr{where}
	if and, ok := where.(*expr.And); ok {
		list = and.List
	}
	for _, e := range list {
		c, ok := e.(*expr.Compare)
		if !ok || c.Field != row.FieldSeq {
			continue
		}
		text, plain := c.Pattern.Literal()
		n, ok := expr.ParseNumber(text)
		if !plain || !ok || n.Kind != row.Int {
			continue
		}
		r.narrow(c.Op, n.Nums())
	}
	return r
}

func (r *numberRange) narrow(op expr.Op, n int64) {
	switch op {
	case expr.Eq, expr.Is:
		r.from, r.to = max(r.from, n), min(r.to, n)
	case expr.Gt, expr.Ge: // the number itself may stay in: a range may be too wide
		r.from = max(r.from, n)
	case expr.Lt, expr.Le:
		r.to = min(r.to, n)
	}
}

// meets reports whether rows numbered from one to another can be in the range.
func (r numberRange) meets(from, to int64) bool { return from <= r.to && to >= r.from }
