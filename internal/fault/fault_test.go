package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestKindOf(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want Kind
	}{
		{"nil", nil, Internal},
		{"plain", errors.New("x"), Internal},
		{"new", New(Busy, "full"), Busy},
		{"deep", fmt.Errorf("a: %w", fmt.Errorf("b: %w", New(NotFound, "c"))), NotFound},
		{"wrapped plain", Wrap(Corrupt, errors.New("x"), "read page %d", 7), Corrupt},
		{"outer kind wins", Wrap(Conflict, New(Busy, "full"), "save"), Conflict},
		{"joined", errors.Join(errors.New("x"), New(Denied, "no")), Denied},
		{"place", &At{Line: 1, Column: 1, Message: "x"}, Invalid},
		{"limit", fmt.Errorf("stats: %w", &Limit{Name: "memory", Setting: "--memory"}), OverLimit},
	}
	for _, c := range cases {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("%s: kind %v, want %v", c.name, got, c.want)
		}
	}
	if Is(nil, Internal) {
		t.Error("no error has no kind")
	}
}

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := range kindsCount {
		if k.String() == "" || seen[k.String()] {
			t.Errorf("kind %d has no name of its own", k)
		}
		seen[k.String()] = true
	}
	if Kind(200).String() != "internal" {
		t.Error("an unknown kind is internal")
	}
}

func TestWrapKeepsTheCause(t *testing.T) {
	err := Wrap(NotFound, fs.ErrNotExist, "open part %q", "p1")
	if want := `open part "p1": file does not exist`; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if !errors.Is(New(Denied, "a %w b", fs.ErrPermission), fs.ErrPermission) {
		t.Error("New loses what it wraps")
	}
	two := New(Denied, "%w and %w", fs.ErrPermission, fs.ErrClosed)
	if !errors.Is(two, fs.ErrPermission) || !errors.Is(two, fs.ErrClosed) {
		t.Error("New loses one of two")
	}
	if Wrap(Busy, nil, "x") != nil {
		t.Error("no error became one")
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&At{Line: 2, Column: 5, Message: "unknown pipe stat", Hint: "did you mean stats?"},
			"line 2, column 5: unknown pipe stat (did you mean stats?)"},
		{&At{Line: 1, Column: 1, Message: "empty"}, "line 1, column 1: empty"},
		{&Limit{Name: "memory", Setting: "--memory", Bound: "1 GiB"}, "memory limit of 1 GiB reached; --memory raises it"},
		{&Limit{Name: "nesting"}, "nesting limit reached"},
	} {
		if c.err.Error() != c.want {
			t.Errorf("got %q, want %q", c.err, c.want)
		}
	}
}

func TestPosition(t *testing.T) {
	text := "ab\nçd|x\n"
	for _, c := range []struct{ offset, line, column int }{
		{-1, 1, 1}, {0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {5, 2, 2}, {6, 2, 3}, {9, 3, 1}, {100, 3, 1},
	} {
		at := AtOffset(text, c.offset, "", "")
		if at.Line != c.line || at.Column != c.column {
			t.Errorf("offset %d: line %d column %d, want %d %d", c.offset, at.Line, at.Column, c.line, c.column)
		}
	}
}

func TestNearest(t *testing.T) {
	pipes := []string{"where", "search", "stats", "eventstats", "timechart", "head", "sort", "percentile", "dc"}
	for _, c := range []struct{ word, want string }{
		{"", ""},
		{"stat", "stats"},
		{"sttas", "stats"},
		{"STATS", "stats"},
		{"hed", "head"},
		{"timechrat", "timechart"},
		{"timchart", "timechart"},
		{"evenstats", "eventstats"},
		{"perc", "percentile"},
		{"xyzzy", ""},
		{"x", ""},
		{"d", ""},
		{"wehre", "where"},
	} {
		if got := Nearest(c.word, pipes); got != c.want {
			t.Errorf("%q: got %q, want %q", c.word, got, c.want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("nothing to be near to, got %q", got)
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("stats", "stat")
	f.Add("\xff\xfe", "")
	f.Fuzz(func(t *testing.T, word, name string) {
		got := Nearest(word, []string{name})
		if got != "" && got != name {
			t.Fatalf("%q is no candidate", got)
		}
		n := len([]rune(word))
		if word == name && n > 0 && n <= longestWord && got != name {
			t.Fatalf("%q is not near itself", word)
		}
	})
}
