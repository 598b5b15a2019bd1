package watch

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// burns opens an incident by hand: rule lit it at from, and it ended at to, 0 for
// not yet.
func (s *scene) burns(name string, from, to time.Time) string {
	s.t.Helper()
	i := &incident.Incident{
		ID: "i-" + name, Opened: from.UnixNano(), Episodes: []incident.Episode{{From: from.UnixNano()}},
		Lamps: []incident.Lamp{{Rule: name, Severity: rule.Critical, From: from.UnixNano()}},
	}
	if !to.IsZero() {
		i.Ended, i.Status = to.UnixNano(), incident.NeedsCause
	}
	if err := s.lead.Save(s.t.Context(), &state.Round{Incidents: []*incident.Incident{i}}, nil); err != nil {
		s.t.Fatal(err)
	}
	return i.ID
}

// request is a canonical line of a user's request.
func request(status int64, user, route string) map[string]row.Value {
	return map[string]row.Value{"http_status": row.IntOf(status), "user_id": row.TextOf(user), "http_route": row.TextOf(route)}
}

// TestEvidence: of a user that fails and one that is merely the busiest, the
// first is told; ids that each line has for itself are not.
func TestEvidence(t *testing.T) {
	pay := rule.Rule{Name: "pay", Question: "canonical-log-line http_route=/pay | stats count(http_status >= 500) as bad | where bad > 3", Severity: rule.Critical}
	s := newScene(t, pay)
	at := s.now
	const line = "canonical-log-line"
	s.says(at.Add(-10*time.Minute), 400, "api", line, request(200, "usr_busy", "/pay"))
	s.says(at.Add(-10*time.Minute), 20, "api", line, request(200, "usr_poor", "/pay"))
	s.says(at, 300, "api", line, request(200, "usr_busy", "/pay"))
	s.says(at, 30, "api", line, request(503, "usr_busy", "/pay"))
	s.says(at, 50, "api", line, request(503, "usr_poor", "/pay"))
	s.says(at, 5, "api", line, request(500, "usr_else", "/other"))
	s.says(at, 12, "api", "shard 7 is down", nil)
	for k := range 10 {
		more := request(503, "usr_poor", "/pay")
		more["request_id"] = row.TextOf(fmt.Sprint("req_", k))
		s.says(at, 1, "api", line, more)
	}
	id := s.burns("pay", at, time.Time{})
	s.now = at.Add(time.Second)
	ids := map[string]string{"request_id": "request_id", "user_id": ""}
	e, err := s.watch.Evidence(t.Context(), id, ids)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range e.IDs {
		got = append(got, fmt.Sprintf("%s=%s %d of %d", x.Field, x.ID, x.Lines, e.Lines))
	}
	if strings.Join(got, ", ") != "user_id=usr_poor 60 of 90" || e.IDs[0].Usual > 0.2 {
		t.Errorf("ids %v, %+v", got, e.IDs)
	}
	if !strings.Contains(e.Of, "/pay") || !strings.Contains(e.Of, "http_status >= 500") {
		t.Errorf("they are of %q", e.Of)
	}
	if len(e.Patterns) != 1 || e.Patterns[0].Pattern != "shard <n> is down" || e.Patterns[0].Before != 0 || e.Patterns[0].After != 12 {
		t.Errorf("patterns %+v", e.Patterns)
	}

	// A rule that was taken away leaves the failing lines of everybody; where no
	// line fails, and of nobody known, nothing is told.
	gone := s.burns("gone", at, at.Add(time.Minute))
	if e, err = s.watch.Evidence(t.Context(), gone, ids); err != nil || e.Lines != 95 || e.Of != "canonical-log-line | where "+fails {
		t.Errorf("of a rule that is gone: %v %+v", err, e)
	}
	long := s.burns("old", at.Add(-48*time.Hour), at.Add(-24*time.Hour))
	if e, err = s.watch.Evidence(t.Context(), long, ids); err != nil || len(e.IDs)+len(e.Patterns)+len(e.Notes) != 0 || e.During.To-e.During.From != int64(evidenceDuring) {
		t.Errorf("without lines: %v %+v", err, e)
	}
	if _, err = s.watch.Evidence(t.Context(), "no", ids); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of no incident: %v", err)
	}
}

// refusing fails questions that hold a word.
type refusing struct {
	Asker
	word string
}

func (r refusing) Ask(ctx context.Context, req query.Request) (*query.Answer, error) {
	if strings.Contains(req.Text, r.word) {
		return nil, fault.New(fault.OverLimit, "too many")
	}
	return r.Asker.Ask(ctx, req)
}

// TestEvidenceNotes: a question that fails is said, and the rest is told.
func TestEvidenceNotes(t *testing.T) {
	s := newScene(t)
	s.says(s.now, 30, "api", "canonical-log-line", request(503, "usr_1", "/pay"))
	id := s.burns("x", s.now, time.Time{})
	s.now = s.now.Add(time.Second)
	s.ask = refusing{s.ask, "facets"}
	e, err := s.watch.Evidence(t.Context(), id, map[string]string{"user_id": ""})
	if err != nil || len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "ids were not counted") || len(e.Patterns) != 1 {
		t.Errorf("%v %+v", err, e)
	}
}
