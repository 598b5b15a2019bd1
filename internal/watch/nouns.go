package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// Incidents are those opened in a range of time, the newest first.
func (w *Watch) Incidents(ctx context.Context, from, to int64, limit int) ([]*incident.Incident, error) {
	return w.opts.State.Incidents(ctx, from, to, limit)
}

// Incident is one incident.
func (w *Watch) Incident(ctx context.Context, id string) (*incident.Incident, error) {
	return w.opts.State.Incident(ctx, id)
}

// Act lets a person act on an incident.
func (w *Watch) Act(ctx context.Context, id string, a incident.Act) (*incident.Incident, error) {
	return w.opts.State.Act(ctx, id, a, w.opts.Now().UnixNano())
}

// Notices are those posted in a range of time, the newest first.
func (w *Watch) Notices(ctx context.Context, from, to int64, limit int) ([]state.Entry, error) {
	return w.opts.State.Notices(ctx, from, to, limit)
}

// Try sends a notice of kind test to a channel, the way every notice goes.
func (w *Watch) Try(ctx context.Context, channel string) error {
	if w.opts.Notify == nil {
		return fault.New(fault.NotFound, "nobody is told of anything here")
	}
	now := w.opts.Now().UnixNano()
	within, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	return w.opts.Notify.Send(within, channel, incident.Notice{
		Key: fmt.Sprintf("test/%d", now), Kind: incident.NoticeTest, At: now, Since: now, Title: "Plumbline can reach you here",
	}, false)
}

// Changes are the alerts that began or ended in a range of time.
func (w *Watch) Changes(ctx context.Context, from, to int64) ([]rule.Change, error) {
	return state.Records[rule.Change](ctx, w.opts.State, state.Changes, from, to)
}

// Ask is what a backtest is asked for.
type Ask struct {
	Rule      rule.Rule `json:"rule"`
	From      int64     `json:"from"`
	To        int64     `json:"to"`
	Threshold *float64  `json:"threshold,omitempty"` // in place of the rule's own
	AtMost    *int      `json:"at_most,omitempty"`   // find the threshold for so many notices a week
	Chart     bool      `json:"chart,omitempty"`     // also what was measured
}

// pasts are how many backtests are kept to be judged again: somebody moves a
// slider, perhaps two do.
const pasts = 2

// kept is a past, and what it is of.
type kept struct {
	key  string
	past *Past
}

// Backtest says what a rule would have done. What it remembers is kept for a
// while, so that the next threshold costs no question.
func (w *Watch) Backtest(ctx context.Context, a Ask) (*Result, error) {
	if err := a.Rule.Check(); err != nil {
		return nil, err
	}
	key, err := json.Marshal(struct {
		Rule     rule.Rule
		From, To int64
	}{a.Rule, a.From, a.To})
	if err != nil {
		return nil, err
	}
	past := w.kept(string(key))
	if past == nil {
		if past, err = Remember(ctx, w.opts.Ask(), &a.Rule, a.From, a.To); err != nil {
			return nil, fmt.Errorf("rule %s: %w", a.Rule.Name, err)
		}
		w.keep(kept{string(key), past})
	}
	out, err := w.replay(past, a)
	if err != nil {
		return nil, err
	}
	if a.Chart {
		out.Chart = past.chart()
	}
	w.route(out)
	return out, nil
}

// route counts the notices of a backtest by the channels they would have gone to.
func (w *Watch) route(r *Result) {
	if w.opts.Notify == nil {
		return
	}
	by := map[string]*ChannelCount{}
	for _, n := range r.Notices {
		for _, d := range w.opts.Notify.Plan(n, time.Unix(0, n.At)) {
			if by[d.Channel] == nil {
				by[d.Channel] = &ChannelCount{Channel: d.Channel}
			}
			if d.Step == 0 {
				by[d.Channel].Notices++
			} else {
				by[d.Channel].Escalated++
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		r.Channels = append(r.Channels, *by[name])
	}
}

// replay judges a past by the threshold that is asked for, or found.
func (w *Watch) replay(past *Past, a Ask) (*Result, error) {
	if a.AtMost == nil {
		return past.Replay(w.opts.Policy, a.Threshold)
	}
	weeks := max(float64(a.To-a.From)/float64(7*24*time.Hour), 1.0/7)
	limit, err := past.Reverse(func(limit float64) (int, error) {
		r, err := past.Replay(w.opts.Policy, &limit)
		if err != nil {
			return 0, err
		}
		return r.told(a.Rule.Severity), nil
	}, int(float64(*a.AtMost)*weeks))
	if err != nil {
		return nil, err
	}
	return past.Replay(w.opts.Policy, &limit)
}

func (w *Watch) kept(key string) *Past {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.pasts {
		if k.key == key {
			return k.past
		}
	}
	return nil
}

func (w *Watch) keep(k kept) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pasts = slices.Insert(w.pasts, 0, k)
	w.pasts = w.pasts[:min(len(w.pasts), pasts)]
}
