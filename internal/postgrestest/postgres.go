//go:build system && unix

// Package postgrestest starts a real PostgreSQL for tests: a server of their own on
// a socket, gone with the test. scripts/setup.sh installs it.
package postgrestest

import (
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

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL that the test may stop and start.
type Server struct {
	t    testing.TB
	dir  string // holds the socket and the data
	bin  string
	args []string
	as   *syscall.SysProcAttr
	cmd  *exec.Cmd
}

// Start makes a server and starts it, with settings as name=value: fsync=off where
// nothing is killed. It stops when the test ends.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(programs) == 0 {
		t.Fatal("there is no PostgreSQL; scripts/setup.sh installs it")
	}
	dir, err := os.MkdirTemp("", "plumbline-pg") // short: a socket's path has 107 bytes
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{t: t, dir: dir, bin: filepath.Dir(programs[len(programs)-1]), as: asPostgres(t, dir)}
	data := filepath.Join(dir, "data")
	s.args = []string{"-D", data, "-k", dir, "-c", "listen_addresses="}
	for _, x := range settings {
		s.args = append(s.args, "-c", x)
	}
	if out, err := s.command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, program), args...)
	c.SysProcAttr, c.Dir = s.as, s.dir
	return c
}

// Start starts the server again after Stop, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	log := &strings.Builder{}
	s.cmd = s.command("postgres", s.args...)
	s.cmd.Stderr = log
	check(s.t, s.cmd.Start())
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, err := pgx.Connect(s.t.Context(), s.URL())
		if err == nil {
			check(s.t, c.Close(s.t.Context()))
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("PostgreSQL does not answer: %v\n%s", err, log)
		}
	}
}

// Stop ends the server as a crash would: at once, to be recovered from at the next
// start.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	_ = s.cmd.Wait()
	s.cmd = nil
}

// URL is the server's first database.
func (s *Server) URL() string { return s.url("postgres") }

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s", database, s.dir)
}

// Database makes a new database on the server and gives its URL.
func (s *Server) Database(t testing.TB, name string) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.URL())
	check(t, err)
	defer c.Close(t.Context())
	_, err = c.Exec(t.Context(), "CREATE DATABASE "+name)
	check(t, err)
	return s.url(name)
}

// Rest ends the server with everything on its disk, so that it starts again at
// once.
func (s *Server) Rest() {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	_ = s.cmd.Wait()
	s.cmd = nil
}

// asPostgres lets a program run as the user postgres where we are root, whom
// PostgreSQL refuses.
func asPostgres(t testing.TB, dir string) *syscall.SysProcAttr {
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

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
