package expr

import (
	"strings"
	"unicode"

	"github.com/plumbline/plumbline/internal/row"
)

// QuoteField is the name of a field as it must be written: bare, or in single
// quotes.
func QuoteField(name string) string {
	bare := name != ""
	for i := range len(name) {
		bare = bare && isField(name[i])
	}
	switch strings.ToLower(name) {
	case "and", "or", "not", "in", "by", "as", "true", "false", "null", "earliest", "latest", AnyField:
		bare = false
	}
	if bare && (name[0] < '0' || name[0] > '9') && name[0] != '.' {
		return name
	}
	if !strings.Contains(name, "'") {
		return quoteWith(name, '\'')
	}
	return quoteWith(name, '`')
}

// QuoteFields is a list of names as it must be written.
func QuoteFields(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = QuoteField(n)
	}
	return strings.Join(out, ", ")
}

// quotePattern is a pattern as it must be written in a search.
func quotePattern(p Pattern) string {
	text := p.String()
	bare := text != "" && !strings.ContainsAny(text, " \"'`“”„|()[]{},=<>!~#\\\u00a0\u2028") && !strings.ContainsFunc(text, unicode.IsControl) && !strings.HasPrefix(text, "/*")
	switch strings.ToLower(text) {
	case "and", "or", "not", "in", "case":
		bare = false
	}
	if bare {
		return text
	}
	return QuoteText(text)
}

// QuoteValue is a value of an option (span=5m) as Value reads it back.
func QuoteValue(text string) string {
	if quoted := quotePattern(LiteralPattern(text)); quoted == text {
		return text
	}
	return QuoteText(text)
}

// QuoteText is a text in double quotes as Quoted reads it back.
func QuoteText(text string) string { return quoteWith(text, '"') }

// quoteWith doubles the backslashes that stand before a quote: all others mean
// themselves.
func quoteWith(text string, quote byte) string {
	out := []byte{quote}
	slashes := 0
	for i := range len(text) {
		switch c := text[i]; c {
		case '\\':
			slashes++
		case quote:
			out = append(out, strings.Repeat(`\`, slashes+1)...)
			slashes = 0
		default:
			slashes = 0
		}
		out = append(out, text[i])
	}
	out = append(out, strings.Repeat(`\`, slashes)...)
	return string(append(out, quote))
}

// String is *.
func (*Every) String() string { return "*" }

// String puts the clauses beside each other, or and between where one of them
// is an expression.
func (e *And) String() string {
	return joined(e.List, " and ", func(x Expr) bool { _, or := x.(*Or); return or })
}

// String puts or between.
func (e *Or) String() string { return joined(e.List, " or ", func(Expr) bool { return false }) }

func joined(list []Expr, between string, bracket func(Expr) bool) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = x.String()
		_, and := x.(*And)
		_, or := x.(*Or)
		if bracket(x) || and && between == " and " || or && between == " or " {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, between)
}

// String puts not before, and brackets around what and or or join.
func (e *Not) String() string {
	switch e.X.(type) {
	case *And, *Or:
		return "not (" + e.X.String() + ")"
	}
	return "not " + e.X.String()
}

// String is the word, or the phrase in quotes.
func (e *Term) String() string {
	text := quotePattern(e.Pattern)
	switch {
	case e.Case:
		return "case(" + text + ")"
	case e.Field == AnyField:
		return "any=" + text
	case e.Pattern.All():
		return `"*"`
	case strings.EqualFold(text, "search"), strings.EqualFold(text, "explain"):
		return QuoteText(text) // bare, in front of a question, they say what it is
	}
	return text
}

// String is what the terms were before they were listed.
func (e *Terms) String() string {
	texts := make([]string, len(e.List))
	for i, p := range e.List {
		texts[i] = (&Term{Field: e.Field, Pattern: p, Case: e.Case}).String()
	}
	return "(" + strings.Join(texts, " or ") + ")"
}

// String is field=value.
func (e *Compare) String() string {
	return QuoteField(e.Field) + e.Op.String() + quotePattern(e.Pattern)
}

// String is field=*.
func (e *Exists) String() string { return QuoteField(e.Field) + "=*" }

// String is field=net.
func (e *Within) String() string {
	op := "="
	if e.Not {
		op = "!="
	}
	return QuoteField(e.Field) + op + e.Net.String()
}

// String is x in (…).
func (e *In) String() string {
	if e.Sub != nil {
		return operandText(e.X) + " in " + e.Sub.String()
	}
	parts := make([]string, len(e.List))
	for i, p := range e.List {
		if parts[i] = quotePattern(p); e.Exact {
			text, _ := p.Literal()
			parts[i] = `"` + escape(text) + `"`
		}
	}
	return operandText(e.X) + " in (" + strings.Join(parts, ", ") + ")"
}

// String is the question in brackets.
func (s *Sub) String() string { return "[" + s.Text + "]" }

// String is x ~ "re".
func (e *Match) String() string {
	op := "~"
	if e.Not {
		op = "!~"
	}
	return operandText(e.X) + op + QuoteText(e.RE.String())
}

// String is the name, quoted where it must be.
func (e *Field) String() string { return QuoteField(e.Name) }

// String is the value as it was written.
func (e *Literal) String() string {
	switch {
	case e.Text != "":
		return e.Text
	case e.Value.Kind == row.Missing:
		return "null"
	case e.Value.Kind == row.Text:
		return `"` + escape(e.Value.Str()) + `"`
	}
	return e.Value.Text()
}

// String puts brackets around every operand that is an operation itself.
func (e *Binary) String() string {
	return operandText(e.L) + " " + e.Op + " " + operandText(e.R)
}

// String is -x.
func (e *Negate) String() string {
	if _, ok := e.X.(*Literal); ok {
		return "-(" + e.X.String() + ")"
	}
	return "-" + operandText(e.X)
}

// String is f(a, b).
func (e *Call) String() string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = a.String()
	}
	return e.Func.Name + "(" + strings.Join(args, ", ") + ")"
}

func operandText(e Expr) string {
	switch e.(type) {
	case *Field, *Literal, *Call, *Negate:
		return e.String()
	}
	return "(" + e.String() + ")"
}
