package watch

import (
	"cmp"
	"context"
	"slices"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

// Wall is all lamps at a glance, lit or not, and the incidents that are not done.
type Wall struct {
	Now       int64                `json:"now"`
	Watch     View                 `json:"watch"`
	Lamps     []WallLamp           `json:"lamps"`
	Incidents []*incident.Incident `json:"incidents"` // not done, the newest first
}

// WallLamp is a rule on the wall; its instances are those that are not quiet.
type WallLamp struct {
	Rule      rule.Rule      `json:"rule"`
	Status    rule.Status    `json:"status"` // the worst of its instances
	Since     int64          `json:"since,omitempty"`
	Instances []WallInstance `json:"instances"`
	Error     string         `json:"error,omitempty"` // why its question could not be answered
	Outside   bool           `json:"outside,omitempty"`
	PutOff    int64          `json:"put_off,omitempty"`
	PutOffBy  string         `json:"put_off_by,omitempty"`
}

// WallInstance is an instance with the line that people read of it.
type WallInstance struct {
	*rule.State
	Title string `json:"title"`
}

const (
	// wallInstances is how many instances of a rule the wall names.
	wallInstances = 50
	// wallIncidents is how many incidents are looked through for those not done.
	wallIncidents = 500
)

// Wall is the wall as it is now. A lamp is never hidden by another: rules come
// by severity, then by name, whatever burns.
func (w *Watch) Wall(ctx context.Context) (*Wall, error) {
	rules, err := w.Rules(ctx)
	if err != nil {
		return nil, err
	}
	m, err := w.opts.State.Load(ctx)
	if err != nil {
		return nil, err
	}
	out := &Wall{Now: w.opts.Now().UnixNano(), Watch: w.View(), Lamps: []WallLamp{}, Incidents: []*incident.Incident{}}
	known := map[string]bool{}
	for _, r := range rules {
		known[r.Name] = true
		out.Lamps = append(out.Lamps, lampOf(r, m.Alerts[r.Name], m.Lamps, out.Watch.Errors[r.Name]))
	}
	out.Lamps = append(out.Lamps, outside(m.Lamps, known)...)
	slices.SortStableFunc(out.Lamps, func(x, y WallLamp) int {
		return cmp.Or(cmp.Compare(y.Rule.Severity, x.Rule.Severity), cmp.Compare(x.Rule.Name, y.Rule.Name))
	})
	all, err := w.opts.State.Incidents(ctx, 0, forever, wallIncidents)
	for _, i := range all {
		if i.Status != incident.Done {
			out.Incidents = append(out.Incidents, i)
		}
	}
	return out, err
}

func lampOf(r rule.Rule, states map[string]*rule.State, lamps map[string]*incident.Lamp, failure string) WallLamp {
	l := WallLamp{Rule: r, Error: failure, Instances: []WallInstance{}}
	for _, s := range states {
		if s.Status == rule.Quiet {
			continue
		}
		if s.Status > l.Status || s.Status == l.Status && s.Since < l.Since {
			l.Status, l.Since = s.Status, s.Since
		}
		l.Instances = append(l.Instances, WallInstance{s, incident.Plain(r.Title(s.Labels, s.Values))})
	}
	slices.SortFunc(l.Instances, func(x, y WallInstance) int {
		return cmp.Or(cmp.Compare(y.Status, x.Status), cmp.Compare(y.Value, x.Value), cmp.Compare(x.Labels.String(), y.Labels.String()))
	})
	l.Instances = l.Instances[:min(len(l.Instances), wallInstances)]
	for _, x := range lamps {
		if x.Rule == r.Name && x.PutOff > l.PutOff {
			l.PutOff, l.PutOffBy = x.PutOff, x.PutOffBy
		}
	}
	return l
}

// outside are lamps that no rule of ours lights: alerts that others sent, and
// rules whose question fails.
func outside(lamps map[string]*incident.Lamp, known map[string]bool) []WallLamp {
	byName := map[string]*WallLamp{}
	var names []string
	for _, l := range lamps {
		if known[l.Rule] {
			continue
		}
		one := byName[l.Rule]
		if one == nil {
			one = &WallLamp{Rule: rule.Rule{Name: l.Rule, Severity: l.Severity, Summary: l.Title}, Instances: []WallInstance{}, Outside: true}
			byName[l.Rule], names = one, append(names, l.Rule)
		}
		if l.To == 0 && len(one.Instances) < wallInstances {
			one.Status, one.Since = rule.Firing, l.From
			one.Instances = append(one.Instances, WallInstance{&rule.State{Labels: l.Labels, Status: rule.Firing, Since: l.From, Value: l.Value}, l.Title})
		}
	}
	slices.Sort(names)
	var out []WallLamp
	for _, n := range names {
		out = append(out, *byName[n])
	}
	return out
}
