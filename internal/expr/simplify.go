package expr

// Verdict is what somebody knows of a filter without looking at the rows.
type Verdict uint8

// No row it is true for, or some perhaps, or it is true for every row.
const (
	No Verdict = iota
	Maybe
	Yes
)

// None matches no row: what Simplify leaves of a filter that cannot be true.
type None struct{}

func (*None) node() {}

// String is not *.
func (*None) String() string { return "not *" }

// Simplify is e with every clause that judge decides put in, and what follows
// from that: an and with a clause that is never true is *None, one that is
// always true falls away. judge is asked about the clauses that and, or and
// not join, never about those themselves. The result is *Every when all rows
// match and *None when no row can.
func Simplify(e Expr, judge func(Expr) Verdict) Expr {
	switch x := e.(type) {
	case nil, *Every:
		return &Every{}
	case *None:
		return x
	case *And:
		return simplifyAnd(x, judge)
	case *Or:
		return simplifyOr(x, judge)
	case *Not:
		return negation(Simplify(x.X, judge))
	}
	switch judge(e) {
	case No:
		return &None{}
	case Yes:
		return &Every{}
	}
	return e
}

func simplifyAnd(x *And, judge func(Expr) Verdict) Expr {
	list := make([]Expr, 0, len(x.List))
	for _, e := range x.List {
		e = Simplify(e, judge)
		if none, ok := e.(*None); ok {
			return none
		}
		list = append(list, e)
	}
	return Conjunction(list...)
}

func simplifyOr(x *Or, judge func(Expr) Verdict) Expr {
	var list []Expr
	for _, e := range x.List {
		switch e := Simplify(e, judge).(type) {
		case *Every:
			return e
		case *None:
		case *Or:
			list = append(list, e.List...)
		default:
			list = append(list, e)
		}
	}
	switch len(list) {
	case 0:
		return &None{}
	case 1:
		return list[0]
	}
	return &Or{list}
}

func negation(e Expr) Expr {
	switch x := e.(type) {
	case *Every:
		return &None{}
	case *None:
		return &Every{}
	case *Not:
		return x.X
	}
	return &Not{e}
}
