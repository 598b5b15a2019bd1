package agg

// funcs is the table of aggregates: to add one, write it in a file of its own
// and add its line here.
var funcs = map[string]*Func{}

// Lookup finds the aggregate of a name as it stands in a question, lower-case:
// "count", "p99.9".
func Lookup(name string) (Call, bool) {
	f, ok := funcs[name]
	return Call{Func: f}, ok
}
