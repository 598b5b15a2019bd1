package pipe

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// aggregate is one aggregate as it stands in a question: p99(duration) as p.
type aggregate struct {
	call agg.Call
	word string // as written, lower-case: p99.9
	args []expr.Expr
	as   string // the name of its column
}

// parseAggregates reads aggregates, with commas or blanks between, up to by,
// one of the options, or the end. taken are names of columns there are
// already.
func parseAggregates(r *expr.Reader, options []string, taken ...string) ([]aggregate, error) {
	var list []aggregate
	for !r.Done() && !atWord(r, "by") && !atOption(r, options) {
		r.Space()
		at := r.Offset()
		a, err := parseAggregate(r)
		if err != nil {
			return nil, err
		}
		if slices.Contains(taken, a.as) {
			return nil, r.Fail(at, "there would be two columns “"+a.as+"”", "give one of them another name with as")
		}
		taken = append(taken, a.as)
		list = append(list, a)
		r.Take(",")
	}
	if len(list) == 0 {
		return nil, r.Fail(r.Offset(), "expected an aggregate, found "+r.Found(), "for example count, p99(duration), dc(user_id)")
	}
	return list, nil
}

// aggregateNames are the names that somebody who mistyped one may have meant.
func aggregateNames() []string {
	names := []string{"p50", "p90", "p95", "p99"}
	for f := range agg.Functions() {
		names = append(append(names, f.Name), f.Aliases...)
	}
	return names
}

func atOption(r *expr.Reader, names []string) bool {
	ahead := *r
	for _, name := range names {
		if ahead.TakeWord(name) {
			return ahead.Peek() == '='
		}
	}
	return false
}

func atWord(r *expr.Reader, word string) bool {
	ahead := *r
	return ahead.TakeWord(word)
}

func parseAggregate(r *expr.Reader) (aggregate, error) {
	r.Space()
	at := r.Offset()
	a := aggregate{word: strings.ToLower(r.AggregateWord())}
	call, ok := agg.Lookup(a.word)
	if !ok {
		if a.word == "" {
			return a, r.Fail(at, "expected an aggregate, found "+r.Found(), "for example count, p99(duration), dc(user_id)")
		}
		hint := ""
		if number, ok := strings.CutPrefix(a.word, "perc"); ok && IsAggregate("p"+number) {
			hint = "did you mean p" + number + "?"
		} else if _, err := strconv.ParseFloat(strings.TrimPrefix(a.word, "p"), 64); err == nil && a.word[0] == 'p' {
			hint = "percentiles go from p0 to p100, as p99 or p99.9"
		} else if near := fault.Nearest(a.word, aggregateNames()); near != "" {
			hint = "did you mean " + near + "?"
		}
		return a, r.Fail(at, "there is no aggregate “"+a.word+"”", hint)
	}
	a.call = call
	if err := a.parseArgs(r, at); err != nil {
		return a, err
	}
	a.as = a.name(r.Text(at, r.Offset()))
	if r.TakeWord("as") {
		var err error
		a.as, err = r.FieldName("a name for " + a.word)
		return a, err
	}
	r.Made(a.as)
	return a, nil
}

// name is the name of a column that got none: the aggregate as it was written,
// p99(duration).
func (a *aggregate) name(written string) string {
	_, inside, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(written), ")"), "(")
	if inside = strings.TrimSpace(inside); inside == "" {
		return a.word
	}
	return a.word + "(" + inside + ")"
}

func (a *aggregate) parseArgs(r *expr.Reader, at int) error {
	if r.Peek() == '(' && r.Text(r.Offset()-1, r.Offset()) != " " {
		r.Take("(")
		for !r.Take(")") {
			if len(a.args) > 0 {
				if err := r.Expect(",", "or “)” in "+a.word+"("); err != nil {
					return err
				}
			}
			e, err := r.Expression()
			if err != nil {
				return err
			}
			a.args = append(a.args, e)
		}
	}
	if n := len(a.args); n < a.call.Func.Min || n > a.call.Func.Max {
		return r.Fail(at, "wrong number of arguments for "+a.word+"("+a.call.Func.Params+")", "")
	}
	return nil
}

func (a *aggregate) String() string {
	text := a.word
	if len(a.args) > 0 {
		parts := make([]string, len(a.args))
		for i, e := range a.args {
			parts[i] = e.String()
		}
		text += "(" + strings.Join(parts, ", ") + ")"
	}
	if text != a.as {
		text += " as " + expr.QuoteField(a.as)
	}
	return text
}

func printAggregates(list []aggregate) string {
	parts := make([]string, len(list))
	for i := range list {
		parts[i] = list[i].String()
	}
	return strings.Join(parts, " ")
}

// needs adds what the aggregates read.
func needs(n Need, list []aggregate) Need {
	for _, a := range list {
		for _, e := range a.args {
			n = n.WithExpr(e)
		}
		if a.call.Func.Time {
			n = n.With(row.FieldTime)
		}
	}
	return n
}

// ordered reports whether an aggregate depends on the order of rows.
func ordered(list []aggregate) Order {
	for _, a := range list {
		if a.call.Func.Ordered {
			return NeedsOrder
		}
	}
	return IgnoresOrder
}
