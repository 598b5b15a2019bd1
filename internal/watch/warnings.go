package watch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

// Warned is a warning that began lately, whether it still burns or not.
type Warned struct {
	Lamp     string      `json:"lamp"` // as it is put off by
	Rule     string      `json:"rule"`
	Labels   rule.Labels `json:"labels"`
	Title    string      `json:"title"` // of the last time
	From     int64       `json:"from"`  // of the first time
	To       int64       `json:"to,omitempty"`
	Times    int         `json:"times"`
	Known    bool        `json:"known"` // it burnt in the week before, too
	PutOff   int64       `json:"put_off,omitempty"`
	PutOffBy string      `json:"put_off_by,omitempty"`
}

const (
	// knownFor is how far back a warning makes the next one no news: what comes
	// each Monday is known.
	knownFor = 8 * 24 * time.Hour
	// maxWarned bounds the list.
	maxWarned = 500
)

// Warnings are those that began after a time: first what was not known before,
// then what still burns, then the newest.
func (w *Watch) Warnings(ctx context.Context, since int64) ([]Warned, error) {
	rules, err := w.Rules(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := w.Changes(ctx, since-int64(knownFor), forever)
	if err != nil {
		return nil, err
	}
	m, err := w.opts.State.Load(ctx)
	if err != nil {
		return nil, err
	}
	out := warned(rules, changes, since)
	now := w.opts.Now().UnixNano()
	for i := range out {
		if l := m.Lamps[out[i].Lamp]; l != nil && l.PutOff > now {
			out[i].PutOff, out[i].PutOffBy = l.PutOff, l.PutOffBy
		}
	}
	return out[:min(len(out), maxWarned)], nil
}

func warned(rules []rule.Rule, changes []rule.Change, since int64) []Warned {
	byName := map[string]*rule.Rule{}
	for i := range rules {
		byName[rules[i].Name] = &rules[i]
	}
	byLamp, known := map[string]*Warned{}, map[string]bool{}
	for _, c := range changes {
		if c.Severity != rule.Warning {
			continue
		}
		key := (&incident.Lamp{Rule: c.Rule, Labels: c.Labels}).Key()
		one := byLamp[key]
		switch {
		case c.At < since:
			known[key] = true
		case !c.To.Burning():
			if one != nil {
				one.To = c.At
			}
		default:
			if one == nil {
				one = &Warned{Lamp: key, Rule: c.Rule, Labels: c.Labels, From: c.At, Known: known[key]}
				byLamp[key] = one
			}
			r := byName[c.Rule]
			if r == nil {
				r = &rule.Rule{Name: c.Rule}
			}
			one.Title, one.To = incident.Plain(r.Title(c.Labels, c.Values)), 0
			one.Times++
		}
	}
	out := make([]Warned, 0, len(byLamp))
	for _, one := range byLamp {
		out = append(out, *one)
	}
	flag := func(b bool) int { return map[bool]int{true: 1}[b] }
	slices.SortFunc(out, func(x, y Warned) int {
		return cmp.Or(flag(x.Known)-flag(y.Known), flag(x.To != 0)-flag(y.To != 0), cmp.Compare(y.From, x.From), cmp.Compare(x.Lamp, y.Lamp))
	})
	return out
}
