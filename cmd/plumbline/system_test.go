//go:build system

package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The tests behind the tag "system" drive the binary as its users do: by its
// command line, over HTTP, by signals. It is built once and stands first in PATH.
func TestMain(m *testing.M) {
	code, err := testWithBinary(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func testWithBinary(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "plumbline-bin-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	args := []string{"build", "-o", filepath.Join(dir, "plumbline")}
	if raced() { // then what it drives is to be watched too
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	if err := errors.Join(
		os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH")),
		os.Setenv("GORACE", "halt_on_error=1"),
	); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// raced reports whether this test was built with -race.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// patience is how long something may take that takes no time on a machine with
// nothing else to do. It is counted in looks, not by the clock, so that a machine
// that stands still for a while costs none of it.
const patience, lookEvery = time.Minute, 20 * time.Millisecond

// eventually looks again and again until it is so, and reports whether it became.
func eventually(is func() bool) bool {
	for range patience / lookEvery {
		if is() {
			return true
		}
		time.Sleep(lookEvery)
	}
	return is()
}

// ports gives addresses on loopback that nobody listens on. They lie below the
// range from which the kernel takes ports for outgoing connections, so that none
// of those gets in between.
type ports struct{ last atomic.Int32 }

func newPorts(t testing.TB) *ports {
	test := fnv.New32a()
	_, _ = test.Write([]byte(t.Name())) // a hash takes anything
	p := new(ports)
	// Not where a second run looks, or a test beside this one.
	p.last.Store(20_000 + int32((uint32(os.Getpid())*61+test.Sum32())%9_000))
	return p
}

func (p *ports) free() (string, error) {
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", p.last.Add(1))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		return address, l.Close()
	}
	return "", errors.New("no port on loopback is free")
}

// process is a program that runs in the background.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // of its end
}

// start starts a program in dir. What it says goes to the writers.
func start(dir string, env []string, stdout, stderr io.Writer, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, env, stdout, stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// wait waits for the end. The error is that of the program. One that does not end is
// made to say where it stands.
func (p *process) wait() error {
	if !eventually(p.hasEnded) {
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // it may have ended just now
		p.over(lookEvery * 50)
		return fmt.Errorf("%s has not ended within %s", p.cmd.Path, patience)
	}
	return p.err
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// stop asks the program to end, and waits. The error is that of the program,
// unless it was killed.
func (p *process) stop(how syscall.Signal) error {
	if err := p.cmd.Process.Signal(how); err != nil {
		return fmt.Errorf("%s had ended by itself: %w", p.cmd.Path, errors.Join(err, p.wait()))
	}
	err := p.wait()
	var exit *exec.ExitError
	if how == syscall.SIGKILL && errors.As(err, &exit) {
		return nil
	}
	return err
}

// ready waits until the server answers that lines can be taken and questions
// asked.
func (p *process) ready(url string) error {
	ready := false
	if !eventually(func() bool {
		res, err := http.Get(url + "/readyz")
		if err == nil {
			res.Body.Close()
			ready = res.StatusCode == http.StatusOK
		}
		return ready || p.hasEnded()
	}) {
		return fmt.Errorf("the server is not ready after %s", patience)
	}
	if !ready {
		return fmt.Errorf("the server ended before it was ready: %w", p.err)
	}
	return nil
}

// server is a plumbline serve of a test in Go.
type server struct {
	*process
	url string
	log *bytes.Buffer // complete when the process has ended
}

// over waits for the end, a while at most, and reports whether it came.
func (p *process) over(within time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// serve starts a server and waits until it is ready. The test ends it if it did
// not do so itself.
func serve(t *testing.T, address, data string, args ...string) *server {
	t.Helper()
	s, err := begin(t, nil, address, data, args...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// begin is serve with more in the environment. It gives an error when the server
// ended before it was ready.
func begin(t *testing.T, env []string, address, data string, args ...string) (*server, error) {
	t.Helper()
	s := launched(t, env, address, data, args...)
	return s, s.ready(s.url)
}

// launched is begin without the waiting.
func launched(t *testing.T, env []string, address, data string, args ...string) *server {
	t.Helper()
	s := &server{url: "http://" + address, log: new(bytes.Buffer)}
	var err error
	s.process, err = start(t.TempDir(), append(os.Environ(), env...), s.log, s.log, "plumbline",
		append([]string{"serve", "--data", data, "--listen", address}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // most have ended before
		<-s.ended
		if t.Failed() {
			t.Logf("what the server said:\n%s", s.log)
		}
	})
	return s
}
