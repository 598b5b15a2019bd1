package demo

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// message is one text on its way to one phone. Its ids tell its story:
//
//	POST /v1/messages   bulk_id ── message_id     accepted: one bulk, many messages
//	worker              message_id ── batch_id    bulks split and merge into batches
//	worker              message_id ── operator_id the operator's own name for it
//	POST /v1/reports    operator_id ── report_id  the delivery report, later
type message struct {
	ID     string `json:"id"`
	Bulk   string `json:"bulk"`
	User   string `json:"user"`
	To     string `json:"to"`
	Text   string `json:"text"`
	Status string `json:"status"` // accepted, sent, delivered or undelivered

	attempts int
}

// report is what the operator says of a message in the end.
type report struct {
	ID       string    `json:"report_id"`
	Operator string    `json:"operator_id"` // its name for the message
	Status   string    `json:"status"`
	At       time.Time `json:"at"`
}

const (
	outboxSize    = 1000 // messages; beyond it customers are told to come back
	maxRecipients = 100
)

func (a *api) createMessages(ctx context.Context, c call) (any, error) {
	var want struct {
		To   []string `json:"to"`
		Text string   `json:"text"`
	}
	if err := readJSON(c.Request, &want); err != nil {
		return nil, err
	}
	if len(want.To) == 0 || len(want.To) > maxRecipients {
		return nil, &refusal{http.StatusBadRequest, "to: between 1 and 100 recipients"}
	}
	made := make([]message, 0, len(want.To))
	bulk := newID("bulk_")
	for _, to := range want.To {
		made = append(made, message{ID: newID("msg_"), Bulk: bulk, User: c.user.id, To: to, Text: want.Text, Status: "accepted"})
	}
	fieldBulk.Set(ctx, bulk)
	fieldMessageCount.Set(ctx, int64(len(made)))
	if len(made) == 1 {
		fieldMessage.Set(ctx, made[0].ID)
	}
	err := a.database.write(ctx, 1+len(made)/10, func() {
		for _, m := range made {
			a.database.messages.put(m.ID, m)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, m := range made {
		if err := a.queue(ctx, m); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (a *api) queue(ctx context.Context, m message) error {
	select {
	case a.outbox <- m:
	default:
		return &refusal{http.StatusServiceUnavailable, "the outbox is full"}
	}
	a.comm.LogAttrs(ctx, slog.LevelInfo, "Message accepted", slog.String("message_id", m.ID),
		slog.String("bulk_id", m.Bulk), slog.String("user_id", m.User))
	return nil
}

func (a *api) readMessage(ctx context.Context, c call) (any, error) {
	id := c.PathValue("id")
	fieldMessage.Set(ctx, id)
	var found message
	var known bool
	err := a.database.read(ctx, 1, func() { found, known = a.database.messages.rows[id] })
	if err == nil && (!known || found.User != c.user.id) {
		err = &refusal{http.StatusNotFound, "no such message"}
	}
	return found, err
}

// takeReports hears from the operator how messages fared. It calls them by its own
// ids, so the log of the report knows no message_id: what belongs together is
// joined by the line of the worker.
func (a *api) takeReports(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var reports []report
	if err := readJSON(r, &reports); err != nil {
		refuse(ctx, w, err)
		return
	}
	fieldReportCount.Set(ctx, int64(len(reports)))
	err := a.database.read(ctx, 1, func() {
		for _, one := range reports {
			id := a.database.sent.rows[one.Operator]
			if m, known := a.database.messages.rows[id]; known {
				m.Status = one.Status
				a.database.messages.put(id, m)
			}
		}
	})
	if err != nil {
		refuse(ctx, w, err)
		return
	}
	for _, one := range reports {
		a.comm.LogAttrs(ctx, slog.LevelInfo, "Delivery report received", slog.String("report_id", one.ID),
			slog.String("operator_id", one.Operator), slog.String("delivery_status", one.Status))
	}
	answer(w, http.StatusOK, map[string]int{"taken": len(reports)})
}
