package watch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
)

// Evidence is what the lines of an incident have in common, and what was
// different about them. It is asked of the lines each time, within bounds, and
// never kept.
type Evidence struct {
	Before   Span       `json:"before"`
	During   Span       `json:"during"`
	Of       string     `json:"of"`    // the question whose lines the ids were counted in
	Lines    int64      `json:"lines"` // that it found
	IDs      []SharedID `json:"ids"`   // the most telling first
	Patterns []Changed  `json:"patterns"`
	Notes    []string   `json:"notes"` // what could not be found out
}

// SharedID is an id that many of the lines hold.
type SharedID struct {
	Field string  `json:"field"`
	Kind  string  `json:"kind,omitempty"` // of an id that joins lines
	ID    string  `json:"id"`
	Lines int64   `json:"lines"` // of those asked
	Usual float64 `json:"usual"` // its share of all lines of requests at that time
}

const (
	// evidenceBefore is what an incident is compared with.
	evidenceBefore = time.Hour
	// evidenceDuring bounds how much of a long incident is looked at: its
	// beginning, where its cause is.
	evidenceDuring = time.Hour
	// usualLead is how far before its opening an incident is looked at whose rule
	// is not known, longestLead how far at most.
	usualLead   = rule.Duration(5 * time.Minute)
	longestLead = rule.Duration(30 * time.Minute)
	// evidenceWithin bounds the whole.
	evidenceWithin = 20 * time.Second
	// evidenceLines bounds the lines whose ids are counted; the newest are.
	evidenceLines = 20_000
	// telling is how much greater the share of an id must be among failing lines.
	telling = 0.05
	// maxShared bounds the ids that are told.
	maxShared = 10
)

// Evidence asks the lines of an incident. kinds are the fields that hold ids, and
// the kind of each, none when it joins no lines.
func (w *Watch) Evidence(ctx context.Context, id string, kinds map[string]string) (*Evidence, error) {
	i, err := w.Incident(ctx, id)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, evidenceWithin)
	defer cancel()
	e := &Evidence{IDs: []SharedID{}, Patterns: []Changed{}, Notes: []string{}}
	opener := w.opener(within, i)
	e.During = w.during(i, opener)
	e.Before = Span{e.During.From - int64(evidenceBefore), e.During.From}
	if err := w.shared(within, e, searchOf(opener), kinds); err != nil {
		e.Notes = append(e.Notes, "ids were not counted: "+err.Error())
	}
	changed, err := w.changed(within, e.Before, e.During)
	if err != nil {
		e.Notes = append(e.Notes, "patterns were not compared: "+err.Error())
	} else {
		e.Patterns = changed
	}
	return e, ctx.Err()
}

// opener is the rule that opened an incident; nil when it is none of ours.
func (w *Watch) opener(ctx context.Context, i *incident.Incident) *Ready {
	rules, err := w.Rules(ctx)
	if err != nil || len(i.Lamps) == 0 {
		return nil
	}
	for k := range rules {
		if rules[k].Name == i.Lamps[0].Rule {
			c, _ := Compile(&rules[k])
			return c
		}
	}
	return nil
}

// during is the time whose lines are looked at: also what the rule had counted
// when it fired.
func (w *Watch) during(i *incident.Incident, opener *Ready) Span {
	s := Span{i.Opened, i.Ended}
	if s.To == 0 {
		s.To = w.opts.Now().UnixNano()
	}
	lead := usualLead
	if opener != nil {
		lead = min(opener.Rule.Over+opener.Rule.For, longestLead)
	}
	s.From -= int64(lead)
	s.To = max(min(s.To, s.From+int64(evidenceDuring)), s.From+int64(time.Minute))
	return s
}

// searchOf is the search of the rule that opened an incident, without its pipes.
func searchOf(opener *Ready) string {
	if opener == nil {
		return ""
	}
	q := *opener.measure
	q.Pipes = nil
	return q.String()
}

// shared finds the ids of failing lines: of those the rule looks at, of all
// requests when none of them fails, else of all that the rule looks at.
func (w *Watch) shared(ctx context.Context, e *Evidence, search string, kinds map[string]string) error {
	if len(kinds) == 0 {
		return nil
	}
	of := []string{"canonical-log-line | where " + fails}
	if search != "" {
		of = []string{search + " | where " + fails, of[0], search}
	}
	for _, question := range of {
		b, err := w.compare(ctx, fmt.Sprintf("%s | head %d | fields %s | facets 5", question, evidenceLines, expr.QuoteFields(slices.Sorted(maps.Keys(kinds)))), e.During, 0)
		if err != nil {
			return err
		}
		if b.Len == 0 {
			continue
		}
		e.Of = question
		e.IDs, e.Lines = sharedIDs(b, kinds)
		return w.usual(ctx, e)
	}
	return nil
}

// sharedIDs are the ids that more than one line in ten holds, and two at least.
func sharedIDs(b *row.Batch, kinds map[string]string) (list []SharedID, lines int64) {
	field, value, count, rows := b.Col("field"), b.Col("value"), b.Col("count"), b.Col("rows")
	for i := range b.Len {
		lines = max(lines, rows.Value(i).Nums())
	}
	list = []SharedID{}
	for i := range b.Len {
		name, n := field.Value(i).Text(), count.Value(i).Nums()
		if kind, asked := kinds[name]; asked && n > 1 && 10*n > lines {
			list = append(list, SharedID{Field: name, Kind: kind, ID: value.Value(i).Text(), Lines: n})
		}
	}
	slices.SortStableFunc(list, func(x, y SharedID) int { return cmp.Compare(y.Lines, x.Lines) })
	return list[:min(len(list), maxShared)], lines
}

// usual says how common the ids are anyhow, in one question. Those that are much
// more common among the failing come first; what is as common everywhere is left
// out.
func (w *Watch) usual(ctx context.Context, e *Evidence) error {
	if len(e.IDs) == 0 {
		return nil
	}
	var counts strings.Builder
	for k, x := range e.IDs {
		fmt.Fprintf(&counts, ", count(%s = %s) as n%d", expr.QuoteField(x.Field), expr.QuoteText(x.ID), k)
	}
	b, err := w.compare(ctx, "canonical-log-line | stats count as total"+counts.String(), e.During, 1)
	if err != nil || b.Len == 0 {
		return err
	}
	total := max(b.Col("total").Value(0).Nums(), 1)
	for k := range e.IDs {
		e.IDs[k].Usual = float64(b.Col(fmt.Sprintf("n%d", k)).Value(0).Nums()) / float64(total)
	}
	more := func(x SharedID) float64 { return float64(x.Lines)/float64(max(e.Lines, 1)) - x.Usual }
	e.IDs = slices.DeleteFunc(e.IDs, func(x SharedID) bool { return more(x) < telling })
	slices.SortStableFunc(e.IDs, func(x, y SharedID) int { return cmp.Compare(more(y), more(x)) })
	return nil
}
