package pipe

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
)

// TestParseCleanup: what may stand among the pipes of a dataset, and what is
// said of the rest.
func TestParseCleanup(t *testing.T) {
	aliases := map[string]string{"status": "http_status"}
	list, err := ParseCleanup(`| rename lvl as level | where level != "debug" and isnull(probe)
		| replace "secret" with "…" in _msg | eval ms = duration * 1000 | fields - password`, aliases)
	var text []string
	for _, p := range list {
		text = append(text, p.String())
	}
	want := []string{`rename lvl as level`, `where level != "debug" and isnull(probe)`, `replace "secret" with "…"`, `eval ms=duration * 1000`, `fields - password`}
	if err != nil || !slices.Equal(text, want) {
		t.Fatalf("%v, %q", err, text)
	}
	for _, c := range []struct {
		text   string
		column int
		want   string
	}{
		{"", 1, "expected the name of a pipe"},
		{"where a=1 | stats count", 13, "stats cannot stand here: it does not look at each line alone; use eval, fields, fillnull"},
		{"rename a as b|dedup b", 15, "dedup cannot stand here"},
		{"unroll tags", 1, "unroll cannot stand here"},
		{"table a", 1, "table cannot stand here"},
		{"fillnull", 1, "fillnull must name its fields here"},
		{"wher a=1", 1, "there is no pipe “wher”"},
		{"where a=1 where b=2", 11, "expected | or the end"},
		{"eval a=1 | where status > 499", 12, "where reads status, which is an alias of http_status"},
		{"where user_id in [ plan=pro | fields user_id ]", 20, "cannot wait for another question"},
		{"where a = ", 11, "expected a field"},
	} {
		_, err := ParseCleanup(c.text, aliases)
		var at *fault.At
		if !errors.As(err, &at) || !strings.Contains(err.Error(), c.want) || at.Column != c.column {
			t.Errorf("%q: %v, want column %d: %s", c.text, err, c.column, c.want)
		}
	}
}

// TestCleanupKinds: each pipe that may clean up is one that runs in lanes whole.
func TestCleanupKinds(t *testing.T) {
	examples := map[string]string{
		"eval": "eval a=1", "fields": "fields a", "fillnull": "fillnull a", "format": `format "<a>" as b`, "json": "json", "kv": "kv",
		"logfmt": "logfmt", "parse": `parse "<a> b"`, "rename": "rename a as b", "replace": `replace "a" with "b" in c`,
		"rex": `rex "(?<a>.)"`, "search": "search a", "where": "where a=1",
	}
	for _, name := range cleanupNames() {
		if _, err := ParseCleanup(examples[name], nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		delete(examples, name)
	}
	if len(examples) > 0 {
		t.Errorf("%v may not clean up", examples)
	}
}
