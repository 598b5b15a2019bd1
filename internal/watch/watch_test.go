package watch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTrials runs the tests of rules in testdata.
func TestTrials(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		trial, err := ParseTrial(f, string(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := trial.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := trial.Compare(got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestTrialErrors: a wrong file says where and what.
func TestTrialErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "sections"},
		{"--- rulez", "f:1: there is no section"},
		{"--- lines\nx", "f:2"},
		{"--- lines\nnever {}", "is no time"},
		{"--- lines\n2026-01-01T10:00:00Z every 1s {}", "every LENGTH until"},
		{"--- lines\n2026-01-01T10:00:00Z every 1s until 2027-01-01T10:00:00Z {}", "too many"},
		{"--- rules\nrules: 7\n--- lines\n2026-01-01T10:00:00Z {}", "rules file f"},
		{"--- rules\nrules: [{name: a, question: x}]\n--- lines\n2026-01-01T10:00:00Z {nothing", "cannot be read"},
	} {
		trial, err := ParseTrial("f", c.text)
		if err == nil {
			_, err = trial.Run(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gives %v, want %q", c.text, err, c.want)
		}
	}
}
