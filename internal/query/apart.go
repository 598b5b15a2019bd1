package query

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/scan"
)

// passesBy reports whether a question looks past the dataset that stands apart:
// it does unless its search names it. Whoever counts the requests of a service
// must not count those of the house.
func (e *Engine) passesBy(search expr.Expr) bool {
	if e.opts.Apart == "" {
		return false
	}
	return search == nil || !strings.Contains(search.String(), e.opts.Apart)
}

// without are all datasets but one, and their names; nil, for all there are, where
// there is none of that name.
func without(all []scan.Extent, name string) (rest []scan.Extent, names []string) {
	apart := func(x scan.Extent) bool { return x.Dataset == name }
	if !slices.ContainsFunc(all, apart) {
		return all, nil
	}
	names = []string{}
	for _, x := range all {
		if !apart(x) {
			rest, names = append(rest, x), append(names, x.Dataset)
		}
	}
	return rest, names
}
