package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
	"github.com/plumbline/plumbline/internal/watch"
)

// stateFile holds the state in the data folder, unless it is kept elsewhere.
const stateFile = "state.db"

// openWatch opens the state and takes up the rules.
func (a *App) openWatch(c *Config) error {
	where := c.State
	if where == "" {
		where = filepath.Join(c.Data, stateFile)
	}
	var err error
	if a.state, err = state.Open(a.ending, where); err != nil {
		return err
	}
	rules, err := a.rules(c)
	if err != nil {
		return err
	}
	told, err := readNotify(c)
	if err != nil {
		return err
	}
	a.notify.Store(told)
	tell := teller{a}
	policy := c.policy()
	policy.Quiet = tell.quiet
	a.watch, err = watch.New(watch.Options{
		Ask:   func() watch.Asker { return a.engine.Load() },
		State: a.state, Rules: rules, Policy: policy, Notify: tell, Beat: tell.beat, Log: a.log,
	})
	return err
}

// rules are those that come along, unless they are switched off, and those of
// the files; one of a file takes the place of one that comes along.
func (a *App) rules(c *Config) ([]rule.Rule, error) {
	rules, err := readRules(c.Rules)
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, r := range append(rules, a.more...) {
		named[r.Name] = true
	}
	rules = append(rules, a.more...)
	if !c.ReadyRules {
		return rules, nil
	}
	ready, err := rule.ReadyMade(watch.Check)
	if err != nil {
		return nil, fmt.Errorf("rules that come along: %w", err)
	}
	for _, r := range ready {
		if !named[r.Name] {
			rules = append(rules, r)
		}
	}
	return rules, nil
}

// policy is how alerts become incidents and notices.
func (c *Config) policy() incident.Policy {
	p := incident.DefaultPolicy()
	p.By = c.IncidentBy
	p.Join, p.Near, p.Delay = time.Duration(c.IncidentJoin), time.Duration(c.IncidentNear), time.Duration(c.IncidentDelay)
	return p
}

// drive drives the rules until ctx ends; questions are answered that long.
func (a *App) drive(ctx context.Context) error { return a.watch.Run(ctx) }
