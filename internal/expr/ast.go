package expr

import (
	"net/netip"
	"regexp"

	"github.com/plumbline/plumbline/internal/row"
)

// Expr is a node of the tree. Its String parses back to the same tree, in the
// grammar it came from. Nodes are never written after parsing.
type Expr interface {
	String() string
	node()
}

// Every matches every row: the search *.
type Every struct{}

// And is true when all of List are. Search clauses stand beside each other
// without a word; in an expression "and" stands between.
type And struct{ List []Expr }

// Or is true when one of List is.
type Or struct{ List []Expr }

// Not is true when X is not.
type Not struct{ X Expr }

// Term is a word, phrase or fragment looked for in a text field: in _msg, in
// Field when it was named with any other, in every field when Field is
// AnyField. It is found at the borders of words, as people read them
// ("Wi-Fi", "PowerShot", "SD500"), except on the sides where Pattern has a *.
type Term struct {
	Field   string
	Pattern Pattern
	Case    bool // case("…"): letters must match as written
}

// AnyField is the field of a Term that is looked for in all fields.
const AnyField = "any"

// Op is a comparison.
type Op uint8

// The comparisons. Is and IsNot are the exact forms: no wildcards, letters as
// written.
const (
	Eq Op = iota
	Ne
	Lt
	Le
	Gt
	Ge
	Is
	IsNot
)

var opText = [...]string{"=", "!=", "<", "<=", ">", ">=", "==", "!=="}

// String is the operator as it is written.
func (o Op) String() string { return opText[o] }

// Terms is true where one of many terms is found in the field: what Listed makes of
// a chain of them. Each has one literal stretch, of ASCII.
type Terms struct {
	Field string
	Case  bool
	List  []Pattern
}

// Compare is a search clause: a field against a value written in the question.
// With Eq and Ne the whole value is matched against Pattern, letter case apart;
// with the others Pattern is literal.
type Compare struct {
	Field   string
	Op      Op
	Pattern Pattern
}

// Exists is true where the field has a value: field=*.
type Exists struct{ Field string }

// Within is true where the field is an address inside Net: field=10.0.0.0/8.
type Within struct {
	Field string
	Net   netip.Prefix
	Not   bool
}

// In is true where the value is one of a list. In a search the list holds
// patterns, in an expression exact values (Exact).
type In struct {
	X     Expr // a *Field in a search
	List  []Pattern
	Sub   *Sub // in place of List: in [subsearch]
	Exact bool
	// ByLetter: the asker wants values or elements of lists that are these very
	// texts, and looks again himself: what differs in letter case may be left out.
	// No question says so; pipes do.
	ByLetter bool
}

// Sub is a question in brackets whose answer is put in before evaluation.
type Sub struct{ Text string }

// Match is true where the text of X matches an RE2 expression anywhere:
// field~"…". Letter case counts; (?i) in front switches that off.
type Match struct {
	X      Expr
	RE     *regexp.Regexp
	Not    bool
	Search bool // written in a search: X is a *Field and prints as one
}

// Field is the value of a field.
type Field struct{ Name string }

// Literal is a value written in an expression.
type Literal struct {
	Value row.Value
	Text  string // as written, where the value does not print so: 5m is 300, 1e3
}

// Binary is arithmetic or comparison of two expressions: + - * / % and the
// comparisons of Op.
type Binary struct {
	Op   string
	L, R Expr
}

// Negate is -X.
type Negate struct{ X Expr }

// Call is a function of the table in functions.go.
type Call struct {
	Func *Function
	Args []Expr
}

func (*Every) node()   {}
func (*And) node()     {}
func (*Or) node()      {}
func (*Not) node()     {}
func (*Term) node()    {}
func (*Terms) node()   {}
func (*Compare) node() {}
func (*Exists) node()  {}
func (*Within) node()  {}
func (*In) node()      {}
func (*Match) node()   {}
func (*Field) node()   {}
func (*Literal) node() {}
func (*Binary) node()  {}
func (*Negate) node()  {}
func (*Call) node()    {}

// Walk calls visit for e and all nodes under it, parents first.
func Walk(e Expr, visit func(Expr)) {
	if e == nil {
		return
	}
	visit(e)
	switch x := e.(type) {
	case *And:
		walkAll(x.List, visit)
	case *Or:
		walkAll(x.List, visit)
	case *Not:
		Walk(x.X, visit)
	case *In:
		Walk(x.X, visit)
	case *Match:
		Walk(x.X, visit)
	case *Binary:
		Walk(x.L, visit)
		Walk(x.R, visit)
	case *Negate:
		Walk(x.X, visit)
	case *Call:
		walkAll(x.Args, visit)
	}
}

func walkAll(list []Expr, visit func(Expr)) {
	for _, e := range list {
		Walk(e, visit)
	}
}

// Rewrite returns e with every node replaced by what change makes of it,
// children first. Nodes that do not change are shared.
func Rewrite(e Expr, change func(Expr) Expr) Expr {
	switch x := e.(type) {
	case nil:
		return nil
	case *And:
		e = &And{rewriteAll(x.List, change)}
	case *Or:
		e = &Or{rewriteAll(x.List, change)}
	case *Not:
		e = &Not{Rewrite(x.X, change)}
	case *In:
		c := *x
		c.X = Rewrite(x.X, change)
		e = &c
	case *Match:
		c := *x
		c.X = Rewrite(x.X, change)
		e = &c
	case *Binary:
		e = &Binary{x.Op, Rewrite(x.L, change), Rewrite(x.R, change)}
	case *Negate:
		e = &Negate{Rewrite(x.X, change)}
	case *Call:
		e = &Call{x.Func, rewriteAll(x.Args, change)}
	}
	return change(e)
}

func rewriteAll(list []Expr, change func(Expr) Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = Rewrite(e, change)
	}
	return out
}

// Fields are the names of the fields that e reads, each once. all is true when
// e looks into every field.
func Fields(e Expr) (names []string, all bool) {
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	Walk(e, func(e Expr) {
		switch x := e.(type) {
		case *Term:
			if x.Field == AnyField {
				all = true
			} else {
				add(x.Field)
			}
		case *Terms:
			add(x.Field)
		case *Compare:
			add(x.Field)
		case *Exists:
			add(x.Field)
		case *Within:
			add(x.Field)
		case *Field:
			add(x.Name)
		case *Step:
			add(x.Field)
		}
	})
	return names, all
}

// Conjunction joins filters by and; nil and * fall away. No filter left gives
// *.
func Conjunction(list ...Expr) Expr {
	var out []Expr
	for _, e := range list {
		switch x := e.(type) {
		case nil, *Every:
		case *And:
			out = append(out, x.List...)
		default:
			out = append(out, e)
		}
	}
	switch len(out) {
	case 0:
		return &Every{}
	case 1:
		return out[0]
	}
	return &And{out}
}
