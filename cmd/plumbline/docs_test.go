//go:build system

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDocsHTTP runs the commands of docs/http.md one after the other and compares
// what they print with what the page says; … stands for anything within a line.
func TestDocsHTTP(t *testing.T) {
	run := shellFor(t)
	for _, e := range examples(t, "../../docs/http.md") {
		got := run(e.command)
		for end := time.Now().Add(10 * time.Second); !e.expected.MatchString(got) && strings.Contains(e.command, "/datasets") && time.Now().Before(end); {
			got = run(e.command) // the server's lines about these requests take a moment
		}
		if !e.expected.MatchString(got) {
			t.Errorf("%s\nwant %s\ngot  %s", e.command, e.text, got)
		}
	}
}

// TestReadmeCurl runs the commands by curl of README.md.
func TestReadmeCurl(t *testing.T) {
	run := shellFor(t)
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?s)```\n(curl .*?)```").FindAllStringSubmatch(string(page), -1)
	if len(commands) == 0 {
		t.Fatal("README.md has no command by curl")
	}
	for _, c := range commands {
		if got := run(c[1]); got == "" || strings.Contains(got, `"error"`) {
			t.Errorf("%s\nprints %q", c[1], got)
		}
	}
}

// shellFor starts a server and gives what runs commands of a page against it.
func shellFor(t *testing.T) func(command string) string {
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	serve(t, address, filepath.Join(t.TempDir(), "data"))
	dir := t.TempDir()
	return func(command string) string {
		cmd := exec.Command("bash", "-c", strings.ReplaceAll(command, "127.0.0.1:7420", address))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		return strings.ReplaceAll(string(out), "\r\n", "\n")
	}
}

// example is a command of a page and what it prints.
type example struct {
	command, text string
	expected      *regexp.Regexp
}

// examples reads the blocks marked console: a command follows "$ " and goes on while
// its quotes are open, what it prints follows.
func examples(t *testing.T, name string) (list []example) {
	t.Helper()
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			lines := strings.SplitAfter(part, "\n")
			n := 1
			for n < len(lines) && strings.Count(strings.Join(lines[:n], ""), "'")%2 == 1 {
				n++
			}
			text := strings.TrimSuffix(strings.Join(lines[n:], ""), "\n")
			pattern := strings.ReplaceAll(regexp.QuoteMeta(text), "…", ".*")
			list = append(list, example{strings.Join(lines[:n], ""), text, regexp.MustCompile("^" + pattern + "\n*$")})
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s has no example", name)
	}
	return list
}
