package rule

import "strings"

// Text fills {{field}} in a summary with the values of a row, and with the
// rule's own labels. What is not there stays as it was written, so that a
// mistyped name is seen. Values are taken as they are: whoever shows the text
// must escape it for where it goes.
func (r *Rule) Text(summary string, labels Labels, values []Pair) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(summary, "{{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			b.WriteString("{{" + rest)
			return b.String()
		}
		if v, ok := r.lookup(strings.TrimSpace(name), labels, values); ok {
			b.WriteString(v)
		} else {
			b.WriteString("{{" + name + "}}")
		}
		summary = after
	}
}

func (r *Rule) lookup(name string, labels Labels, values []Pair) (string, bool) {
	for _, list := range [][]Pair{labels, values} {
		for _, p := range list {
			if p.Name == name {
				return p.Value, true
			}
		}
	}
	v, ok := r.Labels[name]
	return v, ok
}

// Title is the one line that says what burns: the summary, or the rule's name
// and the instance.
func (r *Rule) Title(labels Labels, values []Pair) string {
	if r.Summary != "" {
		return r.Text(r.Summary, labels, values)
	}
	if len(labels) == 0 {
		return r.Name
	}
	return r.Name + " " + labels.String()
}
