package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

// Round is what one round of rules found out.
type Round struct {
	Steps     map[string]int64                  // the step each rule took last
	Alerts    map[string]map[string]*rule.State // of each rule that stepped, all its instances
	Lamps     map[string]*incident.Lamp         // all there are
	Incidents []*incident.Incident              // that changed
	Changes   []rule.Change                     // alerts that began or ended
	Outbox    []Entry                           // notices to be sent
}

// Memory is what a leader begins with.
type Memory struct {
	Steps  map[string]int64
	Alerts map[string]map[string]*rule.State
	Lamps  map[string]*incident.Lamp
	Open   []*incident.Incident // burning, or ended and not yet for good
	Revs   map[string]int64     // of incidents
}

// Load reads what a leader begins with.
func (s *State) Load(ctx context.Context) (*Memory, error) {
	m := &Memory{Steps: map[string]int64{}, Alerts: map[string]map[string]*rule.State{}, Lamps: map[string]*incident.Lamp{}, Revs: map[string]int64{}}
	err := s.each(ctx, "SELECT rule, last FROM rule_step", nil, func(r *sql.Rows) error {
		var name string
		var last int64
		if err := r.Scan(&name, &last); err != nil {
			return err
		}
		m.Steps[name] = last
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the steps of rules: %w", err)
	}
	err = s.each(ctx, "SELECT rule, body FROM alert", nil, func(r *sql.Rows) error {
		var name, body string
		one := &rule.State{}
		if err := scanned(r.Scan(&name, &body), &body, one); err != nil {
			return err
		}
		if m.Alerts[name] == nil {
			m.Alerts[name] = map[string]*rule.State{}
		}
		m.Alerts[name][one.Labels.String()] = one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the states of rules: %w", err)
	}
	err = s.each(ctx, "SELECT body FROM lamp", nil, func(r *sql.Rows) error {
		var body string
		one := &incident.Lamp{}
		if err := scanned(r.Scan(&body), &body, one); err != nil {
			return err
		}
		m.Lamps[one.Key()] = one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the lamps: %w", err)
	}
	m.Open, m.Revs, err = s.Open(ctx)
	return m, err
}

// scanned reads a body, when the row was read.
func scanned(err error, body *string, into any) error {
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(*body), into); err != nil {
		return fault.Wrap(fault.Corrupt, err, "read %.80s", *body)
	}
	return nil
}

// Save saves a round, all of it or nothing. revs are the revisions of the
// incidents that the round began with; when somebody acted on one meanwhile
// that is a Conflict, and the round must be taken again from Load.
func (l *Lead) Save(ctx context.Context, r *Round, revs map[string]int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.within(ctx, l.db(), func(t *tx) error {
		if err := t.saveAlerts(r); err != nil {
			return fmt.Errorf("save the states of rules: %w", err)
		}
		if err := t.saveLamps(r.Lamps); err != nil {
			return fmt.Errorf("save the lamps: %w", err)
		}
		for _, i := range r.Incidents {
			if err := t.saveIncident(i, revs[i.ID]); err != nil {
				return fmt.Errorf("save incident %s: %w", i.ID, err)
			}
		}
		for _, c := range r.Changes {
			id := fmt.Sprintf("%d %s %s", c.At, c.Rule, c.Labels)
			if err := t.put("change", id, c.At, c); err != nil {
				return fmt.Errorf("save a change: %w", err)
			}
		}
		for _, e := range r.Outbox {
			if err := t.post(e); err != nil {
				return fmt.Errorf("post notice %s: %w", e.Key, err)
			}
		}
		return nil
	})
}

func (t *tx) saveAlerts(r *Round) error {
	for _, name := range slices.Sorted(maps.Keys(r.Steps)) {
		err := t.exec("INSERT INTO rule_step (rule, last) VALUES (?, ?) ON CONFLICT (rule) DO UPDATE SET last = excluded.last", name, r.Steps[name])
		if err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Alerts)) {
		if err := t.exec("DELETE FROM alert WHERE rule = ?", name); err != nil {
			return err
		}
		for _, instance := range slices.Sorted(maps.Keys(r.Alerts[name])) {
			body, err := json.Marshal(r.Alerts[name][instance])
			if err != nil {
				return err
			}
			if err := t.exec("INSERT INTO alert (rule, instance, body) VALUES (?, ?, ?)", name, column(instance), string(body)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) saveLamps(lamps map[string]*incident.Lamp) error {
	if lamps == nil {
		return nil
	}
	if err := t.exec("DELETE FROM lamp"); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(lamps)) {
		body, err := json.Marshal(lamps[id])
		if err != nil {
			return err
		}
		if err := t.exec("INSERT INTO lamp (id, body) VALUES (?, ?)", column(id), string(body)); err != nil {
			return err
		}
	}
	return nil
}

// saveIncident writes an incident over the revision that it was read at, 0 for
// a new one.
func (t *tx) saveIncident(i *incident.Incident, rev int64) error {
	body, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if rev == 0 {
		return t.exec("INSERT INTO incident (id, status, opened, rev, body) VALUES (?, ?, ?, 1, ?)", i.ID, i.Status.String(), i.Opened, string(body))
	}
	done, err := t.ExecContext(t.ctx, t.state.dialect("UPDATE incident SET status = ?, rev = rev + 1, body = ? WHERE id = ? AND rev = ?"), i.Status.String(), string(body), i.ID, rev)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "somebody has acted on it meanwhile")
	}
	return nil
}
