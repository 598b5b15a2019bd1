package watch

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// turn is what a leader has in its hands, from a start on the database until a
// round fails.
type turn struct {
	*Watch
	*desk
	lead   *state.Lead
	revs   map[string]int64 // of the incidents in the book
	retry  map[string]int64 // when a rule whose question failed is asked again
	fails  map[string]int   // how often it has failed in a row
	looked int64            // when written rules were read
	lamps  int              // that were saved last

	released int64           // when new releases were looked for
	deployed map[string]bool // service and release that are known; nil: not read yet
	served   map[string]bool // services that are known by a release
}

// begin reads what there is and takes the rules up where they were left.
func (w *Watch) begin(ctx context.Context, lead *state.Lead) (*turn, error) {
	m, err := w.opts.State.Load(ctx)
	if err != nil {
		return nil, err
	}
	t := &turn{Watch: w, desk: newDesk(nil, w.opts.Policy), lead: lead, revs: m.Revs, retry: map[string]int64{}, fails: map[string]int{}}
	t.states, t.last, t.book.Lamps, t.book.Open = m.Alerts, m.Steps, m.Lamps, m.Open
	t.lamps = len(m.Lamps)
	t.book.Behind = t.behind
	w.Refresh()
	return t, nil
}

const (
	// catchUp is how far back missed steps are made up for; what is older is no
	// news to anybody.
	catchUp = int64(time.Hour)
	// stepsARound bounds what one transaction saves.
	stepsARound = 500
	// failsTold is after how many failures of its question a rule is a lamp itself.
	failsTold = 3
	// RuleFails is the name of that lamp.
	RuleFails = "plumbline-rule-fails"
)

