//go:build system

package main

import (
	"bufio"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// gelfMessages is how many messages the client sends by each way.
const gelfMessages = "10000"

// TestGELF takes the messages of graypy, a client that Debian carries. All of them
// must be counted. Debian's own Python is asked for: others do not have it.
func TestGELF(t *testing.T) {
	free := newPorts(t)
	var addresses [3]string
	for i := range addresses {
		var err error
		if addresses[i], err = free.free(); err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, addresses[0], filepath.Join(t.TempDir(), "data"), "--gelf-tcp", addresses[1], "--gelf-udp", addresses[2])
	for i, way := range []string{"tcp", "udp"} {
		out, err := exec.Command("/usr/bin/python3", "testdata/gelf.py", way, addresses[1+i], gelfMessages).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s\nscripts/setup.sh installs python3 and python3-graypy", err, out)
		}
	}
	type count struct {
		Way              string
		Count, Different int
	}
	want := []count{{"tcp", 10_000, 10_000}, {"udp", 10_000, 10_000}}
	var got []count
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		got = ask[count](t, s.url, "way=* | stats count dc(number) as different by way | sort way")
		if len(got) == 2 && got[0] == want[0] && got[1] == want[1] {
			break
		}
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("want %v, got %v; dropped: %s", want, got, reading(t, s.url, "plumbline_intake_dropped_total"))
	}
	type sample struct {
		Message  string `json:"_msg"`
		Host     string
		Severity string
	}
	for _, way := range []string{"tcp", "udp"} {
		rows := ask[sample](t, s.url, "number=4711 way="+way)
		if len(rows) != 1 || rows[0].Message != "message 4711 by "+way || rows[0].Host == "" || rows[0].Severity != "info" {
			t.Errorf("message 4711 by %s came as %+v", way, rows)
		}
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// reading are the lines of /metrics that begin with a name.
func reading(t *testing.T, base, name string) (lines []string) {
	t.Helper()
	res, err := http.Get(base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	for in.Scan() {
		if strings.HasPrefix(in.Text(), name) {
			lines = append(lines, in.Text())
		}
	}
	return lines
}
