package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// poke lets the outbox be looked into at once.
func (w *Watch) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

const (
	// sendEvery is how often the outbox is looked into unasked.
	sendEvery = 2 * time.Second
	// sendAtOnce bounds what is read from the outbox at a time.
	sendAtOnce = 200
	// sendWithin is how long one channel may take for one notice.
	sendWithin = 30 * time.Second
	// A channel that fails is tried again after 5 s, 10 s, 20 s … 10 min, and
	// given up after a day: nobody wants to read it then.
	retryFirst  = 5 * time.Second
	retryMost   = 10 * time.Minute
	giveUpAfter = 24 * time.Hour
)

// sendAll hands what is due to its channels until ctx ends.
func (w *Watch) sendAll(ctx context.Context, lead *state.Lead) {
	if w.opts.Notify == nil {
		return
	}
	tick := time.NewTicker(sendEvery)
	defer tick.Stop()
	for {
		if err := w.sendDue(ctx, lead); err != nil && ctx.Err() == nil {
			w.opts.Log.Error("notices wait", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-tick.C:
		}
	}
}

// sendDue hands to each channel what is due, the channels beside each other, so
// that one that hangs holds up no other.
func (w *Watch) sendDue(ctx context.Context, lead *state.Lead) error {
	due, err := lead.Due(ctx, w.opts.Now().UnixNano(), sendAtOnce)
	if err != nil {
		return err
	}
	byChannel := map[string][]state.Entry{}
	for _, e := range due {
		byChannel[e.Channel] = append(byChannel[e.Channel], e)
	}
	var all sync.WaitGroup
	errs := make(chan error, len(byChannel))
	for _, list := range byChannel {
		all.Go(func() {
			for _, e := range list {
				if err := w.send(ctx, lead, e); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	return err
}

// send hands one notice over. What it returns went wrong with the outbox; a
// channel that fails is noted there and tried again.
func (w *Watch) send(ctx context.Context, lead *state.Lead, e state.Entry) error {
	if err := lead.Begin(ctx, e); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	err := w.opts.Notify.Send(within, e.Channel, e.Notice, e.Tries > 0)
	now := w.opts.Now()
	if err == nil {
		return lead.Sent(ctx, e, now.UnixNano())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	next := now.Add(min(retryMost, retryFirst<<min(e.Tries, 10)))
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound: // what our own configuration denies may be mended
		next = time.Unix(0, 0)
	}
	if now.Sub(time.Unix(0, e.At)) > giveUpAfter {
		next = time.Unix(0, 0)
	}
	w.opts.Log.Warn("a notice was not taken", "channel", e.Channel, "key", e.Key, "error", err, "again", next.UnixNano() != 0)
	return lead.Failed(ctx, e, next.UnixNano(), err.Error())
}

// PutOff is a lamp that somebody put off.
type PutOff struct {
	Lamp  string `json:"lamp"`
	Until int64  `json:"until"`
	By    string `json:"by"`
}

// maxPutOff is how long a warning may be put off: to a day by name.
const maxPutOff = 31 * 24 * time.Hour

// PutOff keeps a warning quiet until a time. A critical alert cannot be put off.
func (w *Watch) PutOff(ctx context.Context, p PutOff) error {
	m, err := w.opts.State.Load(ctx)
	if err != nil {
		return err
	}
	l := m.Lamps[p.Lamp]
	now := w.opts.Now()
	switch {
	case l == nil:
		return fault.New(fault.NotFound, "no lamp %q is lit", p.Lamp)
	case l.Severity == rule.Critical:
		return fault.New(fault.Conflict, "a critical alert cannot be put off; acknowledge its incident")
	case p.By == "":
		return fault.New(fault.Invalid, "say who puts it off: by is empty")
	case p.Until <= now.UnixNano() || p.Until > now.Add(maxPutOff).UnixNano():
		return fault.New(fault.Invalid, "until must lie in the next 31 days")
	}
	return w.opts.State.Put(ctx, state.PutOffs, p.Lamp, now.UnixNano(), p)
}
