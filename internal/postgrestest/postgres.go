//go:build system && linux

// Package postgrestest starts a real PostgreSQL for tests: a server of their own on
// a socket, gone with the test. scripts/setup.sh installs it.
package postgrestest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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
// nothing is killed. Those that begin with -- are initdb's. It stops when the test
// ends.
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
	initial := []string{"-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"}
	for _, x := range settings {
		if strings.HasPrefix(x, "--") {
			initial = append(initial, x)
		} else {
			s.args = append(s.args, "-c", x)
		}
	}
	if out, err := s.command("initdb", initial...).CombinedOutput(); err != nil {
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

// Fill lets no file of the server grow beyond a size, as if its disk were full; 0
// makes room again.
func (s *Server) Fill(bytes int64) {
	s.t.Helper()
	limit := strconv.FormatInt(bytes, 10)
	if bytes == 0 {
		limit = "unlimited"
	}
	pid := strconv.Itoa(s.cmd.Process.Pid)
	children, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	check(s.t, err)
	for _, p := range append(strings.Fields(string(children)), pid) {
		c := exec.Command("prlimit", "--pid", p, "--fsize="+limit+":")
		c.SysProcAttr = s.as
		if out, err := c.CombinedOutput(); err != nil && p == pid { // a child may be gone by now
			s.t.Fatalf("prlimit: %v\n%s", err, out)
		}
	}
}

// Stall stands between clients and the server, and holds back what either says
// while it is held. It gives the address to connect to.
func (s *Server) Stall(t testing.TB) (url string, hold func(bool)) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { listener.Close() })
	var gate sync.RWMutex
	pass := func(to, from net.Conn) {
		defer to.Close()
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			gate.RLock()
			if n > 0 && err == nil {
				_, err = to.Write(buf[:n])
			}
			gate.RUnlock()
			if err != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", filepath.Join(s.dir, ".s.PGSQL.5432"))
			if err != nil {
				client.Close()
				continue
			}
			go pass(server, client)
			go pass(client, server)
		}
	}()
	held := false
	hold = func(now bool) {
		switch {
		case now && !held:
			gate.Lock()
		case !now && held:
			gate.Unlock()
		}
		held = now
	}
	t.Cleanup(func() { hold(false) })
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", listener.Addr()), hold
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
