package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
)

// operator is the mobile operator: it takes batches, calls each message by a name
// of its own, and reports later how it fared – but for one report, which it loses.
type operator struct {
	http.Handler
	observer *plumbline.Observer
	dice     *dice
	callback string // base URL of who wants the reports
	client   *http.Client

	mu    sync.Mutex
	taken int
	due   []report
}

const (
	// Delivery takes as long as phones take: most are at hand, some are not, a few
	// are switched off for a while. The longest is far from the 40 s after which a
	// question misses a report, so that a machine under load makes none look lost.
	quickFrom, quickTo = 200 * time.Millisecond, 1500 * time.Millisecond
	lateFrom, lateTo   = 1500 * time.Millisecond, 6 * time.Second
	awayFrom, awayTo   = 6 * time.Second, 10 * time.Second
	late, away         = 0.35, 0.05
	undelivered        = 0.02

	// lostReport is the message whose report never comes: an early one, so that it
	// is missed soon.
	lostReport = 7

	reportEvery = 50 * time.Millisecond
	maxReports  = 50 // in one callback
)

func newOperator(o *plumbline.Observer, d *dice) *operator {
	p := &operator{
		observer: o, dice: d,
		client: &http.Client{Transport: o.Transport(pooled()), Timeout: 2 * time.Second},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /submit", p.submit)
	p.Handler = o.HTTP(mux)
	return p
}

func (p *operator) submit(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var b batch
	if err := readJSON(r, &b); err != nil {
		refuse(ctx, w, err)
		return
	}
	fieldBatch.Set(ctx, b.ID)
	fieldMessageCount.Set(ctx, int64(len(b.To)))
	if err := sleep(ctx, p.dice.around(5*time.Millisecond)); err != nil {
		refuse(ctx, w, err)
		return
	}
	names := make([]string, len(b.To))
	for i := range names {
		names[i] = newID("op_")
		p.deliver(names[i])
	}
	answer(w, http.StatusOK, names)
}

// deliver makes up the report of one message, for later.
func (p *operator) deliver(name string) {
	wait, status := p.dice.between(quickFrom, quickTo), "delivered"
	switch {
	case p.dice.luck(away):
		wait = p.dice.between(awayFrom, awayTo)
	case p.dice.luck(late):
		wait = p.dice.between(lateFrom, lateTo)
	}
	if p.dice.luck(undelivered) {
		status = "undelivered"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken++; p.taken == lostReport {
		return
	}
	p.due = append(p.due, report{ID: newID("rep_"), Operator: name, Status: status, At: time.Now().Add(wait)})
}

// run sends the reports that are due, until ctx ends. Reports are owed to nobody
// then.
func (p *operator) run(ctx context.Context) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			for batch := range slices.Chunk(p.take(now), maxReports) {
				if p.report(context.WithoutCancel(ctx), batch) != nil {
					p.putBack(batch)
				}
			}
		case <-ctx.Done():
			return
		}
	}
}

func (p *operator) take(now time.Time) (ripe []report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = slices.DeleteFunc(p.due, func(r report) bool {
		if r.At.After(now) {
			return false
		}
		ripe = append(ripe, r)
		return true
	})
	return ripe
}

func (p *operator) putBack(reports []report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = append(p.due, reports...)
}

// report is work of its own: no trace leads back to the message.
func (p *operator) report(ctx context.Context, reports []report) (err error) {
	ctx, unit := p.observer.Begin(ctx, "report.send")
	defer unit.End(&err)
	fieldReportCount.Set(ctx, int64(len(reports)))
	body, err := json.Marshal(reports)
	if err != nil {
		return fmt.Errorf("%d reports: %w", len(reports), err)
	}
	status, err := post(ctx, p.client, p.callback+"/v1/reports", body, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the callback says %d", status)
	}
	return err
}
