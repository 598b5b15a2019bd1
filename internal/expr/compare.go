package expr

import (
	"cmp"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// comparisonOps are the comparisons of expressions.
var comparisonOps = map[string]Op{"=": Eq, "!=": Ne, "<": Lt, "<=": Le, ">": Gt, ">=": Ge}

// mirrored are the comparisons with their sides changed.
var mirrored = [...]Op{Eq: Eq, Ne: Ne, Lt: Gt, Le: Ge, Gt: Lt, Ge: Le}

// compare is the set of rows of among for which a comparison of two
// expressions is true. It is false where a side is missing.
func (ev *Evaluator) compare(x *Binary, b *row.Batch, among row.Bitmap) row.Bitmap {
	op := comparisonOps[x.Op]
	l, r := ev.eval(x.L, b), ev.eval(x.R, b)
	switch {
	case isConst(&r):
		return ev.compareWith(x, fixed(x.R), &l, op, r.One, b.Len, among)
	case isConst(&l):
		return ev.compareWith(x, fixed(x.L), &r, mirrored[op], l.One, b.Len, among)
	}
	rows := present(&r, present(&l, among))
	out := row.NewBitmap(b.Len)
	if l.Kind == row.Missing || r.Kind == row.Missing {
		return out
	}
	if l.Kind == r.Kind && (l.Kind == row.Int || l.Kind == row.Time) {
		mark(rows, out, func(i int) bool { return ordered(cmp.Compare(l.Nums[i], r.Nums[i]), op) })
		return out
	}
	if isNumber(l.Kind) && isNumber(r.Kind) {
		mark(rows, out, func(i int) bool { return ordered(row.Compare(l.Value(i), r.Value(i)), op) })
		return out
	}
	mark(rows, out, func(i int) bool { return compareValues(l.Value(i), r.Value(i), op) })
	return out
}

func isConst(c *row.Column) bool { return c.Kind == row.Const && c.Nulls == nil }

// compareWith asks a column about one value. keep says that the value will be
// the same in the next batch.
func (ev *Evaluator) compareWith(x *Binary, keep bool, c *row.Column, op Op, v row.Value, n int, among row.Bitmap) row.Bitmap {
	q := ev.tests[x]
	if q == nil || !keep {
		q = &question{test: newValueTest(op, v, keep, &ev.env), not: op == Ne}
		if keep {
			ev.keep(x, q)
		}
	}
	return ev.decide(q, c, n, among)
}

// compareValues compares as expressions do: = by row.Equal, the others numbers
// with numbers and texts with texts. A number beside a time is Unix seconds.
func compareValues(a, b row.Value, op Op) bool {
	if a.IsMissing() || b.IsMissing() {
		return false
	}
	if a.Kind == row.Time {
		b = asTime(b)
	} else if b.Kind == row.Time {
		a = asTime(a)
	}
	switch op {
	case Eq:
		return row.Equal(a, b)
	case Ne:
		return !row.Equal(a, b)
	}
	return a.Number().IsMissing() == b.Number().IsMissing() && ordered(row.Compare(a, b), op)
}

// asTime is a number of Unix seconds as a time, if it can be one.
func asTime(v row.Value) row.Value {
	if ns, ok := moment(v); ok {
		return row.TimeOf(ns)
	}
	return v
}

// valueTest compares with one value.
type valueTest struct {
	op     Op
	limit  row.Value
	number *bounds // the limit, when it is a number
	time   *bounds // the limit, when it can stand beside a time
}

// newValueTest makes a test against a value. One that was written in the
// question may say a time as a text, or as Unix milliseconds and the like; what
// rows hold is never read so.
func newValueTest(op Op, limit row.Value, isWritten bool, env *Env) *valueTest {
	if op == Ne {
		op = Eq
	}
	n := number(limit)
	if n.IsMissing() && isWritten {
		if n = sizeOf(limit, op); op != Eq && !n.IsMissing() {
			limit = n // no text lies on a side of it
		}
	}
	t := &valueTest{op: op, limit: limit}
	if !n.IsMissing() {
		t.number = newBounds(op, n)
	}
	at := asTime(limit)
	if isWritten && (limit.Kind == row.Text || limit.Kind == row.Int) && at.Kind != row.Time {
		at = timeOf(limit.Text(), env)
	}
	if at.Kind == row.Time {
		t.time = newBounds(op, at)
	}
	return t
}

func (t *valueTest) text(s string) bool {
	if t.number == nil && t.limit.Kind == row.Text {
		return ordered(strings.Compare(s, t.limit.Str()), t.op) && decimal(s).IsMissing()
	}
	return compareValues(row.TextOf(s), t.limit, t.op)
}

func (t *valueTest) value(v row.Value) bool {
	switch {
	case v.Kind == row.Time && t.time != nil:
		return t.time.has(v)
	case t.number != nil && isNumber(v.Kind):
		return t.number.has(v)
	}
	return compareValues(v, t.limit, t.op)
}

func (t *valueTest) bounds(kind row.Kind) *bounds {
	if kind == row.Time {
		return t.time
	}
	return t.number
}

func (t *valueTest) whole() (text string, exact, ok bool) {
	return idText(t.limit.Text()), true, t.op == Eq
}
