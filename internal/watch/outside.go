package watch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// Outside is an alert that another program found and sends, as Prometheus sends
// it to Alertmanager: again and again while it burns.
type Outside struct{ rule.Said }

// outsides is the kind of records of such alerts.
const outsides = "outside"

const (
	// outsideLasts is how long an alert burns that says no end: whoever sends it
	// sends it again in a minute or two. It is Alertmanager's resolve_timeout.
	outsideLasts = 5 * time.Minute
	// maxOutside bounds the alerts of one request.
	maxOutside = 10_000
	// maxReasons bounds what is said of wrong ones.
	maxReasons = 10
)

// Sent takes alerts of another program. What it says of an alert replaces what it
// said before. Alerts that are wrong are left out, and the error says why, while the
// others are taken, as Alertmanager does it.
func (w *Watch) Sent(ctx context.Context, list []Outside) error {
	if len(list) > maxOutside {
		return fault.New(fault.Invalid, "%d alerts at once are too many; at most %d", len(list), maxOutside)
	}
	now := w.opts.Now()
	var wrong []string
	for i := range list {
		a := &list[i]
		if reason := a.complete(now); reason != "" {
			wrong = append(wrong, fmt.Sprintf("alert %d %s", i+1, reason))
			continue
		}
		if err := w.opts.State.Put(ctx, outsides, a.key(), a.EndsAt.UnixNano(), a); err != nil {
			return err
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	more := ""
	if n := len(wrong) - maxReasons; n > 0 {
		wrong, more = wrong[:maxReasons], fmt.Sprintf("; and %d more", n)
	}
	return fault.New(fault.Invalid, "%s%s; the others were taken", strings.Join(wrong, "; "), more)
}

// complete lays down what was left out of an alert, as Alertmanager does, or says
// what is wrong with it.
func (a *Outside) complete(now time.Time) (wrong string) {
	maps.DeleteFunc(a.Labels, func(_, value string) bool { return value == "" }) // as if it were not there
	if len(a.Labels) == 0 {
		return "has no label with a value"
	}
	_, label := a.Labels[""]
	if _, note := a.Annotations[""]; label || note {
		return "has a label or an annotation without a name"
	}
	ends := said(a.EndsAt)
	if !said(a.StartsAt) {
		a.StartsAt = now
		if ends {
			a.StartsAt = a.EndsAt
		}
	}
	if !ends {
		a.EndsAt = now.Add(outsideLasts)
	}
	if ends && a.EndsAt.Before(a.StartsAt) {
		return "ends before it starts"
	}
	return ""
}

// said reports whether a time was said: senders write the year 1 for none.
func said(t time.Time) bool { return !t.IsZero() && t.Unix() >= 0 }

// key tells alerts apart: all their labels.
func (a *Outside) key() string { return a.labels("").String() }

// labels are those of the alert in the order of their names, less one.
func (a *Outside) labels(without string) rule.Labels {
	var out rule.Labels
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		if name != without {
			out = append(out, rule.Pair{Name: name, Value: a.Labels[name]})
		}
	}
	return out
}

// severity is what the label of that name means here.
func (a *Outside) severity() rule.Severity {
	switch a.Labels["severity"] {
	case "critical", "page", "emergency":
		return rule.Critical
	case "info", "none", "debug":
		return rule.Info
	}
	return rule.Warning // somebody found it worth an alert
}

// change is the alert as one of our own, which begins or ends.
func (a *Outside) change(now int64, burns bool) rule.Change {
	c := rule.Change{
		Rule:   "outside." + cmp.Or(a.Labels["alertname"], "unnamed"), // Alertmanager wants no name either
		Labels: a.labels("alertname"), Severity: a.severity(), At: now, From: rule.Firing,
		Reason: cmp.Or(a.Annotations["summary"], a.Annotations["description"]),
		Said:   &a.Said,
	}
	if burns {
		c.From, c.To = rule.Quiet, rule.Firing
	} else {
		c.Reason = ""
	}
	return c
}

// hear takes up what other programs sent: an alert burns until it says its end,
// or was not said again.
func (t *turn) hear(ctx context.Context, now int64) ([]rule.Change, error) {
	list, err := state.Records[Outside](ctx, t.opts.State, outsides, now-int64(outsideKept), forever)
	if err != nil {
		return nil, err
	}
	var out []rule.Change
	for i := range list {
		a := &list[i]
		c := a.change(now, a.EndsAt.UnixNano() > now)
		l := t.book.Lamps[lampKey(c)]
		if lit := l != nil && l.To == 0; lit != c.To.Burning() {
			t.book.Absorb(c)
			out = append(out, c)
		}
	}
	return out, nil
}

// outsideKept is how long the end of an alert is looked for: a leader that comes
// back after an hour still finds it.
const outsideKept = 2 * time.Hour

func lampKey(c rule.Change) string {
	l := incident.Lamp{Rule: c.Rule, Labels: c.Labels}
	return l.Key()
}

// Outsides are the alerts of other programs that burn, as they were sent.
func (w *Watch) Outsides(ctx context.Context) ([]Outside, error) {
	list, err := state.Records[Outside](ctx, w.opts.State, outsides, w.opts.Now().UnixNano(), forever)
	if err != nil {
		return nil, fmt.Errorf("read alerts of other programs: %w", err)
	}
	return list, nil
}
