package watch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/rule"
)

// TestWarned: what is new since yesterday stands first, what came back is said to
// be known, and what has burnt since before is no news.
func TestWarned(t *testing.T) {
	const since = 1000
	labels := func(v string) rule.Labels { return rule.Labels{{Name: "user", Value: v}} }
	change := func(at int64, name, user string, burns bool) rule.Change {
		c := rule.Change{Rule: name, Labels: labels(user), Severity: rule.Warning, At: at, Value: 7, Values: []rule.Pair{{Name: "count", Value: fmt.Sprint(at)}}}
		if burns {
			c.To = rule.Firing
		}
		return c
	}
	critical := change(1200, "b", "x", true)
	critical.Severity = rule.Critical
	changes := []rule.Change{
		change(10, "old", "a", true), change(20, "old", "a", false),
		change(900, "still", "a", true), change(1010, "still", "a", false),
		change(1020, "old", "a", true),
		change(1030, "fresh", "a", true), change(1040, "fresh", "a", false), change(1050, "fresh", "a", true), change(1060, "fresh", "a", false),
		critical,
		change(1300, "fresh", "b>", true),
	}
	var got []string
	for _, w := range warned([]rule.Rule{{Name: "fresh", Summary: "{{user}} fails, {{count}} times"}}, changes, since) {
		got = append(got, fmt.Sprintf("%s: %s from %d to %d, %d times, known %v", w.Lamp, w.Title, w.From, w.To, w.Times, w.Known))
	}
	want := `fresh user="b>": b> fails, 1300 times from 1300 to 0, 1 times, known false
fresh user=a: a fails, 1050 times from 1030 to 1060, 2 times, known false
old user=a: old user=a from 1020 to 0, 1 times, known true`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
