package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/plumbline/plumbline/internal/incident"
)

// Entry is a notice on its way to one channel. Key and channel name it: the
// same notice is posted once however often its round is taken again.
type Entry struct {
	incident.Notice
	Channel string `json:"channel"`
	Due     int64  `json:"due"`            // not before
	Tries   int64  `json:"tries"`          // that were begun
	Sent    int64  `json:"sent,omitempty"` // when it was taken by the channel; -1: withdrawn
	Failure string `json:"failure,omitempty"`
	Unless  bool   `json:"unless,omitempty"` // withdrawn when the incident is acknowledged
}

// withdrawn stands in the place of the time at which an entry was sent.
const withdrawn = -1

func (t *tx) post(e Entry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	owner := ""
	if e.Unless {
		owner = e.Incident
	}
	return t.exec(`INSERT INTO outbox (key, channel, due, tries, sent, failure, incident, severity, body) VALUES (?, ?, ?, 0, 0, '', ?, ?, ?) ON CONFLICT (key, channel) DO NOTHING`,
		column(e.Key), e.Channel, e.Due, owner, e.Severity.String(), string(body))
}

// withdraw takes back what waits for nobody acknowledging an incident.
func (t *tx) withdraw(id string) error {
	return t.exec("UPDATE outbox SET sent = ? WHERE incident = ? AND sent = 0", withdrawn, id)
}

// Post puts a notice into the outbox, for one that no round of rules made.
func (s *State) Post(ctx context.Context, list ...Entry) error {
	return s.within(ctx, s.db, func(t *tx) error {
		for _, e := range list {
			if err := t.post(e); err != nil {
				return fmt.Errorf("post notice %s: %w", e.Key, err)
			}
		}
		return nil
	})
}

// Due are notices to be sent now, the oldest first. Begin says whether they still
// may be.
func (l *Lead) Due(ctx context.Context, now int64, limit int) ([]Entry, error) {
	return l.state.entries(ctx, "WHERE sent = 0 AND due <= ? ORDER BY due, key, channel LIMIT ?", now, limit)
}

// Notices are those posted in a range of time, the newest first.
func (s *State) Notices(ctx context.Context, from, to int64, limit int) ([]Entry, error) {
	return s.entries(ctx, "WHERE due >= ? AND due < ? ORDER BY due DESC, key, channel LIMIT ?", from, to, limit)
}

func (s *State) entries(ctx context.Context, where string, args ...any) ([]Entry, error) {
	var list []Entry
	err := s.each(ctx, "SELECT body, due, tries, sent, failure FROM outbox "+where, args, func(r *sql.Rows) error {
		var body, failure string
		var due, tries, sent int64
		var e Entry
		if err := scanned(r.Scan(&body, &due, &tries, &sent, &failure), &body, &e); err != nil {
			return err
		}
		e.Due, e.Tries, e.Sent, e.Failure = due, tries, sent, failure
		list = append(list, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return list, nil
}

// Begin counts a try before it is made, so that one which a kill cut short is
// known to be possibly a repetition.
func (l *Lead) Begin(ctx context.Context, e Entry) error {
	return l.settle(ctx, e, "UPDATE outbox SET tries = tries + 1 WHERE key = ? AND channel = ?", column(e.Key), e.Channel)
}

// Sent notes that the channel has taken a notice.
func (l *Lead) Sent(ctx context.Context, e Entry, at int64) error {
	return l.settle(ctx, e, "UPDATE outbox SET sent = ?, failure = '' WHERE key = ? AND channel = ?", at, column(e.Key), e.Channel)
}

// Failed notes why a notice could not be sent, and when to try again; next is 0
// when that is given up.
func (l *Lead) Failed(ctx context.Context, e Entry, next int64, why string) error {
	if next == 0 {
		return l.settle(ctx, e, "UPDATE outbox SET sent = ?, failure = ? WHERE key = ? AND channel = ?", withdrawn, why, column(e.Key), e.Channel)
	}
	return l.settle(ctx, e, "UPDATE outbox SET due = ?, failure = ? WHERE key = ? AND channel = ?", next, why, column(e.Key), e.Channel)
}

func (l *Lead) settle(ctx context.Context, e Entry, q string, args ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.db().ExecContext(ctx, l.state.dialect(q), args...); err != nil {
		return fmt.Errorf("notice %s for %s: %w", e.Key, e.Channel, err)
	}
	return nil
}
