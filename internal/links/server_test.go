//go:build system && unix

package links_test

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

// server is a PostgreSQL of our own on a socket, that tests stop and start.
type server struct {
	t    testing.TB
	dir  string
	bin  string
	as   *syscall.SysProcAttr
	cmd  *exec.Cmd
	args []string
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// postgres makes and starts a server. Without fsync, as its machine will not
// lose power; more settings as name=value.
func postgres(t testing.TB, settings ...string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "plumbline-pg") // short: a socket's path has 107 bytes
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(programs) == 0 {
		t.Fatal("there is no PostgreSQL; scripts/setup.sh installs it")
	}
	s := &server{t: t, dir: dir, bin: filepath.Dir(programs[len(programs)-1]), as: asPostgres(t, dir)}
	s.args = []string{"-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses="}
	for _, x := range settings {
		s.args = append(s.args, "-c", x)
	}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = s.as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *server) url() string { return "postgres://postgres@/postgres?host=" + s.dir }

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), s.args...)
	s.cmd.SysProcAttr, s.cmd.Dir = s.as, s.dir
	log := &strings.Builder{}
	s.cmd.Stderr = log
	check(s.t, s.cmd.Start())
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, err := pgx.Connect(s.t.Context(), s.url())
		if err == nil {
			check(s.t, c.Close(s.t.Context()))
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("PostgreSQL does not answer: %v\n%s", err, log)
		}
	}
}

// stop ends the server as kill -9 of its parts would be answered: at once.
func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // an immediate shutdown, recovered from at the start
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

// empty makes a database of its own on the server.
func (s *server) empty(t testing.TB, name string) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.url())
	check(t, err)
	defer c.Close(t.Context())
	_, err = c.Exec(t.Context(), "CREATE DATABASE "+name)
	check(t, err)
	return fmt.Sprintf("postgres://postgres@/%s?host=%s", name, s.dir)
}
