package rule

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// Pair is a field of a row, its value as text.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Labels tell the instances of a rule apart: the fields that the question's
// rows are grouped by, in their order.
type Labels []Pair

// Get is the value of a label, "" when there is none.
func (l Labels) Get(name string) string {
	for _, p := range l {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// String is http_route=/v1/charges service=api. It is the key of an instance,
// and parses as a search that finds its lines.
func (l Labels) String() string {
	var b strings.Builder
	for i, p := range l {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(expr.QuoteField(p.Name) + "=" + expr.QuoteValue(p.Value))
	}
	return b.String()
}

// Matches reports whether every label of want has this value here. A value may
// end in * and then matches what begins so.
func Matches(want map[string]string, lookup func(name string) string) bool {
	for name, value := range want {
		have := lookup(name)
		if prefix, ok := strings.CutSuffix(value, "*"); ok && strings.HasPrefix(have, prefix) {
			continue
		}
		if have != value {
			return false
		}
	}
	return true
}

// Rows takes labels and values out of the rows of one batch.
type Rows struct {
	Labels []*row.Column // those that tell instances apart
	values []*row.Column
	number *row.Column // nil: the first of values that is one
}

// Rows finds the columns of a batch: those of By are labels; without By, texts
// are.
func (m *Machine) Rows(b *row.Batch) Rows {
	var r Rows
	for i := range b.Cols {
		c := &b.Cols[i]
		label := slices.Contains(m.By, c.Name)
		if m.By == nil {
			label = textual(c, b.Len)
		}
		switch {
		case label:
			r.Labels = append(r.Labels, c)
		case !strings.HasPrefix(c.Name, "_") || m.By != nil:
			r.values = append(r.values, c)
		}
		if c.Name == m.Value && !label {
			r.number = c
		}
	}
	return r
}

// textual reports whether no value of a column is a number or a time, so that it
// tells instances apart.
func textual(c *row.Column, n int) bool {
	for i := range n {
		if v := c.Value(i); !v.IsMissing() && !v.Number().IsMissing() {
			return false
		}
	}
	return !strings.HasPrefix(c.Name, "_")
}

// LabelsOf are the labels of row i.
func (r *Rows) LabelsOf(i int) Labels { return pairs(r.Labels, i) }

// ValuesOf are the other values of row i.
func (r *Rows) ValuesOf(i int) []Pair { return pairs(r.values, i) }

// ValueOf is the number of row i that a chart of the rule draws; ok is false
// where it is missing, as the p95 of no lines is.
func (r *Rows) ValueOf(i int) (v float64, ok bool) {
	if r.number != nil {
		return r.number.Value(i).Float()
	}
	for _, c := range r.values {
		if f, ok := c.Value(i).Float(); ok {
			return f, true
		}
	}
	return 0, true
}

func pairs(cols []*row.Column, i int) []Pair {
	var out []Pair
	for _, c := range cols {
		if v := c.Value(i); !v.IsMissing() {
			out = append(out, Pair{c.Name, v.Text()})
		}
	}
	return out
}
