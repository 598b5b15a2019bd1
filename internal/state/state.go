// Package state keeps what must be remembered and is not a row: the states of
// rules, incidents, the outbox of notices, deploys, mutes. It is SQLite in the
// data folder, or PostgreSQL where several servers share it; the schema and the
// statements are the same.
//
// What a round of rules found out is saved in one transaction, so that after a
// kill either all of it happened or nothing.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"github.com/plumbline/plumbline/internal/fault"
)

// State is an open database. It may be used by many goroutines.
type State struct {
	db       *sql.DB
	postgres bool

	mu    sync.Mutex
	ready map[string]*sql.Stmt // reads of a few forms, which are asked each second
}

// schema is what a new database gets, a statement each. Bodies are JSON: what
// is asked for by its content has a column of its own. Times are nanoseconds
// since the Unix epoch.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS format (version BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS rule_step (rule TEXT PRIMARY KEY, last BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS alert (rule TEXT NOT NULL, instance TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (rule, instance))`,
	`CREATE TABLE IF NOT EXISTS lamp (id TEXT PRIMARY KEY, body TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS incident (id TEXT PRIMARY KEY, status TEXT NOT NULL, opened BIGINT NOT NULL, rev BIGINT NOT NULL, body TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS outbox (key TEXT NOT NULL, channel TEXT NOT NULL, due BIGINT NOT NULL, tries BIGINT NOT NULL, sent BIGINT NOT NULL, failure TEXT NOT NULL, incident TEXT NOT NULL, severity TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (key, channel))`,
	`CREATE INDEX IF NOT EXISTS outbox_due ON outbox (sent, due)`,
	`CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id))`,
	`CREATE INDEX IF NOT EXISTS record_at ON record (kind, at)`,
}

// version of the schema; a newer one is refused.
const version = 1

// Open opens the database: a URL that begins with postgres:// or postgresql://,
// or else the path of a SQLite file.
func Open(ctx context.Context, where string) (*State, error) {
	s := &State{ready: map[string]*sql.Stmt{}, postgres: strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")}
	driver, source := "sqlite", where
	if s.postgres {
		driver = "pgx"
	} else {
		// A write waits for another; what is committed survives the next power cut.
		pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
		source = "file:" + (&url.URL{Path: where}).EscapedPath() + "?" + pragmas.Encode()
	}
	var err error
	if s.db, err = sql.Open(driver, source); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "state")
	}
	if !s.postgres {
		s.db.SetMaxOpenConns(1) // SQLite has one writer; waiting here is fairer than its lock
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the state in %s: %w", hidden(where), err), s.db.Close())
	}
	return s, nil
}

// hidden is a place without the password that may stand in it.
func hidden(where string) string {
	if u, err := url.Parse(where); err == nil && u.User != nil {
		return u.Redacted()
	}
	return where
}

// prepare makes the tables and checks that this program knows them.
func (s *State) prepare(ctx context.Context) error {
	return s.within(ctx, s.db, func(tx *tx) error {
		if s.postgres {
			// Two servers that start at once would make the same tables.
			if err := tx.exec("SELECT pg_advisory_xact_lock(?)", lockSchema); err != nil {
				return err
			}
		}
		for _, q := range schema {
			if err := tx.exec(q); err != nil {
				return err
			}
		}
		var found int64
		switch err := tx.row("SELECT version FROM format").Scan(&found); {
		case errors.Is(err, sql.ErrNoRows):
			return tx.exec("INSERT INTO format (version) VALUES (?)", version)
		case err != nil:
			return err
		case found > version:
			return fault.New(fault.Conflict, "it has format %d, this program knows %d; a newer Plumbline wrote it", found, version)
		}
		return nil
	})
}

// Close closes the database.
func (s *State) Close() error { return s.db.Close() }

// session is a database or one connection of it.
type session interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
}

// tx is a transaction in the dialect of its database.
type tx struct {
	*sql.Tx
	ctx   context.Context
	state *State
}

// within runs f in a transaction, which takes place whole or not at all.
func (s *State) within(ctx context.Context, db session, f func(*tx) error) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer t.Rollback() // nothing, when it was committed
	if err := f(&tx{t, ctx, s}); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (t *tx) exec(q string, args ...any) error {
	_, err := t.ExecContext(t.ctx, t.state.dialect(q), args...)
	return err
}

func (t *tx) row(q string, args ...any) *sql.Row {
	return t.QueryRowContext(t.ctx, t.state.dialect(q), args...)
}

// dialect writes ? as PostgreSQL wants it. No statement here holds a ? of
// another meaning.
func (s *State) dialect(q string) string {
	if !s.postgres {
		return q
	}
	var b strings.Builder
	n := 0
	for _, c := range q {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// column is a key as it can stand in a column: PostgreSQL's texts hold no NUL.
func column(key string) string {
	if utf8.ValidString(key) && strings.IndexByte(key, 0) < 0 {
		return key
	}
	return strconv.QuoteToASCII(key)
}

// each reads the rows of a statement.
func (s *State) each(ctx context.Context, q string, args []any, read func(*sql.Rows) error) error {
	stmt, err := s.prepared(ctx, q)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// prepared is a statement that was parsed before.
func (s *State) prepared(ctx context.Context, q string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.ready[q]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.db.PrepareContext(ctx, s.dialect(q))
	if err != nil {
		return nil, err
	}
	s.ready[q] = stmt
	return stmt, nil
}
