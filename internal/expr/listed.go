package expr

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// fewValues are asked one by one; more are looked up in a list.
const fewValues = 4

// Listed makes a list of many values that one field is compared with: a=1 or
// a=2 or … is a in (1, 2, …), and a!=1 a!=2 … asks for a value that is in no
// such list. Many words joined by or, and many that must not be there, are looked
// for in one pass over a text. Its answer takes one look however long it is. It changes the node
// itself; Rewrite brings it to all nodes of a tree. What a person wrote is kept
// by whoever keeps the question.
func Listed(e Expr) Expr {
	switch x := e.(type) {
	case *Or:
		flat := flatOr(x.List)
		values := listed(flat, false)
		if terms := listedTerms(or(values, flat), false); values != nil || terms != nil {
			return disjunction(or(terms, or(values, flat)))
		}
	case *And:
		values := listed(x.List, true)
		if terms := listedTerms(or(values, x.List), true); values != nil || terms != nil {
			return Conjunction(or(terms, or(values, x.List))...)
		}
	}
	return e
}

// or is list, or otherwise when that is nil.
func or(list, otherwise []Expr) []Expr {
	if list == nil {
		return otherwise
	}
	return list
}

// flatOr is the clauses with those of an or among them put in their place.
func flatOr(list []Expr) []Expr {
	out := make([]Expr, 0, len(list))
	for _, e := range list {
		if or, ok := e.(*Or); ok {
			out = append(out, or.List...)
		} else {
			out = append(out, e)
		}
	}
	return out
}

func disjunction(list []Expr) Expr {
	if len(list) == 1 {
		return list[0]
	}
	return &Or{list}
}

// compared is what stays the same in the clauses that go into one list.
type compared struct {
	field string
	exact bool
}

// listed is the clauses with those that compare fields with values joined,
// where a list stands first; nil when there are too few of them. not says that
// they are of the negated kind.
func listed(list []Expr, not bool) []Expr {
	if len(list) < fewValues {
		return nil
	}
	lists := map[compared]*In{}
	for _, e := range list {
		if key, value, ok := equality(e, not); ok {
			if lists[key] == nil {
				lists[key] = &In{X: &Field{key.field}, Exact: key.exact}
			}
			lists[key].List = append(lists[key].List, value)
		}
	}
	done, out := map[compared]bool{}, make([]Expr, 0, len(list))
	for _, e := range list {
		key, _, ok := equality(e, not)
		switch {
		case !ok || len(lists[key].List) < fewValues:
			out = append(out, e)
		case !done[key]:
			done[key] = true
			out = append(out, membership(lists[key], not)...)
		}
	}
	if len(done) == 0 {
		return nil
	}
	return out
}

// membership is the clauses that say that a field is, or is not, in a list. As
// f!=x does, its negation asks that there is a value.
func membership(in *In, not bool) []Expr {
	if not {
		return []Expr{&Exists{in.X.(*Field).Name}, &Not{in}}
	}
	return []Expr{in}
}

// equality is the field and the value of a clause that compares them by = or,
// negated, by !=.
func equality(e Expr, not bool) (key compared, value Pattern, ok bool) {
	switch x := e.(type) {
	case *Compare:
		return compared{field: x.Field}, x.Pattern, x.Op == map[bool]Op{false: Eq, true: Ne}[not]
	case *Binary:
		field, isField := x.L.(*Field)
		literal, isLiteral := x.R.(*Literal)
		if !isField || !isLiteral || x.Op != map[bool]string{false: "=", true: "!="}[not] {
			return key, value, false
		}
		key = compared{field: field.Name, exact: true}
		return key, LiteralPattern(literal.Value.Text()), slices.Contains([]row.Kind{row.Text, row.Int, row.Decimal}, literal.Value.Kind)
	}
	return key, value, false
}
