package columnar

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// In a group of rows that have no field of an alias's own name, the alias is
// just another name: the filter is asked about the field it stands for, with
// all that the group knows of it. Only where rows have both must their values
// be put together.

// renaming says for which dataset and which of its aliases, a bit each, names
// were put in.
type renaming struct {
	view  *view
	which uint64
}

// mostRenamed aliases can be told apart by a word of bits; of more, the later
// ones are looked up row by row, which is right too.
const mostRenamed = 64

// rename is the filter of a dataset for a group.
func (l *lane) rename(v *view, g *colfile.Group) expr.Expr {
	which := uint64(0)
	for i, name := range v.aliases {
		if i < mostRenamed && !has(g, name) && has(g, v.Aliases[name]) {
			which |= 1 << i
		}
	}
	if which == 0 {
		return v.where
	}
	key := renaming{v, which}
	e, ok := l.renamed[key]
	if !ok {
		e = expr.Rewrite(v.where, func(e expr.Expr) expr.Expr { return v.put(e, which) })
		l.renamed[key] = e
	}
	return e
}

// put is a node with the field an alias stands for.
func (v *view) put(e expr.Expr, which uint64) expr.Expr {
	stands := func(name string) string {
		if i := slices.Index(v.aliases, name); i >= 0 && i < mostRenamed && which>>i&1 != 0 {
			return v.Aliases[name]
		}
		return name
	}
	switch x := e.(type) {
	case *expr.Field:
		if name := stands(x.Name); name != x.Name {
			return &expr.Field{Name: name}
		}
	case *expr.Compare:
		if name := stands(x.Field); name != x.Field {
			return &expr.Compare{Field: name, Op: x.Op, Pattern: x.Pattern}
		}
	case *expr.Exists:
		if name := stands(x.Field); name != x.Field {
			return &expr.Exists{Field: name}
		}
	case *expr.Term:
		if name := stands(x.Field); name != x.Field && x.Field != expr.AnyField {
			return &expr.Term{Field: name, Pattern: x.Pattern, Case: x.Case}
		}
	case *expr.Terms:
		if name := stands(x.Field); name != x.Field {
			return &expr.Terms{Field: name, Case: x.Case, List: x.List}
		}
	case *expr.Within:
		if name := stands(x.Field); name != x.Field {
			return &expr.Within{Field: name, Net: x.Net, Not: x.Not}
		}
	}
	return e
}

// merges reports whether a clause names an alias of which rows of the group
// have both fields.
func (v *view) merges(g *colfile.Group, e expr.Expr) bool {
	if len(v.aliases) == 0 {
		return false
	}
	names, _ := expr.Fields(e)
	return slices.ContainsFunc(names, func(name string) bool {
		return v.Aliases[name] != "" && has(g, name) && has(g, v.Aliases[name])
	})
}

func has(g *colfile.Group, name string) bool { return g.Facts(name).Kind != row.Missing }
