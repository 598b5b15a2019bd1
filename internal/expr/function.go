package expr

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Function is a row of the table of functions, and its documentation.
type Function struct {
	Name     string
	Params   string // as documentation shows them: "text, from, length?"
	Summary  string // one sentence
	Example  string // an expression, checked by a test
	Min, Max int    // arguments; Max < 0: any number
	// Check looks at the arguments when the question is read: literal regular
	// expressions, formats. May be nil.
	Check func(args []Expr) error
	// value gives the result for one row from its arguments. It must depend on
	// nothing else.
	value func(ev *Evaluator, args []row.Value) row.Value
	// columns gives the results for n rows at once, in place of value.
	columns func(ev *Evaluator, x *Call, args []row.Column, n int) row.Column
}

func (f *Function) check(args []Expr) error {
	if f.Check == nil {
		return nil
	}
	return f.Check(args)
}

// FunctionNames are the names of all functions, sorted.
func FunctionNames() []string {
	names := make([]string, 0, len(functions))
	for name := range functions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// FunctionOf is the function of a lower-case name.
func FunctionOf(name string) (*Function, bool) {
	f, ok := functions[name]
	return f, ok
}
