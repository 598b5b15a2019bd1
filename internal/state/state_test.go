package state_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// TestSQLite is the suite over SQLite; TestPostgres, which wants a real server,
// is the same.
func TestSQLite(t *testing.T) {
	suite(t, func(t *testing.T) string { return filepath.Join(t.TempDir(), "a b?#.db") })
}

// suite is what holds of every database. place gives a new one.
func suite(t *testing.T, place func(t *testing.T) string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, where string)
	}{
		{"round", testRound}, {"all or nothing", testAllOrNothing}, {"outbox", testOutbox}, {"acknowledge withdraws", testWithdraw},
		{"two act at once", testTwoAct}, {"records", testRecords}, {"newer", testNewer}, {"hostile", testHostile},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, place(t)) })
	}
}

func open(t *testing.T, where string) *state.State {
	t.Helper()
	s, err := state.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func lead(t *testing.T, s *state.State) *state.Lead {
	t.Helper()
	l, err := s.Lead(t.Context())
	if err != nil || l == nil {
		t.Fatal("no lead: ", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func anIncident() *incident.Incident {
	return &incident.Incident{ID: "i1", Status: incident.Burning, Title: "x", Opened: 5, Episodes: []incident.Episode{{From: 5}}}
}

func aRound() *state.Round {
	return &state.Round{
		Steps:     map[string]int64{"a": 60},
		Alerts:    map[string]map[string]*rule.State{"a": {"k=1": {Labels: rule.Labels{{Name: "k", Value: "1"}}, Status: rule.Firing, Since: 60}}},
		Lamps:     map[string]*incident.Lamp{"a k=1": {Rule: "a", Labels: rule.Labels{{Name: "k", Value: "1"}}, From: 60}},
		Incidents: []*incident.Incident{anIncident()},
		Changes:   []rule.Change{{Rule: "a", At: 60, To: rule.Firing}},
		Outbox:    []state.Entry{entry("i1/opened", "mail", 60)},
	}
}

func entry(key, channel string, due int64) state.Entry {
	return state.Entry{Notice: incident.Notice{Key: key, Title: "x", Incident: "i1", Severity: rule.Critical}, Channel: channel, Due: due}
}

// testRound: what is saved is there after a start, and replaced as a whole.
func testRound(t *testing.T, where string) {
	s := open(t, where)
	l := lead(t, s)
	check(t, l.Save(t.Context(), aRound(), nil))
	check(t, l.Close())
	check(t, s.Close())
	s = open(t, where)
	m, err := s.Load(t.Context())
	check(t, err)
	if m.Steps["a"] != 60 || m.Alerts["a"]["k=1"].Status != rule.Firing || m.Lamps["a k=1"] == nil || len(m.Open) != 1 || m.Revs["i1"] != 1 {
		t.Fatalf("read back %+v", m)
	}
	l = lead(t, s)
	next := &state.Round{Steps: map[string]int64{"a": 120}, Alerts: map[string]map[string]*rule.State{"a": {}}, Lamps: map[string]*incident.Lamp{}, Incidents: m.Open}
	next.Incidents[0].Status = incident.NeedsCause
	check(t, l.Save(t.Context(), next, m.Revs))
	m, err = s.Load(t.Context())
	check(t, err)
	if m.Steps["a"] != 120 || len(m.Alerts["a"])+len(m.Lamps)+len(m.Open) != 0 {
		t.Errorf("read back %+v", m)
	}
	list, err := s.Incidents(t.Context(), 0, 10, 10)
	if err != nil || len(list) != 1 || list[0].Status != incident.NeedsCause {
		t.Errorf("incidents are %+v, %v", list, err)
	}
	if changes, err := state.Records[rule.Change](t.Context(), s, state.Changes, 0, 100); err != nil || len(changes) != 1 {
		t.Errorf("changes are %+v, %v", changes, err)
	}
}

// testAllOrNothing: a round that fails at its last part has left nothing.
func testAllOrNothing(t *testing.T, where string) {
	s := open(t, where)
	l := lead(t, s)
	check(t, l.Save(t.Context(), &state.Round{Incidents: []*incident.Incident{anIncident()}}, nil))
	r := aRound() // whose incident is there already, at revision 1
	if err := l.Save(t.Context(), r, map[string]int64{"i1": 7}); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a stale revision gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Save(ctx, &state.Round{Steps: map[string]int64{"a": 1}}, nil); err == nil {
		t.Error("a save under an ended context went through")
	}
	m, err := s.Load(t.Context())
	check(t, err)
	posted, err := s.Notices(t.Context(), 0, 1000, 10)
	check(t, err)
	if len(m.Steps)+len(m.Alerts)+len(m.Lamps)+len(posted) != 0 {
		t.Errorf("left behind: %+v, %+v", m, posted)
	}
}

// testOutbox: a notice is posted once per channel, sent once, tried again when
// that failed, and given up when told so.
func testOutbox(t *testing.T, where string) {
	s, ctx := open(t, where), t.Context()
	l := lead(t, s)
	check(t, s.Post(ctx, entry("k", "mail", 10), entry("k", "hook", 20), entry("k", "mail", 10)))
	check(t, s.Post(ctx, entry("k", "mail", 5)))
	due, err := l.Due(ctx, 15, 10)
	check(t, err)
	if len(due) != 1 || due[0].Channel != "mail" || due[0].Due != 10 {
		t.Fatalf("due are %+v", due)
	}
	check(t, l.Begin(ctx, due[0]))
	check(t, l.Failed(ctx, due[0], 30, "nobody there"))
	if due, _ = l.Due(ctx, 29, 10); len(due) != 1 || due[0].Channel != "hook" {
		t.Fatalf("due are %+v", due)
	}
	check(t, l.Sent(ctx, due[0], 29))
	if due, _ = l.Due(ctx, 40, 10); len(due) != 1 || due[0].Tries != 1 || due[0].Failure != "nobody there" {
		t.Fatalf("due are %+v", due)
	}
	check(t, l.Failed(ctx, due[0], 0, "never"))
	if due, _ = l.Due(ctx, 1000, 10); len(due) != 0 {
		t.Fatalf("due are %+v", due)
	}
	if all, _ := s.Notices(ctx, 0, 100, 10); len(all) != 2 {
		t.Errorf("notices are %+v", all)
	}
}

// testWithdraw: acknowledging takes back what waits for nobody having done so,
// and nothing else.
func testWithdraw(t *testing.T, where string) {
	s, ctx := open(t, where), t.Context()
	l := lead(t, s)
	check(t, l.Save(ctx, &state.Round{Incidents: []*incident.Incident{anIncident()}}, nil))
	later := entry("i1/opened/1", "boss", 50)
	later.Unless = true
	check(t, s.Post(ctx, entry("i1/ended", "mail", 50), later))
	_, err := s.Act(ctx, "i1", incident.Act{Kind: "acknowledge", By: "ann"}, 40)
	check(t, err)
	if due, _ := l.Due(ctx, 100, 10); len(due) != 1 || due[0].Channel != "mail" {
		t.Errorf("due are %+v", due)
	}
	if i, err := s.Incident(ctx, "i1"); err != nil || i.AckedBy != "ann" {
		t.Errorf("it is %+v, %v", i, err)
	}
	if _, err := s.Act(ctx, "no", incident.Act{Kind: "note", By: "a", Text: "b"}, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown incident gives %v", err)
	}
	if _, err := s.Act(ctx, "i1", incident.Act{Kind: "cause", By: "a", Text: "b"}, 1); !fault.Is(err, fault.Conflict) {
		t.Errorf("a cause while it burns gives %v", err)
	}
}

// testTwoAct: of many notes at once none is lost, and a round that read before
// them does not write over them.
func testTwoAct(t *testing.T, where string) {
	s, ctx := open(t, where), t.Context()
	l := lead(t, s)
	check(t, l.Save(ctx, &state.Round{Incidents: []*incident.Incident{anIncident()}}, nil))
	open, revs, err := s.Open(ctx)
	check(t, err)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			if _, err := s.Act(ctx, "i1", incident.Act{Kind: "note", By: "a", Text: fmt.Sprint(n)}, int64(n)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if i, _ := s.Incident(ctx, "i1"); len(i.Line) != 20 {
		t.Errorf("%d of 20 notes are there", len(i.Line))
	}
	if err := l.Save(ctx, &state.Round{Incidents: open}, revs); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale round gives %v", err)
	}
}

func testRecords(t *testing.T, where string) {
	s, ctx := open(t, where), t.Context()
	for i := range int64(5) {
		check(t, s.Put(ctx, state.Deploys, fmt.Sprint(i), i, map[string]int64{"n": i}))
	}
	check(t, s.Put(ctx, state.Deploys, "3", 1, map[string]int64{"n": 33}))
	check(t, s.Delete(ctx, state.Deploys, "2"))
	if err := s.Delete(ctx, state.Deploys, "2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("twice deleted gives %v", err)
	}
	got, err := state.Records[map[string]int64](ctx, s, state.Deploys, 1, 4)
	if err != nil || fmt.Sprint(got) != "[map[n:1] map[n:33]]" {
		t.Errorf("records are %v, %v", got, err)
	}
}

// testNewer: a database that a newer program wrote is refused, by its number.
func testNewer(t *testing.T, where string) {
	s := open(t, where)
	check(t, state.SetFormat(t.Context(), s, 99))
	check(t, s.Close())
	if _, err := state.Open(t.Context(), where); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "99") {
		t.Errorf("format 99 gives %v", err)
	}
}

// testHostile: whatever bytes a line brings into a label, they come back.
func testHostile(t *testing.T, where string) {
	s, ctx := open(t, where), t.Context()
	l := lead(t, s)
	for n, text := range []string{"a\x00b", "'; DROP TABLE incident; --", "?$1", "<script>", "\u202e", strings.Repeat("x", 1<<16), "\x1b[31m"} {
		i := anIncident()
		i.ID, i.Title = fmt.Sprint(n), text
		labels := rule.Labels{{Name: "k", Value: text}}
		check(t, l.Save(ctx, &state.Round{
			Incidents: []*incident.Incident{i}, Lamps: map[string]*incident.Lamp{text: {Rule: "r", Labels: labels}},
			Alerts:  map[string]map[string]*rule.State{"r": {labels.String(): {Labels: labels}}},
			Changes: []rule.Change{{Rule: "r", Labels: labels}}, Outbox: []state.Entry{entry(text, "mail", int64(n))},
		}, nil))
		m, err := s.Load(ctx)
		check(t, err)
		if m.Alerts["r"][labels.String()] == nil {
			t.Errorf("%.40q: alerts are %+v", text, m.Alerts)
		}
		due, err := l.Due(ctx, int64(n), 100)
		check(t, err)
		check(t, l.Sent(ctx, due[0], 1))
		if due, _ = l.Due(ctx, int64(n), 100); len(due) != 0 {
			t.Errorf("%.40q: due are %+v", text, due)
		}
		if got, err := s.Incident(ctx, i.ID); err != nil || got.Title != text {
			t.Errorf("%.40q came back as %.40q, %v", text, got.Title, err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder.db")); err == nil {
		t.Error("a folder that is not there opens")
	}
	_, err := state.Open(t.Context(), "postgres://ann:secret@127.0.0.1:1/x?connect_timeout=1")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody listens: %v", err)
	}
}
