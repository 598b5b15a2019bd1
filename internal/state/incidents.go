package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
)

// Open are the incidents that burn or may burn again, and their revisions.
func (s *State) Open(ctx context.Context) ([]*incident.Incident, map[string]int64, error) {
	return s.incidents(ctx, "WHERE status IN (?, ?) ORDER BY opened, id", incident.Burning.String(), incident.Ended.String())
}

// Incidents are those opened from a time on and before another, the newest
// first, at most so many.
func (s *State) Incidents(ctx context.Context, from, to int64, limit int) ([]*incident.Incident, error) {
	list, _, err := s.incidents(ctx, "WHERE opened >= ? AND opened < ? ORDER BY opened DESC, id LIMIT ?", from, to, limit)
	return list, err
}

// Incident is one incident.
func (s *State) Incident(ctx context.Context, id string) (*incident.Incident, error) {
	list, _, err := s.incidents(ctx, "WHERE id = ?", id)
	if err == nil && len(list) == 0 {
		err = unknown(id)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func unknown(id string) error { return fault.New(fault.NotFound, "there is no incident %q", id) }

func (s *State) incidents(ctx context.Context, where string, args ...any) ([]*incident.Incident, map[string]int64, error) {
	var list []*incident.Incident
	revs := map[string]int64{}
	err := s.each(ctx, "SELECT body, rev FROM incident "+where, args, func(r *sql.Rows) error {
		var body string
		var rev int64
		i := &incident.Incident{}
		if err := scanned(r.Scan(&body, &rev), &body, i); err != nil {
			return err
		}
		list, revs[i.ID] = append(list, i), rev
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read incidents: %w", err)
	}
	return list, revs, nil
}

// Act changes an incident by what a person does; what it withdraws from the
// outbox is withdrawn in the same transaction.
func (s *State) Act(ctx context.Context, id string, a incident.Act, now int64) (*incident.Incident, error) {
	i := &incident.Incident{}
	err := s.within(ctx, s.db, func(t *tx) error {
		var body string
		var rev int64
		err := t.row("SELECT body, rev FROM incident WHERE id = ?"+t.forUpdate(), id).Scan(&body, &rev)
		if errors.Is(err, sql.ErrNoRows) {
			return unknown(id)
		}
		if err := scanned(err, &body, i); err != nil {
			return err
		}
		if err := i.Do(a, now); err != nil {
			return err
		}
		if i.Acked != 0 {
			if err := t.withdraw(id); err != nil {
				return err
			}
		}
		return t.saveIncident(i, rev)
	})
	if err != nil {
		return nil, err
	}
	return i, nil
}

// forUpdate makes others wait for a row, where they would not anyhow.
func (t *tx) forUpdate() string {
	if t.state.postgres {
		return " FOR UPDATE"
	}
	return ""
}
