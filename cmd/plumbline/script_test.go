//go:build system

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/zeebo/xxh3"
)

// TestScript runs the scripts of testdata/script, a capability each. Beside the
// commands of testscript they have these:
//
//	serve [FLAG…]             start "plumbline serve" over $WORK/data at $ADDR and wait
//	                          until it is ready; what it says is in serve.log
//	start NAME PROGRAM ARG…   start a program in the background; what it writes is in
//	                          NAME.out, what it says in NAME.log
//	signal SIGNAL NAME        send HUP, INT, TERM or KILL
//	end [-SIGNAL] NAME        send TERM and wait; it must end well, unless KILLed
//	until REGEXP PROGRAM ARG… run it again until what it prints matches
//	count N QUESTION          the question must find N rows
//	certificate CERT KEY      write a certificate for 127.0.0.1 and its key
//	format VERSION FILE       write what a store of this version writes into FORMAT
//
// $ADDR, $ADDR2 and $ADDR3 are addresses nobody else listens on, $URL is that of
// the server, $API its /api/v1. PLUMBLINE_SERVER is set, so that commands find it.
func TestScript(t *testing.T) {
	free := newPorts(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUp(env, free) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":       scriptServe,
			"start":       scriptStart,
			"signal":      scriptSignal,
			"end":         scriptEnd,
			"until":       scriptUntil,
			"count":       scriptCount,
			"certificate": scriptCertificate,
			"format":      scriptFormat,
		},
	})
}

// running is the key under which a script's processes are kept, by name.
type running struct{}

func setUp(env *testscript.Env, free *ports) error {
	for _, name := range []string{"ADDR", "ADDR2", "ADDR3"} {
		address, err := free.free()
		if err != nil {
			return err
		}
		env.Setenv(name, address)
	}
	url := "http://" + env.Getenv("ADDR")
	env.Setenv("URL", url)
	env.Setenv("API", url+"/api/v1")
	env.Setenv("PLUMBLINE_SERVER", env.Getenv("ADDR"))
	env.Setenv("TZ", "UTC")
	env.Values[running{}] = map[string]*process{}
	return nil
}

func processes(ts *testscript.TestScript) map[string]*process {
	return ts.Value(running{}).(map[string]*process)
}

// named is the process of this name.
func named(ts *testscript.TestScript, name string) *process {
	p := processes(ts)[name]
	if p == nil {
		ts.Fatalf("nothing was started as %s", name)
	}
	return p
}

// environ is the script's environment as it stands.
func environ(ts *testscript.TestScript) []string {
	ts.Check(ts.Exec("env", "-0"))
	return strings.Split(strings.TrimRight(ts.ReadFile("stdout"), "\x00"), "\x00")
}

func launch(ts *testscript.TestScript, name, program string, args ...string) *process {
	out, err := os.Create(ts.MkAbs(name + ".out"))
	ts.Check(err)
	log, err := os.OpenFile(ts.MkAbs(name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	ts.Check(err)
	p, err := start(ts.MkAbs("."), environ(ts), out, log, program, args...)
	ts.Check(err)
	processes(ts)[name] = p
	ts.Defer(func() {
		_ = p.cmd.Process.Kill() // most have ended before
		<-p.ended
		out.Close()
		log.Close()
	})
	return p
}

func scriptStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME PROGRAM ARG…")
	}
	launch(ts, args[0], args[1], args[2:]...)
}

func scriptServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve [FLAG…]")
	}
	p := launch(ts, "serve", "plumbline", append([]string{"serve", "--data", ts.MkAbs("data"), "--listen", ts.Getenv("ADDR")}, args...)...)
	if err := p.ready(ts.Getenv("URL")); err != nil {
		ts.Fatalf("%v\n%s", err, ts.ReadFile("serve.log"))
	}
}

// signalOf reads the name of a signal.
func signalOf(ts *testscript.TestScript, name string) syscall.Signal {
	s, ok := map[string]syscall.Signal{"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[name]
	if !ok {
		ts.Fatalf("there is no signal %s", name)
	}
	return s
}

func scriptSignal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal SIGNAL NAME")
	}
	ts.Check(named(ts, args[1]).cmd.Process.Signal(signalOf(ts, args[0])))
}

func scriptEnd(ts *testscript.TestScript, neg bool, args []string) {
	how := syscall.SIGTERM
	if len(args) == 2 && strings.HasPrefix(args[0], "-") {
		how = signalOf(ts, args[0][1:])
		args = args[1:]
	}
	if neg || len(args) != 1 {
		ts.Fatalf("usage: end [-SIGNAL] NAME")
	}
	if err := named(ts, args[0]).stop(how); err != nil {
		ts.Fatalf("%v\n%s", err, ts.ReadFile(args[0]+".log"))
	}
}

func scriptUntil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP PROGRAM ARG…")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	env := environ(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	last := ""
	for {
		cmd := exec.CommandContext(ctx, args[1], args[2:]...)
		cmd.Dir, cmd.Env = ts.MkAbs("."), env
		out, err := cmd.CombinedOutput()
		if want.Match(out) {
			return
		}
		if ctx.Err() != nil {
			ts.Fatalf("within %s nothing came that matches %q, last:\n%s", patience, args[0], last)
		}
		last = fmt.Sprintf("%s%v", out, err)
		time.Sleep(50 * time.Millisecond)
	}
}

func scriptCount(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: count N QUESTION")
	}
	err := ts.Exec("plumbline", "query", "-o", "csv", args[1]+" | stats count")
	out := ts.ReadFile("stdout")
	if got := strings.Fields(out); err != nil || len(got) != 2 || got[1] != args[0] {
		ts.Fatalf("%s: want %s rows, got %s%s%v", args[1], args[0], out, ts.ReadFile("stderr"), err)
	}
}

func scriptCertificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate CERT KEY")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "plumbline test"},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: cert}, {Type: "PRIVATE KEY", Bytes: secret}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), pem.EncodeToMemory(block), 0o600))
	}
}

func scriptFormat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: format VERSION FILE")
	}
	text := fmt.Sprintf("plumbline columnar store, format %s, ", args[0])
	text += fmt.Sprintf("%016x\n", xxh3.HashString(text))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}
