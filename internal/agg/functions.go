package agg

import (
	"iter"
	"slices"
	"strings"
)

// functions is the table of aggregates: to add one, write it in a file of its
// own and add its line here. The order is that of the documentation.
var functions = [...]*Func{
	&countFunc,
	&sumFunc, &avgFunc,
	&minFunc, &maxFunc, &rangeFunc,
	&stdevFunc, &varFunc,
	&percentileFunc, &medianFunc,
	&distinctFunc, &valuesFunc, &modeFunc,
	&firstFunc, &lastFunc, &listFunc,
	&earliestFunc, &latestFunc,
	&rateFunc, &sparklineFunc,
}

// percentileName stands before the number in p50, p99.9.
const percentileName = "p"

// Lookup finds the aggregate of a name as it stands in a question, lower-case:
// "count", "p99.9".
func Lookup(name string) (Call, bool) {
	for _, f := range functions {
		switch {
		case f.Name == percentileName:
			if q, ok := parsePercent(strings.TrimPrefix(name, percentileName)); ok && name[:1] == percentileName {
				return Call{Func: f, Quantile: q}, true
			}
		case f.Name == name || slices.Contains(f.Aliases, name):
			c := Call{Func: f}
			if f == &medianFunc {
				c.Quantile = 0.5
			}
			return c, true
		}
	}
	return Call{}, false
}

// Functions are the rows of the table, in the order of the documentation.
func Functions() iter.Seq[*Func] { return slices.Values(functions[:]) }

// Names are the names that Lookup reads, for proposing the nearest one; of the
// percentiles only the common ones.
func Names() []string {
	var names []string
	for _, f := range functions {
		if f.Name == percentileName {
			names = append(names, "p50", "p90", "p95", "p99", "p99.9")
			continue
		}
		names = append(append(names, f.Name), f.Aliases...)
	}
	return names
}
