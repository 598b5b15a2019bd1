//go:build system && linux

package state_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/state"
)

// TestPostgres is the suite over a real PostgreSQL, and what only several
// servers on one database can show.
func TestPostgres(t *testing.T) {
	server, made := postgrestest.Start(t, "fsync=off"), 0
	place := func(t *testing.T) string {
		made++
		return server.Database(t, fmt.Sprintf("test%d", made))
	}
	suite(t, place)
	t.Run("one leads", func(t *testing.T) { testOneLeads(t, place(t)) })
}

// testOneLeads: of two servers one leads; when its connection is cut it can save
// nothing any more, and the other leads.
func testOneLeads(t *testing.T, where string) {
	a, b := open(t, where), open(t, where)
	first := lead(t, a)
	if second, err := b.Lead(t.Context()); err != nil || second != nil {
		t.Fatalf("both lead: %v, %v", second, err)
	}
	db, err := sql.Open("pgx", where)
	check(t, err)
	defer db.Close()
	_, err = db.Exec("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
	check(t, err)
	if err := first.Save(t.Context(), &state.Round{Steps: map[string]int64{"a": 1}}, nil); err == nil {
		t.Error("a leader that was cut off has saved")
	}
	if err := first.Begin(t.Context(), entry("k", "mail", 1)); err == nil {
		t.Error("a leader that was cut off has begun to send")
	}
	if err := first.Still(t.Context()); err == nil {
		t.Error("a leader that was cut off believes that it leads")
	}
	second, err := b.Lead(t.Context())
	for end := time.Now().Add(time.Minute); err == nil && second == nil && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		second, err = b.Lead(t.Context()) // the lock goes a little later than the connection
	}
	if err != nil || second == nil {
		t.Fatalf("nobody leads: %v", err)
	}
	check(t, second.Save(t.Context(), &state.Round{Steps: map[string]int64{"a": 2}}, nil))
	check(t, second.Close())
	if third, err := a.Lead(t.Context()); err != nil || third == nil {
		t.Errorf("the lead was not given back: %v", err)
	}
}
