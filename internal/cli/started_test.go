package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStartedAs(t *testing.T) {
	const main = "github.com/plumbline/plumbline/cmd/plumbline"
	for _, c := range []struct{ typed, exe, want string }{
		{"plumbline", "/usr/bin/plumbline", "plumbline"},
		{"./plumbline", "/home/ada/plumbline/plumbline", "./plumbline"},
		{"/opt/go-builds/plumbline", "/opt/go-builds/plumbline", "/opt/go-builds/plumbline"},
		{"/home/ada/my tools/it's", "/home/ada/my tools/it's", `'/home/ada/my tools/it'\''s'`},
		{"/tmp/go-build1234/b001/exe/plumbline", "/tmp/go-build1234/b001/exe/plumbline", "go run " + main},
		{"/home/ada/.cache/go-build/0a/plumbline", "/home/ada/.cache/go-build/0a/plumbline", "go run " + main},
		{"x", "/cache/0a/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-d/plumbline", "go run " + main},
	} {
		if got := startedAs(c.typed, c.exe, main); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.typed, c.exe, got, c.want)
		}
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	tool := filepath.Join(dir, "plumbline")
	if err := os.WriteFile(tool, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := startedAs(tool, tool, main); got != "plumbline" {
		t.Errorf("where a shell finds it: %s", got)
	}
	t.Chdir("../..")
	if got := startedAs("x", "/tmp/go-build1/b001/exe/plumbline", main); got != "go run ./cmd/plumbline" {
		t.Errorf("among the sources: %s", got)
	}
}
