//go:build system

package plumbline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A test that never saw a failure proves nothing. A planted fault is a line of the
// server made wrong: a sync that is not asked for, a checksum that is not looked at.
// The go command builds the wrong line instead of the right one (its flag -overlay),
// so that nothing of this is in the code, and a test of the usual ones has to fail.
type planted struct {
	name    string
	file    string // below internal/
	was     string // stands in the file once
	becomes string
	caught  string // the room of the test that fails, and its name
}

// TestFaultsApply: each fault can be planted in the code as it is, and docs/torture.md
// tells of it.
func TestFaultsApply(t *testing.T) {
	page, err := os.ReadFile("docs/torture.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range faults {
		if _, err := f.plant(); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if names[f.name] {
			t.Errorf("%s stands twice", f.name)
		}
		names[f.name] = true
		if row := fmt.Sprintf("| %s | `%s` | %s |", f.name, f.file, f.caught); !bytes.Contains(page, []byte(row+"\n")) {
			t.Errorf("docs/torture.md lacks the row\n%s", row)
		}
	}
	if len(faults) < 30 {
		t.Errorf("%d faults only", len(faults))
	}
}

// TestFaults plants some of the faults, "make torture" all.
func TestFaults(t *testing.T) {
	for i, f := range faults {
		if i%sampled == 0 {
			t.Run(f.name, f.mustBeCaught)
		}
	}
}

// sampled is of how many faults one is planted in every run of the tests: each takes
// a build.
const sampled = 15

// plant gives the file with the fault in it.
func (f planted) plant() ([]byte, error) {
	text, err := os.ReadFile(f.path())
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(text), f.was); n != 1 {
		return nil, fmt.Errorf("%q stands in %s %d times, it must be once", f.was, f.path(), n)
	}
	return []byte(strings.Replace(string(text), f.was, f.becomes, 1)), nil
}

func (f planted) path() string { return filepath.Join("internal", filepath.FromSlash(f.file)) }

// mustBeCaught fails unless the fault's test does.
func (f planted) mustBeCaught(t *testing.T) {
	text, err := f.plant()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	wrong, overlay := filepath.Join(dir, "wrong.go"), filepath.Join(dir, "overlay.json")
	right, err := filepath.Abs(f.path())
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {right: wrong}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{wrong: text, overlay: list} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	room, test, _ := strings.Cut(f.caught, " ")
	out, err := exec.Command("go", "test", "-overlay", overlay, "-vet=off", "-count=1", "-timeout=3m", "-run", "^"+test+"$", "./internal/"+room).CombinedOutput()
	if err == nil || !failedTest.Match(out) {
		t.Fatalf("%s was not caught by %s (%v):\n%s", f.name, f.caught, err, out)
	}
}

// failedTest is what a test says that fails, panics or hangs; a build that fails says
// none of it.
var failedTest = regexp.MustCompile(`(?m)^--- FAIL|^panic: |^fatal error: `)
