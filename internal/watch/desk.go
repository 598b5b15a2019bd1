package watch

import (
	"context"
	"fmt"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

// desk is everything that is known of the rules while they are driven: live, or
// in a test of rules.
type desk struct {
	rules  []*Ready
	byName map[string]*Ready
	states map[string]map[string]*rule.State // by rule, by instance
	last   map[string]int64                  // the step a rule took last
	book   *incident.Book
	meters *meters

	stepped, dirty map[string]bool // rules that stepped, or whose states changed, since they were saved
}

func newDesk(rules []*Ready, policy incident.Policy) *desk {
	d := &desk{states: map[string]map[string]*rule.State{}, last: map[string]int64{}, meters: newMeters(), stepped: map[string]bool{}, dirty: map[string]bool{}}
	d.book = incident.NewBook(policy, d.rule)
	d.use(rules)
	return d
}

// use makes these the rules that are driven.
func (d *desk) use(rules []*Ready) {
	d.rules, d.byName = rules, map[string]*Ready{}
	for _, c := range rules {
		d.byName[c.Rule.Name] = c
		if d.states[c.Rule.Name] == nil {
			d.states[c.Rule.Name] = map[string]*rule.State{}
		}
	}
}

// rule is a rule by name; nil when there is none.
func (d *desk) rule(name string) *rule.Rule {
	if c := d.byName[name]; c != nil {
		return c.Rule
	}
	return nil
}

// step takes one rule through one step. When its question fails the states stay
// as they are and the step is not taken.
func (d *desk) step(ctx context.Context, a Asker, c *Ready, at int64) ([]rule.Change, error) {
	b, err := c.measured(ctx, a, d.meters, at)
	if err != nil {
		return nil, fmt.Errorf("rule %s at %s: %w", c.Rule.Name, rfc3339(at), err)
	}
	name := c.Rule.Name
	before := len(d.states[name])
	changes := c.Step(d.states[name], b, at)
	d.last[name], d.stepped[name] = at, true
	if before+len(d.states[name]) > 0 {
		d.dirty[name] = true
	}
	for _, change := range changes {
		d.book.Absorb(change)
	}
	return changes, nil
}

// next is the rule whose next step is the earliest, and that step.
func (d *desk) next() (c *Ready, at int64) {
	for _, r := range d.rules {
		if step := r.firstStep(d.last[r.Rule.Name]); c == nil || step < at {
			c, at = r, step
		}
	}
	return c, at
}
