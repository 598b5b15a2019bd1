package state

import "context"

// SetFormat writes another format number, as a newer program would.
func SetFormat(ctx context.Context, s *State, n int64) error {
	return s.within(ctx, s.db, func(t *tx) error { return t.exec("UPDATE format SET version = ?", n) })
}
