package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/sink"
)

// worker takes messages from the outbox and hands them to the operator in
// batches: by country, so that a bulk splits, and by time, so that bulks merge.
type worker struct {
	observer *plumbline.Observer
	comm     *slog.Logger
	database *database
	outbox   chan message
	operator string // base URL
	client   *http.Client
}

// batch is what the operator is handed.
type batch struct {
	ID       string   `json:"batch_id"`
	To       []string `json:"to"`
	messages []message
}

var (
	fieldBatch   = line.Text("batch_id")
	fieldCountry = line.Text("country")
)

const (
	maxBatch    = 20                     // messages
	batchEvery  = 100 * time.Millisecond // the longest a message waits for others
	maxAttempts = 3
	countryCode = 4 // bytes of "+385…" that tell where a message goes
)

func newWorker(o *plumbline.Observer, comm *sink.Queue, d *database, outbox chan message) *worker {
	return &worker{
		observer: o, comm: slog.New(o.LogHandlerTo(comm)), database: d, outbox: outbox,
		client: &http.Client{Transport: o.Transport(pooled()), Timeout: 2 * time.Second},
	}
}

// run sends until ctx ends, and then once what is still waiting.
func (w *worker) run(ctx context.Context) {
	tick := time.NewTicker(batchEvery)
	defer tick.Stop()
	sending := context.WithoutCancel(ctx) // a batch under way arrives
	waiting := map[string][]message{}     // by country
	for {
		select {
		case m := <-w.outbox:
			country := m.To[:min(countryCode, len(m.To))]
			waiting[country] = append(waiting[country], m)
			if len(waiting[country]) == maxBatch {
				w.send(sending, country, waiting[country])
				delete(waiting, country)
			}
		case <-tick.C:
			w.sendAll(sending, waiting)
		case <-ctx.Done():
			w.sendAll(sending, waiting)
			return
		}
	}
}

func (w *worker) sendAll(ctx context.Context, waiting map[string][]message) {
	for country, messages := range waiting {
		w.send(ctx, country, messages)
		delete(waiting, country)
	}
}

// send hands one batch to the operator, and puts it back where that fails.
func (w *worker) send(ctx context.Context, country string, messages []message) {
	b := batch{ID: newID("bat_"), messages: messages}
	for _, m := range messages {
		b.To = append(b.To, m.To)
	}
	if w.submit(ctx, country, b) == nil {
		return
	}
	for _, m := range messages {
		if m.attempts++; m.attempts == maxAttempts {
			w.comm.LogAttrs(ctx, slog.LevelError, "Message given up", slog.String("message_id", m.ID), slog.String("batch_id", b.ID))
			continue
		}
		select {
		case w.outbox <- m:
		default: // customers come first
			w.comm.LogAttrs(ctx, slog.LevelError, "Message given up", slog.String("message_id", m.ID), slog.String("batch_id", b.ID))
		}
	}
}

func (w *worker) submit(ctx context.Context, country string, b batch) (err error) {
	ctx, unit := w.observer.Begin(ctx, "message.send")
	defer unit.End(&err)
	fieldBatch.Set(ctx, b.ID)
	fieldCountry.Set(ctx, country)
	fieldMessageCount.Set(ctx, int64(len(b.messages)))
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("batch %s: %w", b.ID, err)
	}
	var names []string // what the operator calls each message
	status, err := post(ctx, w.client, w.operator+"/submit", body, &names)
	if err != nil {
		return fmt.Errorf("batch %s: %w", b.ID, err)
	}
	if len(names) != len(b.messages) {
		return fmt.Errorf("batch %s: the operator says %d, and names %d of %d messages", b.ID, status, len(names), len(b.messages))
	}
	for i, m := range b.messages {
		w.comm.LogAttrs(ctx, slog.LevelInfo, "Message sent", slog.String("message_id", m.ID),
			slog.String("batch_id", b.ID), slog.String("operator_id", names[i]))
	}
	return w.database.read(ctx, 1, func() {
		for i, m := range b.messages {
			m.Status = "sent"
			w.database.messages.put(m.ID, m)
			w.database.sent.put(names[i], m.ID)
		}
	})
}