// round takes every rule through the steps that are due, and saves what came of
// it; more says that there is more to be done at once.
func (t *turn) round(ctx context.Context) (more bool, err error) {
	now := t.opts.Now().UnixNano()
	// First what people did: it takes incidents from the database in place of the
	// book's, which nothing may have changed yet.
	if err := t.meet(ctx); err != nil {
		return false, err
	}
	ended, err := t.look(ctx, now)
	if err != nil {
		return false, err
	}
	heard, err := t.hear(ctx, now)
	if err != nil {
		return false, err
	}
	changes, lag := append(ended, heard...), int64(0)
	due := t.due(now)
	for _, d := range due {
		name := d.ready.Rule.Name
		if now < t.retry[name] {
			continue // it failed a moment ago; its steps wait
		}
		lag = max(lag, now-d.at)
		list, err := t.step(ctx, urgent{t.opts.Ask()}, d.ready, d.at)
		changes = append(changes, append(list, t.judge(d.ready, now, err)...)...)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	t.book.Tick(now)
	if err := t.releases(ctx, now); err != nil {
		return false, err
	}
	return len(due) == stepsARound, t.save(ctx, now, changes, lag)
}

// dueStep is a step of a rule that is to be taken.
type dueStep struct {
	ready *Ready
	at    int64
}

// due are the steps of all rules that are to be taken now, in the order of time:
// what is made up for comes out as it would have.
func (t *turn) due(now int64) []dueStep {
	var out []dueStep
	for _, c := range t.rules {
		t.rewind(c, now)
		if now < t.retry[c.Rule.Name] {
			continue
		}
		at := c.firstStep(t.last[c.Rule.Name])
		for n := 0; n < stepsARound && at <= now-int64(c.Rule.Delay); n++ {
			out = append(out, dueStep{c, at})
			at += int64(c.Rule.Every)
		}
	}
	slices.SortStableFunc(out, func(x, y dueStep) int { return cmp.Compare(x.at, y.at) })
	return out[:min(len(out), stepsARound)]
}

// behind reports whether a rule has a step that is due: its question failed, or
// there is more to be made up for than a round takes.
func (t *turn) behind(name string) bool {
	c := t.byName[name]
	return c != nil && c.firstStep(t.last[name]) <= t.opts.Now().UnixNano()-int64(c.Rule.Delay)
}

// look takes up rules that came, and ends what burns of those that went.
func (t *turn) look(ctx context.Context, now int64) ([]rule.Change, error) {
	t.mu.Lock()
	stale, files := t.stale, t.files
	t.stale = false
	t.mu.Unlock()
	if !stale && now-t.looked < int64(lookEvery) && now >= t.looked {
		return nil, nil
	}
	t.looked = now
	written, err := state.Records[rule.Rule](ctx, t.opts.State, state.Written, 0, forever)
	if err != nil {
		t.Refresh()
		return nil, err
	}
	if !stale && reflect.DeepEqual(written, t.written) {
		return nil, nil
	}
	t.written = written
	ready, err := CompileAll(joined(files, written))
	if err != nil {
		return nil, err
	}
	t.use(ready)
	return t.retire(now), nil
}

// retire ends the alerts of rules that are no more.
func (t *turn) retire(now int64) []rule.Change {
	var out []rule.Change
	for name, states := range t.states {
		if t.byName[name] != nil {
			continue
		}
		gone := &rule.Machine{Rule: &rule.Rule{Name: name}}
		ended := gone.End(states, now, "the rule was taken away")
		for _, c := range ended {
			t.book.Absorb(c)
		}
		out = append(out, ended...)
		out = append(out, t.mended(failingLamp(name, now))...)
		t.dirty[name] = true
	}
	return out
}

// rewind takes a rule back to the present when the clock went back, and forward
// when it was not driven for long.
func (t *turn) rewind(c *Ready, now int64) {
	name := c.Rule.Name
	last, known := t.last[name]
	switch every := int64(c.Rule.Every); {
	case !known:
		t.last[name] = now - int64(c.Rule.Delay) - every
	case last > now+every:
		t.opts.Log.Warn("the clock went back; the rule goes on from now", "rule", name, "by", time.Duration(last-now))
		t.last[name] = now - int64(c.Rule.Delay) - every
		for _, s := range t.states[name] {
			s.Since, s.Held, s.Seen = min(s.Since, now), min(s.Held, now), min(s.Seen, now)
		}
	case now-last > catchUp+every+int64(c.Rule.Delay):
		t.opts.Log.Warn("the rule was not driven for long; older steps are left out", "rule", name, "for", time.Duration(now-last))
		t.last[name] = now - catchUp
	}
}

// judge keeps count of a rule whose question fails. It is asked again after its
// own every; after some failures it is a lamp of its own.
func (t *turn) judge(c *Ready, now int64, err error) []rule.Change {
	name := c.Rule.Name
	lamp := failingLamp(name, now)
	if err == nil {
		delete(t.fails, name)
		t.note(func(v *View) { delete(v.Errors, name) })
		return t.mended(lamp)
	}
	t.fails[name]++
	t.retry[name] = now + int64(c.Rule.Every)
	t.opts.Log.Warn("the question of a rule failed", "error", err)
	t.note(func(v *View) {
		if v.Errors == nil {
			v.Errors = map[string]string{}
		}
		v.Errors[name] = err.Error()
	})
	if t.fails[name] != failsTold {
		return nil
	}
	lamp.From, lamp.To, lamp.Reason = rule.Quiet, rule.Firing, err.Error()
	t.book.Absorb(lamp)
	return []rule.Change{lamp}
}

// failingLamp is the end of the lamp of a failing rule.
func failingLamp(name string, now int64) rule.Change {
	return rule.Change{Rule: RuleFails, Labels: rule.Labels{{Name: "rule", Value: name}}, Severity: rule.Warning, At: now, From: rule.Firing}
}

// mended puts the lamp of a failing rule out, if it is lit.
func (t *turn) mended(lamp rule.Change) []rule.Change {
	if l := t.book.Lamps[RuleFails+" "+lamp.Labels.String()]; l == nil || l.To != 0 {
		return nil
	}
	t.book.Absorb(lamp)
	return []rule.Change{lamp}
}

// meet takes up what people did to incidents and lamps meanwhile.
func (t *turn) meet(ctx context.Context) error {
	open, revs, err := t.opts.State.Open(ctx)
	if err != nil {
		return err
	}
	for _, i := range open {
		if revs[i.ID] == t.revs[i.ID] {
			continue
		}
		for k, mine := range t.book.Open {
			if mine.ID == i.ID {
				t.book.Open[k], t.revs[i.ID] = i, revs[i.ID]
			}
		}
	}
	putOffs, err := state.Records[PutOff](ctx, t.opts.State, state.PutOffs, t.opts.Now().Add(-maxPutOff).UnixNano(), forever)
	for _, p := range putOffs {
		if l := t.book.Lamps[p.Lamp]; l != nil && l.Severity == rule.Warning {
			l.PutOff, l.PutOffBy = p.Until, p.By
		}
	}
	return err
}

// save saves a round, if anything happened in it.
func (t *turn) save(ctx context.Context, now int64, changes []rule.Change, lag int64) error {
	incidents, notices := t.book.Take()
	stepped := len(t.stepped)
	if stepped+len(changes)+len(incidents)+len(notices) == 0 {
		return nil
	}
	r := &state.Round{Steps: map[string]int64{}, Alerts: map[string]map[string]*rule.State{}, Incidents: incidents, Changes: changes, Outbox: t.post(notices, now)}
	for name := range t.stepped {
		r.Steps[name] = t.last[name]
	}
	for name := range t.dirty {
		r.Alerts[name] = t.states[name]
	}
	if len(t.book.Lamps)+t.lamps > 0 {
		r.Lamps = t.book.Lamps
	}
	if err := t.lead.Save(ctx, r, t.revs); err != nil {
		return err
	}
	for _, i := range incidents {
		t.revs[i.ID]++
	}
	clear(t.stepped)
	clear(t.dirty)
	t.lamps = len(t.book.Lamps)
	if stepped > 0 {
		t.note(func(v *View) { v.Round, v.Lag = now, lag })
	}
	if len(r.Outbox) > 0 {
		t.poke()
	}
	return nil
}

// post plans where notices go.
func (t *turn) post(notices []incident.Notice, now int64) []state.Entry {
	if t.opts.Notify == nil {
		return nil
	}
	var out []state.Entry
	for _, n := range notices {
		for _, d := range t.opts.Notify.Plan(n, time.Unix(0, now)) {
			e := state.Entry{Notice: n, Channel: d.Channel, Due: d.At.UnixNano(), Unless: d.Step > 0}
			if e.Step = d.Step; d.Step > 0 {
				e.Key = fmt.Sprintf("%s/%d", n.Key, d.Step)
			}
			out = append(out, e)
		}
	}
	return out
}
