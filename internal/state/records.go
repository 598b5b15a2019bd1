package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/plumbline/plumbline/internal/fault"
)

// Kinds of records: small things with a time, that are asked for by range.
const (
	Changes = "change" // rule.Change: alerts that began or ended
	Deploys = "deploy"
	Mutes   = "mute"
	Written = "rule"   // rules written on the page
	PutOffs = "putoff" // lamps that somebody put off
)

// put writes a record; one of the same kind and id is replaced.
func (t *tx) put(kind, id string, at int64, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return t.exec("INSERT INTO record (kind, id, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at, body = excluded.body", kind, column(id), at, string(text))
}

// Put writes a record; one of the same kind and id is replaced.
func (s *State) Put(ctx context.Context, kind, id string, at int64, body any) error {
	return s.within(ctx, s.db, func(t *tx) error {
		if err := t.put(kind, id, at, body); err != nil {
			return fmt.Errorf("write %s %s: %w", kind, id, err)
		}
		return nil
	})
}

// Delete takes a record away.
func (s *State) Delete(ctx context.Context, kind, id string) error {
	done, err := s.db.ExecContext(ctx, s.dialect("DELETE FROM record WHERE kind = ? AND id = ?"), kind, column(id))
	if err != nil {
		return fmt.Errorf("delete %s %s: %w", kind, id, err)
	}
	if n, err := done.RowsAffected(); err == nil && n == 0 {
		return fault.New(fault.NotFound, "there is no %s %q", kind, id)
	}
	return nil
}

// Record reads one record: T is what its body is.
func Record[T any](ctx context.Context, s *State, kind, id string) (T, error) {
	var one T
	var body string
	err := s.db.QueryRowContext(ctx, s.dialect("SELECT body FROM record WHERE kind = ? AND id = ?"), kind, column(id)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return one, fault.New(fault.NotFound, "there is no %s %q", kind, id)
	}
	if err := scanned(err, &body, &one); err != nil {
		return one, fmt.Errorf("read %s %s: %w", kind, id, err)
	}
	return one, nil
}

// Records reads records of a kind from a range of time, in its order: T is what
// their bodies are.
func Records[T any](ctx context.Context, s *State, kind string, from, to int64) ([]T, error) {
	var list []T
	err := s.each(ctx, "SELECT body FROM record WHERE kind = ? AND at >= ? AND at < ? ORDER BY at, id", []any{kind, from, to}, func(r *sql.Rows) error {
		var body string
		var one T
		if err := scanned(r.Scan(&body), &body, &one); err != nil {
			return err
		}
		list = append(list, one)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %ss: %w", kind, err)
	}
	return list, nil
}
