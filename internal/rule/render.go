package rule

import (
	"math"
	"strconv"
	"strings"
)

// Text fills {{field}} in a summary with the values of a row, and with the
// rule's own labels. What is not there stays as it was written, so that a
// mistyped name is seen. Values are taken as they are: whoever shows the text
// must escape it for where it goes. Fractions have three digits that count; the
// row itself keeps them all.
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
	for _, p := range labels {
		if p.Name == name {
			return p.Value, true
		}
	}
	for _, p := range values {
		if p.Name == name {
			return rounded(p.Value), true
		}
	}
	v, ok := r.Labels[name]
	return v, ok
}

// rounded is a fraction as people read it: 0.846, 12.3, 4571. Whole numbers,
// short fractions and texts stay as they are.
func rounded(text string) string {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" || len(strings.TrimLeft(whole+fraction, "0")) <= 3 {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	if math.Abs(f) >= 1000 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 3, 64), 64)
	return strconv.FormatFloat(f, 'f', -1, 64)
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
