package expr

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Function is a row of the table of functions, and its documentation.
//
// A function gives a missing value when an argument is missing, when it cannot
// do with what it got (a root of -1), and when its result would be larger than
// a megabyte. Functions of texts take the text of numbers, times and lists.
type Function struct {
	Name     string
	Params   string // as documentation shows them: "text, from, length?"
	Summary  string // one sentence
	Example  string // an expression
	Result   string // and its value as text; a test compares
	Min, Max int    // arguments, as Params says; Max < 0: any number

	// check looks at argument number checked when the question is read, where it
	// is a text written there: a regular expression, a format. May be nil.
	check   func(text string) error
	checked int
	// value gives the result for one row from its arguments, none of which is
	// missing. It must depend on nothing else.
	value func(ev *Evaluator, args []row.Value) row.Value
	// shapes says that value is given the shape of a message (see row.Shape) in
	// place of the text, where there is one.
	shapes bool
	// columns gives the results for n rows at once, in place of value.
	columns func(ev *Evaluator, x *Call, args []row.Column, n int) row.Column
}

// OnlyShape is the field of which a function wants no more than the shape of
// the message, where there is one: pattern(_msg).
func OnlyShape(e Expr) (field string, ok bool) {
	c, ok := e.(*Call)
	if !ok || !c.Func.shapes || len(c.Args) != 1 {
		return "", false
	}
	f, ok := c.Args[0].(*Field)
	if !ok {
		return "", false
	}
	return f.Name, true
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

// table is the functions by name.
func table(list []Function) map[string]*Function {
	byName := make(map[string]*Function, len(list))
	for i := range list {
		f := &list[i]
		f.Min, f.Max = countParams(f.Params)
		byName[f.Name] = f
	}
	return byName
}

// countParams reads how many arguments a function takes from its parameters:
// "text, from, length?", "value, …".
func countParams(params string) (least, most int) {
	if params == "" {
		return 0, 0
	}
	for p := range strings.SplitSeq(params, ", ") {
		switch {
		case p == "…":
			return least, -1
		case !strings.HasSuffix(p, "?"):
			least++
		}
		most++
	}
	return least, most
}

// wrong is what check says to the arguments of a call.
func (f *Function) wrong(args []Expr) error {
	if f.check == nil || f.checked >= len(args) {
		return nil
	}
	lit, ok := args[f.checked].(*Literal)
	if !ok || lit.Value.Kind != row.Text {
		return nil
	}
	return f.check(lit.Value.Str())
}

func invalid(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }
