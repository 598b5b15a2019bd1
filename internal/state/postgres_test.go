//go:build system && unix

package state_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/state"
)

// TestPostgres is the suite over a real PostgreSQL, and what only several
// servers on one database can show.
func TestPostgres(t *testing.T) {
	place := postgres(t)
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
	if err := first.Still(t.Context()); err == nil {
		t.Error("a leader that was cut off believes that it leads")
	}
	second, err := b.Lead(t.Context())
	if err != nil || second == nil {
		t.Fatalf("nobody leads: %v", err)
	}
	check(t, second.Save(t.Context(), &state.Round{Steps: map[string]int64{"a": 2}}, nil))
	check(t, second.Close())
	if third, err := a.Lead(t.Context()); err != nil || third == nil {
		t.Errorf("the lead was not given back: %v", err)
	}
}

// postgres starts a server of its own on a socket and gives new databases.
func postgres(t *testing.T) func(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "plumbline-pg") // short: a socket's path has 107 bytes
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := asPostgres(t, dir)
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(programs) == 0 {
		t.Fatal("there is no PostgreSQL; scripts/setup.sh installs it")
	}
	bin := filepath.Dir(programs[len(programs)-1])
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	initdb.SysProcAttr = as
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = as, dir
	log := &strings.Builder{}
	server.Stderr = log
	check(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // a fast shutdown
		_ = server.Wait()
	})
	url := func(name string) string { return fmt.Sprintf("postgres://postgres@/%s?host=%s", name, dir) }
	db, err := sql.Open("pgx", url("postgres"))
	check(t, err)
	t.Cleanup(func() { db.Close() })
	for end := time.Now().Add(time.Minute); db.Ping() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("PostgreSQL does not answer:\n%s", log)
		}
	}
	made := 0
	return func(t *testing.T) string {
		made++
		name := fmt.Sprintf("test%d", made)
		_, err := db.Exec("CREATE DATABASE " + name)
		check(t, err)
		return url(name)
	}
}

// asPostgres lets a program run as the user postgres where we are root, whom
// PostgreSQL refuses.
func asPostgres(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	check(t, err)
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	check(t, os.Chown(dir, uid, gid))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
