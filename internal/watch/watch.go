package watch

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/notify"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// Options make a Watch. Ask and State are needed.
type Options struct {
	Ask    func() Asker // the engine as it is now
	State  *state.State
	Rules  []rule.Rule // those of files and those that come along
	Policy incident.Policy
	Notify Notifier                        // nil: nobody is told
	Beat   func(ctx context.Context) error // nil: nobody waits for a sign of life
	Now    func() time.Time
	Log    *slog.Logger
}

// Notifier decides who is told of a notice, and tells them.
type Notifier interface {
	// Plan gives the channels a notice goes to, and when. It is pure.
	Plan(n incident.Notice, now time.Time) []notify.Delivery
	// Send hands a notice to a channel. again says that it may have been handed
	// over before. An error that trying again does not mend is fault.Invalid
	// or NotFound.
	Send(ctx context.Context, channel string, n incident.Notice, again bool) error
}

// Watch drives rules. Run does the work; everything else may be called by many
// goroutines meanwhile.
type Watch struct {
	opts Options

	mu      sync.Mutex
	files   []rule.Rule
	written []rule.Rule // on the page, as of the last look
	stale   bool        // written must be read again
	view    View
	pasts   []kept // backtests that may be judged again

	wake chan struct{} // there may be something in the outbox
}

// View is what a watch says of itself.
type View struct {
	Leads  bool              `json:"leads"`
	Round  int64             `json:"round"`  // when a round in which rules were evaluated was saved last
	Lag    int64             `json:"lag"`    // nanoseconds that the slowest rule is behind
	Errors map[string]string `json:"errors"` // of rules whose last question failed
}

// New returns a Watch over rules. Its error names the rule that is wrong.
func New(o Options) (*Watch, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	w := &Watch{opts: o, wake: make(chan struct{}, 1)}
	return w, w.Use(o.Rules)
}

// Use makes other rules of files the ones that are driven.
func (w *Watch) Use(rules []rule.Rule) error {
	if _, err := CompileAll(rules); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files, w.stale = rules, true
	return nil
}

// Refresh reads rules that were written on the page again.
func (w *Watch) Refresh() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stale = true
}

// View says how the watch is.
func (w *Watch) View() View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view
}

const (
	// roundEvery is how often due rules are looked for: the shortest every.
	roundEvery = time.Second
	// leadEvery is how often a server that does not lead tries to.
	leadEvery = 2 * time.Second
	// lookEvery is how soon a rule written through another server is driven.
	lookEvery = 10 * time.Second
)

// Run drives the rules until ctx ends, while this server leads.
func (w *Watch) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		lead, err := w.opts.State.Lead(ctx)
		if err != nil && ctx.Err() == nil {
			w.opts.Log.Error("rules are not driven", "error", err)
		}
		if lead == nil {
			rest(ctx, leadEvery)
			continue
		}
		w.lead(ctx, lead)
		if err := lead.Close(); err != nil {
			w.opts.Log.Debug("give back the lead", "error", err)
		}
	}
	return nil
}

// lead drives rounds and the outbox while the lead is held.
func (w *Watch) lead(ctx context.Context, lead *state.Lead) {
	ctx, stop := context.WithCancel(ctx)
	var sending sync.WaitGroup
	sending.Go(func() { w.sendAll(ctx, lead) })
	sending.Go(func() { w.beatAll(ctx) })
	defer sending.Wait()
	defer stop()
	w.note(func(v *View) { v.Leads = true })
	defer w.note(func(v *View) { v.Leads = false })
	var turn *turn
	for ctx.Err() == nil {
		if err := lead.Still(ctx); err != nil {
			w.opts.Log.Warn("the lead over the rules was lost", "error", err)
			return
		}
		var err error
		if turn == nil {
			turn, err = w.begin(ctx, lead)
		}
		more := false
		if err == nil {
			more, err = turn.round(ctx)
		}
		if err != nil {
			// What was not saved did not happen: the next turn begins from the database.
			turn = nil
			if ctx.Err() == nil {
				w.opts.Log.Error("a round of rules was not saved and is taken again", "error", err)
			}
		}
		if !more {
			rest(ctx, roundEvery)
		}
	}
}

func (w *Watch) note(set func(*View)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	set(&w.view)
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Rules are the rules that are driven: those of files, then those written on the
// page.
func (w *Watch) Rules(ctx context.Context) ([]rule.Rule, error) {
	w.mu.Lock()
	files := w.files
	w.mu.Unlock()
	written, err := state.Records[rule.Rule](ctx, w.opts.State, state.Written, 0, forever)
	if err != nil {
		return nil, err
	}
	return joined(files, written), nil
}

const forever = 1<<63 - 1

// joined are rules of files, and written ones; one that is written takes the
// place of one of a file with the same name.
func joined(files, written []rule.Rule) []rule.Rule {
	at := map[string]int{}
	out := append([]rule.Rule(nil), files...)
	for i, r := range out {
		at[r.Name] = i
	}
	for _, r := range written {
		if i, known := at[r.Name]; known {
			out[i] = r
			continue
		}
		out = append(out, r)
	}
	return out
}

// Write keeps a rule that was written on the page.
func (w *Watch) Write(ctx context.Context, r rule.Rule) error {
	if err := r.Check(); err != nil {
		return err
	}
	if err := Check(&r); err != nil {
		return fmt.Errorf("rule %s: %w", r.Name, err)
	}
	if err := w.opts.State.Put(ctx, state.Written, r.Name, w.opts.Now().UnixNano(), r); err != nil {
		return err
	}
	w.Refresh()
	return nil
}

// Written are the names of the rules that were written on the page: those that
// Erase takes away, in order.
func (w *Watch) Written(ctx context.Context) ([]string, error) {
	written, err := state.Records[rule.Rule](ctx, w.opts.State, state.Written, 0, forever)
	names := make([]string, len(written))
	for i, r := range written {
		names[i] = r.Name
	}
	slices.Sort(names)
	return names, err
}

// Erase takes a rule away that was written on the page. One of a file with its
// name is driven again.
func (w *Watch) Erase(ctx context.Context, name string) error {
	err := w.opts.State.Delete(ctx, state.Written, name)
	if fault.Is(err, fault.NotFound) && w.isOfFile(name) {
		return fault.New(fault.Conflict, "the rule %s stands in a file: take it out there", name)
	}
	if err != nil {
		return err
	}
	w.Refresh()
	return nil
}

func (w *Watch) isOfFile(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.files, func(r rule.Rule) bool { return r.Name == name })
}
