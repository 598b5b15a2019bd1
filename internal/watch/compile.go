package watch

import (
	"fmt"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/rule"
)

// Ready is a rule whose question was read: what measures, and the machine that
// judges what was measured.
type Ready struct {
	rule.Machine
	measure *pipe.Question
	text    string // of measure
	gauge   gauge
}

// fieldWindow tells the rows of an SLO's rule apart.
const fieldWindow = "window"

// Compile reads the question of a rule. Its errors point at a column of the
// question or of the resolve condition.
func Compile(r *rule.Rule) (*Ready, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	q, err := pipe.Parse(r.Question)
	if err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	switch {
	case q.Explain:
		return nil, fault.New(fault.Invalid, "question: a rule wants rows, not explain")
	case q.Range != (expr.Range{}):
		return nil, fault.New(fault.Invalid, "question: leave out earliest and latest; over says how long a stretch of time is asked")
	}
	m := q.Measured()
	c := &Ready{Machine: rule.Machine{Rule: r, Fire: m.Condition, By: m.By}, measure: m.Measure, text: m.Measure.String()}
	if r.Burn != nil {
		return c, c.burn()
	}
	c.gauge = gaugeOf(c.Fire)
	c.Value = c.gauge.field
	if r.Resolve == "" {
		return c, nil
	}
	if c.Fire == nil {
		return nil, fault.New(fault.Invalid, "resolve: the question has no condition at its end (| where …) that could be taken back")
	}
	c.Clear, err = condition(r.Resolve)
	if err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	return c, nil
}

// burn sets the condition of an SLO's rule: both windows burn too fast, on more
// than a handful of bad lines.
func (c *Ready) burn() (err error) {
	c.By = []string{fieldWindow}
	c.Fire, err = condition(fmt.Sprintf("burn > factor and burn_short > factor and bad >= %d", rule.MinBad))
	c.gauge = gaugeOf(c.Fire)
	return err
}

// condition reads an expression alone.
func condition(text string) (expr.Expr, error) {
	r := expr.NewReader(text, pipe.IsAggregate)
	e, err := r.Expression()
	if err == nil && !r.End() {
		err = r.Fail(r.Offset(), "expected the end of the condition, found "+r.Found(), "")
	}
	return e, err
}

// Check judges the question of a rule, for rule.Parse.
func Check(r *rule.Rule) error {
	_, err := Compile(r)
	return err
}

// CompileAll makes rules ready; names must differ.
func CompileAll(rules []rule.Rule) ([]*Ready, error) {
	var out []*Ready
	seen := map[string]bool{}
	for i := range rules {
		r := &rules[i]
		if seen[r.Name] {
			return nil, fault.New(fault.Invalid, "two rules are named %s", r.Name)
		}
		seen[r.Name] = true
		c, err := Compile(r)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// gauge is the first comparison of a condition: what a chart of the rule draws
// against its limit. Where the limit is a number, a slider moves it.
type gauge struct {
	field string    // "": the condition begins with no comparison of a field
	op    string    // > >= < <=
	limit expr.Expr // a number, or an expression over the row
	rest  expr.Expr // what must be true beside it; nil: nothing
}

// gaugeOf takes the first comparison out of "share > 0.5 and bad > 20".
func gaugeOf(condition expr.Expr) gauge {
	first, rest := condition, expr.Expr(nil)
	if and, ok := condition.(*expr.And); ok && len(and.List) > 1 {
		first, rest = and.List[0], &expr.And{List: and.List[1:]}
	}
	b, ok := first.(*expr.Binary)
	if !ok || !strings.Contains(" > >= < <= ", " "+b.Op+" ") {
		return gauge{}
	}
	f, ok := b.L.(*expr.Field)
	if !ok {
		return gauge{}
	}
	return gauge{f.Name, b.Op, b.R, rest}
}

// number is the limit; ok is false when it moves with the row, or there is none.
func (g gauge) number() (limit float64, ok bool) {
	l, ok := g.limit.(*expr.Literal)
	if !ok {
		return 0, false
	}
	return l.Value.Float()
}

// moves reports whether the limit is another one for each row.
func (g gauge) moves() bool {
	_, fixed := g.number()
	return g.limit != nil && !fixed
}

// slides says why no other number can take the place of the limit.
func (c *Ready) slides() error {
	if _, fixed := c.gauge.number(); !fixed || c.Clear != nil {
		return fault.New(fault.Invalid, "the condition of rule %s does not begin with a field compared with a number, or resolve says another, so there is no threshold to move", c.Rule.Name)
	}
	return nil
}

// beyond reports whether a value is on the side of a limit that fires.
func (g gauge) beyond(v, limit float64) bool {
	switch g.op {
	case ">":
		return v > limit
	case ">=":
		return v >= limit
	case "<":
		return v < limit
	}
	return v <= limit
}

// upward reports whether high values fire.
func (g gauge) upward() bool { return g.op == "" || g.op[0] == '>' }
