package state

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// Keys of advisory locks: "plumb" and a number, so that other programs on the
// same database are not met.
const (
	lockSchema = 0x706c756d62_01
	lockRules  = 0x706c756d62_02
)

// Lead is the right to drive the rules and to send what is in the outbox. On
// PostgreSQL it is an advisory lock held by one connection, on which everything of
// a leader is saved: with the connection both are gone, so a leader that was cut
// off can save nothing, and begins to send nothing.
type Lead struct {
	state *State
	conn  *sql.Conn // nil on SQLite, whose folder one server has
	// mu keeps a statement of the outbox out of the transaction of a round, which
	// has the same connection.
	mu sync.Mutex
}

// Lead tries to become the one that drives the rules; nil while another does.
func (s *State) Lead(ctx context.Context) (*Lead, error) {
	if !s.postgres {
		return &Lead{state: s}, nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for the lead: %w", err)
	}
	var got bool
	err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(lockRules)).Scan(&got)
	if err != nil || !got {
		closeErr := conn.Close()
		if err == nil {
			err = closeErr
		}
		return nil, err
	}
	return &Lead{state: s, conn: conn}, nil
}

// Still reports whether the lead is held: a connection that broke has lost it.
func (l *Lead) Still(ctx context.Context) error {
	if l.conn == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn.PingContext(ctx)
}

// Close gives the lead back.
func (l *Lead) Close() error {
	if l.conn == nil {
		return nil
	}
	// The lock belongs to the session, which the pool would keep: it is ended.
	_, err := l.conn.ExecContext(context.Background(), "SELECT pg_advisory_unlock($1)", int64(lockRules))
	if closeErr := l.conn.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (l *Lead) db() session {
	if l.conn == nil {
		return l.state.db
	}
	return l.conn
}
