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

// TestDocsSDK goes the way of somebody new to the SDK, as docs/sdk/README.md says it:
// from an empty folder to the first line in the server – by a replace, and by the
// folder that scripts/proxy.sh makes.
func TestDocsSDK(t *testing.T) {
	page, err := os.ReadFile("../../docs/sdk/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 4 {
		t.Fatalf("docs/sdk/README.md has %d blocks of sh, want 4: files, server, service, question", len(blocks))
	}
	files, service, question := blocks[0][1], blocks[2][1], blocks[3][1]
	if service != "go run .\n" {
		t.Fatalf("the service is started by %q", service)
	}
	for name, add := range map[string]func(string) string{
		"replace": func(text string) string { return text },
		"proxy": func(text string) string { // instead of the line that says replace
			text = regexp.MustCompile(`(?m)^go mod edit .*\n`).ReplaceAllString(text, "")
			return `eval "$(~/plumbline/scripts/proxy.sh "$PWD/proxy")"` + "\n" + text + "go get github.com/plumbline/plumbline/sdk@latest\n"
		},
	} {
		t.Run(name, func(t *testing.T) { newcomer(t, add(files), question) })
	}
}

func newcomer(t *testing.T, files, question string) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	free := newPorts(t)
	var address [3]string // of the server, the service and its monitor
	for i := range address {
		if address[i], err = free.free(); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, address[0], filepath.Join(t.TempDir(), "data"))
	here := strings.NewReplacer(
		"127.0.0.1:7420", address[0], "127.0.0.1:8080", address[1],
		"&monitor.Options{}", `&monitor.Options{Address: "`+address[2]+`"}`,
		"$HOME/plumbline", root, "~/plumbline", root,
		"go run ./cmd/plumbline", "plumbline", // built already
	)
	dir := t.TempDir()
	shell := func(text string) *exec.Cmd {
		cmd := exec.Command("bash", "-ec", here.Replace(text))
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PLUMBLINE_SERVER="+address[0], "GOWORK=off", "GOFLAGS=-mod=mod")
		return cmd
	}
	if out, err := shell(files + "go build -o hello .\n").CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s: %v", files, out, err)
	}
	program := shell("exec ./hello")
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = program.Process.Kill()
		_ = program.Wait() // it was killed
	}()
	var out []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if out, err = shell(question).CombinedOutput(); err == nil && strings.Contains(string(out), "usr_1") {
			return
		}
	}
	t.Fatalf("no line within %v: %v\n%s", patience, err, out)
}
