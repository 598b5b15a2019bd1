package query

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// narrow is which of the allowed datasets (nil: all) a search can find lines
// in: one that says _dataset=app looks into no other, and its open range is
// that of app.
func narrow(search expr.Expr, allowed []string) []string {
	clauses := []expr.Expr{search}
	if and, ok := search.(*expr.And); ok {
		clauses = and.List
	}
	for _, c := range clauses {
		if names := datasetsNamed(c); names != nil {
			if allowed != nil {
				names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(allowed, n) })
			}
			allowed = names
		}
	}
	return allowed
}

// datasetsNamed are the datasets that a clause allows, nil when it says
// nothing about them. The names of datasets are lower-case.
func datasetsNamed(clause expr.Expr) []string {
	var list []expr.Pattern
	switch x := clause.(type) {
	case *expr.Compare:
		if x.Field != row.FieldDataset || x.Op != expr.Eq && x.Op != expr.Is {
			return nil
		}
		list = []expr.Pattern{x.Pattern}
	case *expr.In:
		if f, ok := x.X.(*expr.Field); !ok || f.Name != row.FieldDataset || x.Sub != nil {
			return nil
		}
		list = x.List
	}
	var names []string
	for _, p := range list {
		name, ok := p.Literal()
		if !ok {
			return nil
		}
		names = append(names, strings.ToLower(name))
	}
	return names
}
