package intake

import (
	"bytes"
	"context"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake/gelf"
	"github.com/plumbline/plumbline/internal/row"
)

// collector makes rows of queued messages and stores them, many at a time. When
// the store cannot take them it tries again and reads the queue no further.
type collector struct {
	l    *Listener
	door *door // nil: no chunk was begun
	job  *job
}

// The pauses between tries double, from the first to the longest.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
	// triesAtEnd is how often it tries when the server ends.
	triesAtEnd = 3
)

// run stores until the queue is closed.
func (c *collector) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case p, open := <-c.l.queue:
			if !open {
				c.flush(ctx)
				return
			}
			c.admit(p)
			c.l.room.Release(p.size)
			if c.door != nil && c.door.full(&c.l.in.options) {
				c.flush(ctx)
			}
		case <-tick.C:
			c.flush(ctx)
		}
	}
}

// admit makes rows of a parcel. The dataset's settings are those of when its
// chunk began, the receive time is now.
func (c *collector) admit(p parcel) {
	if c.door == nil {
		j, err := c.l.in.check(c.l.request())
		if err != nil { // the dataset was taken out of the settings
			c.l.in.options.Log.Error("take in GELF", "error", err)
			c.l.drop(len(p.messages))
			return
		}
		c.job, c.door = j, c.l.in.enter(j.dataset)
		c.door.serve(j)
	}
	c.job.now = c.l.in.options.Now().UnixNano()
	c.job.source = p.source
	for i, text := range p.messages {
		c.message(p, record{text: text, cut: p.cut != nil && p.cut[i]})
	}
}

func (c *collector) message(p parcel, r record) {
	if p.wrong != "" {
		c.door.refuse(r, p.wrong)
		return
	}
	if p.packed {
		var text []byte
		var cut bool
		err := c.l.in.guard.call(func() (err error) { text, cut, err = gelf.Inflate(r.text, c.job.lineMost()); return err })
		if err != nil {
			c.door.refuse(r, err.Error())
			return
		}
		r.text, r.cut = text, cut
	}
	if r.text = bytes.Trim(r.text, "\x00\r\n\t "); len(r.text) > 0 {
		c.door.admit(r)
	}
}

// flush stores the chunk. Of what is not kept nobody but the log hears.
func (c *collector) flush(ctx context.Context) {
	if c.door == nil {
		return
	}
	d := c.door
	c.door = nil
	defer c.l.in.leave(d)
	h, err := d.take(context.WithoutCancel(ctx))
	if err == nil && len(h.batches) > 0 {
		err = c.store(ctx, h.batches)
	}
	tally := h.tally
	if err != nil {
		c.l.in.options.Log.Error("lines of GELF are lost", "lines", tally.Offered, "error", err)
		tally = Tally{Offered: tally.Offered, Dropped: tally.Offered}
	}
	if n := h.receipt.Refused; n > 0 {
		c.l.in.options.Log.Warn("lines of GELF are refused", "lines", n, "reason", tooOld(c.job.dataset))
	}
	c.l.in.ledger.add(d.dataset, "gelf", tally)
}

// store tries until the store takes the rows. It gives up when they are wrong,
// and soon after the server ends: there is nobody to be told no.
func (c *collector) store(ctx context.Context, batches []*row.Batch) error {
	pause, atEnd := firstPause, 0
	for {
		err := c.l.in.options.Store.Append(context.WithoutCancel(ctx), batches...)
		if err == nil || fault.Is(err, fault.Invalid) {
			return err
		}
		if ctx.Err() != nil {
			if atEnd++; atEnd >= triesAtEnd {
				return err
			}
		}
		c.l.in.options.Log.Warn("the store does not take lines of GELF", "error", err, "again", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			time.Sleep(firstPause)
		}
		pause = min(2*pause, longestPause)
	}
}
