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
	c.Value, _, _, _ = c.threshold()
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

// threshold is the number a condition compares a field with: count > 10.
// ok is false for conditions of another form, which no slider moves.
func (c *Ready) threshold() (field string, op string, limit float64, ok bool) {
	b, isBinary := c.Fire.(*expr.Binary)
	if !isBinary {
		return "", "", 0, false
	}
	f, isField := b.L.(*expr.Field)
	l, isLiteral := b.R.(*expr.Literal)
	if !isField || !isLiteral || !strings.Contains(" > >= < <= ", " "+b.Op+" ") {
		return "", "", 0, false
	}
	limit, ok = l.Value.Float()
	return f.Name, b.Op, limit, ok
}
