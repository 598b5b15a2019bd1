package expr

import (
	"math"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Expression reads an expression as where and eval take it. From loosest to
// closest: or, and, not, comparisons (also in, ~), + and -, * / and %, the
// sign.
func (r *Reader) Expression() (Expr, error) {
	x := expression{Reader: r}
	return x.or()
}

type expression struct {
	*Reader
	depth int
	sums  int // signs + - * / % so far: a + b + c nests to the left
}

// maxSums bounds the depth of the tree that a row of sums makes.
const maxSums = 1000

func (x *expression) oneMore() error {
	if x.sums++; x.sums > maxSums {
		return x.Fail(x.pos, "the expression has too many operations", "")
	}
	return nil
}

func (x *expression) or() (Expr, error) {
	return x.chain(x.and, "or", "||", func(list []Expr) Expr { return &Or{list} })
}

func (x *expression) and() (Expr, error) {
	return x.chain(x.not, "and", "&&", func(list []Expr) Expr { return &And{list} })
}

// chain reads operands with a word or its sign between.
func (x *expression) chain(operand func() (Expr, error), word, sign string, join func([]Expr) Expr) (Expr, error) {
	first, err := operand()
	if err != nil {
		return nil, err
	}
	list := []Expr{first}
	for x.TakeWord(word) || x.Take(sign) {
		e, err := operand()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	if len(list) == 1 {
		return first, nil
	}
	return join(list), nil
}

func (x *expression) not() (Expr, error) {
	at := x.pos
	if !x.TakeWord("not") {
		if x.Peek() != '!' || strings.HasPrefix(x.text[x.pos:], "!=") || strings.HasPrefix(x.text[x.pos:], "!~") {
			return x.comparison()
		}
		x.Take("!")
	}
	if err := x.deeper(at); err != nil {
		return nil, err
	}
	defer x.higher()
	e, err := x.not()
	if err != nil {
		return nil, err
	}
	return &Not{e}, nil
}

func (x *expression) deeper(at int) error {
	if x.depth++; x.depth > maxNesting {
		return x.Fail(at, "the expression is nested too deeply", "")
	}
	return nil
}

func (x *expression) higher() { x.depth-- }

// Longest first, so that == is not read as =. == says the same as =.
var comparisons = []struct{ text, op string }{
	{"!==", "!="}, {"==", "="}, {"!=", "!="}, {"<>", "!="}, {"<=", "<="}, {">=", ">="}, {"=", "="}, {"<", "<"}, {">", ">"},
}

func (x *expression) comparison() (Expr, error) {
	left, err := x.sum()
	if err != nil {
		return nil, err
	}
	if x.Take("!~") {
		return x.matches(left, true)
	}
	if x.Take("~") {
		return x.matches(left, false)
	}
	for _, c := range comparisons {
		if x.Take(c.text) {
			right, err := x.sum()
			if err != nil {
				return nil, err
			}
			return &Binary{c.op, left, right}, nil
		}
	}
	at := x.pos
	not := x.TakeWord("not")
	if !x.TakeWord("in") {
		x.pos = at
		return left, nil
	}
	in, err := x.in(left)
	if err != nil || !not {
		return in, err
	}
	return &Not{in}, nil
}

func (x *expression) matches(left Expr, not bool) (Expr, error) {
	x.Space()
	at := x.pos
	text, err := x.Quoted("a regular expression")
	if err != nil {
		return nil, err
	}
	re, err := CompileRegexp(text)
	if err != nil {
		return nil, x.Fail(at, err.Error(), "")
	}
	return &Match{X: left, RE: re, Not: not}, nil
}

func (x *expression) in(left Expr) (Expr, error) {
	if x.Peek() == '[' {
		sub, err := x.Subsearch()
		return &In{X: left, Sub: sub, Exact: true}, err
	}
	if err := x.Expect("(", "after in"); err != nil {
		return nil, err
	}
	in := &In{X: left, Exact: true}
	for {
		v, err := x.listed()
		if err != nil {
			return nil, err
		}
		in.List = append(in.List, LiteralPattern(v))
		if x.Take(")") {
			return in, nil
		}
		if err := x.Expect(",", "between the values of in"); err != nil {
			return nil, err
		}
	}
}

// listed reads a value in the list of in: a number as it is shown, for that is the text
// which is equal to it.
func (x *expression) listed() (string, error) {
	x.Space()
	if x.atQuote() {
		return x.literal()
	}
	text, err := x.Value("a value")
	if n := realOf(text).Canonical(); !n.IsMissing() {
		text = n.Text()
	}
	return text, err
}

func (x *expression) sum() (Expr, error) {
	left, err := x.product()
	if err != nil {
		return nil, err
	}
	for {
		var op string
		switch {
		case x.Take("+"):
			op = "+"
		case x.Take("-"):
			op = "-"
		default:
			return left, nil
		}
		if err := x.oneMore(); err != nil {
			return nil, err
		}
		right, err := x.product()
		if err != nil {
			return nil, err
		}
		left = &Binary{op, left, right}
	}
}

func (x *expression) product() (Expr, error) {
	left, err := x.sign()
	if err != nil {
		return nil, err
	}
	for {
		var op string
		switch {
		case x.Take("*"):
			op = "*"
		case x.Take("/"):
			op = "/"
		case x.Take("%"):
			op = "%"
		default:
			return left, nil
		}
		if err := x.oneMore(); err != nil {
			return nil, err
		}
		right, err := x.sign()
		if err != nil {
			return nil, err
		}
		left = &Binary{op, left, right}
	}
}

func (x *expression) sign() (Expr, error) {
	at := x.pos
	if !x.Take("-") {
		return x.operand()
	}
	if err := x.deeper(at); err != nil {
		return nil, err
	}
	defer x.higher()
	e, err := x.sign()
	if err != nil {
		return nil, err
	}
	if lit, ok := e.(*Literal); ok {
		switch v := lit.Value; {
		case v.Kind == row.Text && lit.Text != "" && lit.Text[0] != '-': // beyond an int64, but for the least one
			text := "-" + lit.Text
			if least := decimal(text); !least.IsMissing() {
				return &Literal{Value: least}, nil
			}
			return &Literal{Value: row.TextOf(text), Text: text}, nil
		case lit.Text != "" || v.Nums() == math.MinInt64:
		case v.Kind == row.Int:
			return &Literal{Value: row.IntOf(-v.Nums())}, nil
		case v.Kind == row.Decimal:
			return &Literal{Value: row.DecimalOf(-v.Nums(), v.Digits)}, nil
		}
	}
	return &Negate{e}, nil
}

func (x *expression) operand() (Expr, error) {
	c := x.Peek()
	start := x.pos
	switch {
	case c == '(':
		return x.bracket()
	case c == '"', strings.HasPrefix(x.text[x.pos:], "“"), strings.HasPrefix(x.text[x.pos:], "”"):
		text, err := x.literal()
		return &Literal{Value: row.TextOf(text)}, err
	case c >= '0' && c <= '9', c == '.' && x.pos+1 < len(x.text) && x.text[x.pos+1]-'0' <= 9:
		return x.number()
	case c == '\'', c == '`':
		name, err := x.quoted()
		return &Field{name}, err
	case c == '*':
		return nil, x.Fail(start, "expected a value, found “*”", "wildcards belong to a search: | search field=4*")
	}
	for x.pos < len(x.text) && isField(x.text[x.pos]) {
		x.pos++
	}
	name := x.text[start:x.pos]
	if name == "" {
		return nil, x.Fail(start, "expected a field, a number, a text in \" or a function, found "+x.found(), "")
	}
	if x.pos < len(x.text) && x.text[x.pos] == '(' {
		return x.call(start, name)
	}
	switch strings.ToLower(name) {
	case "true", "false":
		return &Literal{Value: row.BoolOf(len(name) == 4)}, nil
	case "null":
		return &Literal{}, nil
	}
	return &Field{name}, nil
}

func (x *expression) bracket() (Expr, error) {
	start := x.pos
	if err := x.deeper(start); err != nil {
		return nil, err
	}
	defer x.higher()
	x.Take("(")
	e, err := x.or()
	if err != nil {
		return nil, err
	}
	if !x.Take(")") {
		return nil, x.Fail(start, "the ( that opens here is never closed; found "+x.found(), "")
	}
	return e, nil
}

func (x *expression) call(start int, name string) (Expr, error) {
	lower := strings.ToLower(name)
	f, ok := functions[lower]
	if !ok {
		if x.aggregate(start) {
			return &Field{x.column(start)}, nil
		}
		hint := didYouMean(lower, FunctionNames())
		if lower == "eval" { // as aggregates of another language have it
			hint = "count(n > 1) takes the expression itself"
		}
		return nil, x.Fail(start, "there is no function "+quoteForPeople(name), hint)
	}
	if err := x.deeper(start); err != nil {
		return nil, err
	}
	defer x.higher()
	args, starts, err := x.arguments(name)
	if err != nil {
		return nil, err
	}
	if len(args) < f.Min || f.Max >= 0 && len(args) > f.Max {
		return nil, x.Fail(start, "wrong number of arguments for "+f.Name+"("+f.Params+")", "")
	}
	if err := f.wrong(args); err != nil {
		return nil, x.Fail(starts[f.checked], err.Error(), "")
	}
	return &Call{f, args}, nil
}

// arguments reads what stands between the brackets of a call, and where each
// argument starts.
func (x *expression) arguments(name string) (args []Expr, starts []int, err error) {
	x.Take("(")
	for !x.Take(")") {
		if len(args) > 0 {
			if err := x.Expect(",", "or “)” in the arguments of "+name); err != nil {
				return nil, nil, err
			}
		}
		x.Space()
		starts = append(starts, x.pos)
		e, err := x.or()
		if err != nil {
			return nil, nil, err
		}
		args = append(args, e)
	}
	return args, starts, nil
}

func didYouMean(word string, names []string) string {
	if near := fault.Nearest(word, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// literal reads a text in quotes: \\ \n \t and an escaped quote are undone; any
// other backslash stays, so that regular expressions need no doubling.
func (x *expression) literal() (string, error) {
	open, inside, err := x.inQuotes()
	if err != nil || !strings.Contains(inside, `\`) {
		return inside, err
	}
	quote := string(open)
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\`+quote, quote).Replace(inside), nil
}

// escape is what literal undoes.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, `"`, `\"`).Replace(s)
}
