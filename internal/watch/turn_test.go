package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/notify"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// scene is a watch over a state of its own, under a clock that a test moves, and
// a receiver that notes what it is sent.
type scene struct {
	t     *testing.T
	now   time.Time
	lines *memory.Store
	ask   Asker
	watch *Watch
	lead  *state.Lead
	turn  *turn

	mu    sync.Mutex     // channels are handed to beside each other
	got   []string       // channels and kinds as they were handed over
	fails map[string]int // channel: how often it still fails
}

func newScene(t *testing.T, rules ...rule.Rule) *scene {
	t.Helper()
	s := &scene{t: t, now: time.Unix(0, start), lines: memory.Open(expr.Env{Zone: time.UTC}), fails: map[string]int{}}
	s.ask = query.New(query.Options{Source: s.lines, Budget: pipe.NewBudget(1 << 30), Now: func() time.Time { return s.now }})
	st, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	s.watch, err = New(Options{
		Ask: func() Asker { return s.ask }, State: st, Rules: rules, Policy: incident.DefaultPolicy(), Notify: s,
		Now: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.crash()
	return s
}

// crash forgets everything that is not in the database.
func (s *scene) crash() {
	s.t.Helper()
	var err error
	if s.lead, err = s.watch.opts.State.Lead(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if s.turn, err = s.watch.begin(s.t.Context(), s.lead); err != nil {
		s.t.Fatal(err)
	}
}

// errors500 puts failing requests before now, one a second for so long.
func (s *scene) errors500(n int) {
	b := row.NewBuilder("app")
	for i := range n {
		b.Begin(s.now.Add(-time.Duration(i) * time.Second).UnixNano())
		b.Text([]byte("_msg"), []byte("canonical-log-line"))
		b.Value([]byte("http_status"), row.IntOf(500))
	}
	if err := s.lines.Append(context.Background(), b.Batch()); err != nil {
		s.t.Fatal(err)
	}
}

// round takes one round and hands out what is due.
func (s *scene) round() {
	s.t.Helper()
	if _, err := s.turn.round(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	before := len(s.got)
	if err := s.watch.sendDue(s.t.Context(), s.lead); err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(s.got[before:]) // which of two channels was first is chance
}

// pass lets time pass in steps, with failing requests or without.
func (s *scene) pass(d time.Duration, failing bool) {
	s.t.Helper()
	step := min(d, 15*time.Second)
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(step)
		if failing {
			s.errors500(int(step / time.Second))
		}
		s.round()
	}
}

func (s *scene) Plan(n incident.Notice, now time.Time) []notify.Delivery {
	list := []notify.Delivery{{Channel: "mail", At: now}}
	if n.Kind == incident.NoticeOpened {
		list = append(list, notify.Delivery{Channel: "boss", At: now.Add(20 * time.Minute), Step: 1})
	}
	return list
}

func (s *scene) Send(_ context.Context, channel string, n incident.Notice, again bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, channel+" "+n.Kind)
	if s.fails[channel] > 0 {
		s.fails[channel]--
		return errors.New("nobody there")
	}
	return nil
}

func (s *scene) incidents() []*incident.Incident {
	s.t.Helper()
	list, err := s.watch.opts.State.Incidents(s.t.Context(), 0, forever, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// expect compares what was handed over.
func (s *scene) expect(what string, want ...string) {
	s.t.Helper()
	if strings.Join(s.got, ", ") != strings.Join(want, ", ") {
		s.t.Errorf("%s: handed over %q, want %q", what, s.got, want)
	}
}

func apiFails() rule.Rule {
	return rule.Rule{
		Name: "api", Question: "canonical-log-line http_status=5* | stats count | where count > 10", Severity: rule.Critical,
		Every: rule.Duration(time.Minute), For: rule.Duration(2 * time.Minute),
	}
}

// TestLifeOfAnIncident: from the first failing request to a need of its cause,
// with nobody awake at first.
func TestLifeOfAnIncident(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(5*time.Minute, false)
	s.expect("all is well")
	s.pass(5*time.Minute, true)
	s.expect("it burns", "mail opened")
	s.pass(20*time.Minute, true)
	s.expect("nobody acknowledges", "mail opened", "boss opened")
	id := s.incidents()[0].ID
	if _, err := s.watch.opts.State.Act(t.Context(), id, incident.Act{Kind: "acknowledge", By: "ann"}, s.now.UnixNano()); err != nil {
		t.Fatal(err)
	}
	s.pass(30*time.Minute, false)
	s.expect("quiet", "mail opened", "boss opened", "mail ended")
	i := s.incidents()[0]
	if i.Status != incident.NeedsCause || i.AckedBy != "ann" || len(i.Episodes) != 1 {
		t.Errorf("it is %+v", i)
	}
}

// TestAcknowledged: who acknowledges in time spares the boss.
func TestAcknowledged(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(5*time.Minute, true)
	if _, err := s.watch.opts.State.Act(t.Context(), s.incidents()[0].ID, incident.Act{Kind: "acknowledge", By: "ann"}, s.now.UnixNano()); err != nil {
		t.Fatal(err)
	}
	s.pass(40*time.Minute, true)
	s.expect("acknowledged", "mail opened")
}

// TestKills: whatever a kill cuts short – a step, a save, a notice on its way –
// incidents come out as without kills, every notice arrives, and one that comes
// twice has the same key.
func TestKills(t *testing.T) {
	t.Parallel()
	undisturbed := newScene(t, apiFails())
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 6))
	killed := newScene(t, apiFails())
	kills := 0
	for i := range 180 {
		failing := i%50 < 25
		undisturbed.pass(10*time.Second, failing)
		killed.now = killed.now.Add(10 * time.Second)
		if failing {
			killed.errors500(10)
		}
		for range 6 {
			kills++
			ctx, cancel := context.WithCancel(t.Context())
			switch r.IntN(4) {
			case 0: // before anything
				cancel()
				_, _ = killed.turn.round(ctx)
			case 1: // the round is saved, nothing is sent
				_, _ = killed.turn.round(ctx)
			case 2: // a notice was begun and is not known to have arrived
				if due, err := killed.lead.Due(ctx, killed.now.UnixNano(), 1); err == nil && len(due) > 0 {
					_ = killed.lead.Begin(ctx, due[0])
					_ = killed.Send(ctx, due[0].Channel, due[0].Notice, false)
				}
			case 3: // all of it
				_, _ = killed.turn.round(ctx)
				_ = killed.watch.sendDue(ctx, killed.lead)
			}
			cancel()
			killed.crash()
		}
		killed.round()
	}
	want, got := printed(undisturbed.incidents()), printed(killed.incidents())
	if want != got || len(undisturbed.incidents()) == 0 {
		t.Errorf("seed %d: incidents\n%s\nwithout kills\n%s", seed, got, want)
	}
	once := slices.Compact(slices.Clone(killed.got))
	if strings.Join(once, ", ") != strings.Join(undisturbed.got, ", ") {
		t.Errorf("seed %d: after %d kills handed over %q, without %q", seed, kills, once, undisturbed.got)
	}
}

func printed(list []*incident.Incident) string {
	text, err := json.Marshal(list)
	return fmt.Sprint(string(text), err)
}

// TestSaveFails: what could not be saved is taken again, not lost and not
// doubled.
func TestSaveFails(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(3*time.Minute, true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.now = s.now.Add(time.Minute)
	s.errors500(60)
	if _, err := s.turn.round(ctx); err == nil {
		t.Fatal("a round under an ended context was saved")
	}
	s.crash()
	s.round()
	if len(s.incidents()) != 1 {
		t.Errorf("%d incidents", len(s.incidents()))
	}
}

// TestCatchUp: what was not driven for a while comes out as it would have, also
// where rules meet in an incident.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	warn := apiFails()
	warn.Name, warn.Severity, warn.For, warn.Every = "warn", rule.Warning, 0, rule.Duration(30*time.Second)
	driven, late := newScene(t, warn, apiFails()), newScene(t, warn, apiFails())
	for _, s := range []*scene{driven, late} {
		s.round()
	}
	for _, minute := range []int{1, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0} {
		for range 6 {
			driven.pass(10*time.Second, minute == 1)
			if late.now = driven.now; minute == 1 {
				late.errors500(10)
			}
		}
	}
	late.round()
	for i, s := range []*scene{driven, late} {
		if list := s.incidents(); len(list) != 1 || len(list[0].Episodes) != 2 || len(list[0].Lamps) != 2 {
			t.Fatalf("scene %d: %s", i, printed(list))
		}
	}
	was, is := driven.incidents()[0], late.incidents()[0]
	if want, got := fmt.Sprint(was.ID, was.Episodes, was.Lamps), fmt.Sprint(is.ID, is.Episodes, is.Lamps); got != want {
		t.Errorf("made up for it is\n%s\ndriven\n%s", got, want)
	}
}

// TestChannelFails: a channel that fails is tried again, later and later, and
// holds up no other.
func TestChannelFails(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.fails["mail"] = 3
	s.pass(5*time.Minute, true)
	s.expect("three times nobody", "mail opened", "mail opened", "mail opened", "mail opened")
	list, err := s.watch.opts.State.Notices(t.Context(), 0, forever, 10)
	if err != nil || !slices.ContainsFunc(list, func(e state.Entry) bool { return e.Channel == "mail" && e.Sent > 0 && e.Tries == 4 }) {
		t.Errorf("notices are %+v, %v", list, err)
	}
}

// TestClocks: back an hour, back years, forward years, standing still: alerts
// neither storm nor stop.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{-time.Hour, -20 * 365 * 24 * time.Hour, time.Hour, 20 * 365 * 24 * time.Hour, 0} {
		s := newScene(t, apiFails())
		s.pass(5*time.Minute, true)
		s.expect("burns", "mail opened")
		s.now = s.now.Add(jump)
		for range 20 {
			s.round() // the clock stands
		}
		s.pass(10*time.Minute, true)
		i := s.incidents()
		if len(i) > 2 || i[0].Status != incident.Burning {
			t.Errorf("a jump by %s: %s", jump, printed(i))
		}
		if len(s.got) > 6 {
			t.Errorf("a jump by %s: handed over %q", jump, s.got)
		}
		s.pass(40*time.Minute, false)
		if i := s.incidents(); i[0].Status != incident.NeedsCause && i[len(i)-1].Status != incident.NeedsCause {
			t.Errorf("a jump by %s: it does not end: %s", jump, printed(i))
		}
	}
}

// TestRuleTakenAway ends what it lit, and says so.
func TestRuleTakenAway(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(5*time.Minute, true)
	if err := s.watch.Use(nil); err != nil {
		t.Fatal(err)
	}
	s.pass(20*time.Minute, true)
	if i := s.incidents()[0]; i.Status != incident.NeedsCause || !strings.Contains(printed(s.incidents()), "taken away") {
		t.Errorf("it is %s", printed(s.incidents()))
	}
}

// TestTakenAwayAsSomebodyActs: both are met in one round, and neither is lost.
func TestTakenAwayAsSomebodyActs(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(5*time.Minute, true)
	if _, err := s.watch.opts.State.Act(t.Context(), s.incidents()[0].ID, incident.Act{Kind: "acknowledge", By: "ann"}, s.now.UnixNano()); err != nil {
		t.Fatal(err)
	}
	if err := s.watch.Use(nil); err != nil {
		t.Fatal(err)
	}
	s.pass(20*time.Minute, true)
	if i := s.incidents()[0]; i.Status != incident.NeedsCause || i.Acked == 0 {
		t.Errorf("it is %s", printed(s.incidents()))
	}
}

// TestFailingQuestion: states stay as they are, and the rule is a lamp of its
// own until its question is answered again; no step is left out.
func TestFailingQuestion(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(5*time.Minute, true)
	well := s.ask
	s.ask = failing500{}
	s.pass(20*time.Minute, true)
	if s.incidents()[0].Status != incident.Burning || s.turn.book.Lamps[RuleFails+" rule=api"] == nil {
		t.Errorf("lamps are %v, it is %s", s.turn.book.Lamps, printed(s.incidents()))
	}
	s.expect("a warning after ten minutes", "mail opened", "mail warning", "boss opened")
	s.ask = well
	s.pass(2*time.Minute, true)
	if l := s.turn.book.Lamps[RuleFails+" rule=api"]; l == nil || l.To == 0 {
		t.Errorf("the lamp is %+v", l)
	}
}

// TestEndedWhileNobodyKnows: an incident is not over while its rule cannot be
// asked; what is found later belongs to it or comes after it, as it would have.
func TestEndedWhileNobodyKnows(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	s.pass(5*time.Minute, true)
	s.pass(10*time.Minute, false)
	if got := s.incidents()[0].Status; got != incident.Ended {
		t.Fatalf("it is %s, want ended", got)
	}
	well := s.ask
	s.ask = failing500{}
	s.pass(30*time.Minute, true)
	if got := s.incidents(); len(got) != 1 || got[0].Status != incident.Ended {
		t.Errorf("while nobody knows: %s", printed(got))
	}
	s.ask = well
	s.pass(2*time.Minute, true)
	if got := s.incidents(); len(got) != 1 || got[0].Status != incident.Burning || len(got[0].Episodes) != 2 {
		t.Errorf("it has burnt all the while: %s", printed(got))
	}
}

// heard notes how urgent the questions were.
type heard struct {
	Asker
	urgent, others []string
}

func (h *heard) Ask(ctx context.Context, req query.Request) (*query.Answer, error) {
	if req.Urgent {
		h.urgent = append(h.urgent, req.Text)
	} else {
		h.others = append(h.others, req.Text)
	}
	return h.Asker.Ask(ctx, req)
}

// TestRulesGoFirst: what the rules ask is urgent, what a page shows of them is not.
func TestRulesGoFirst(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	h := &heard{Asker: s.ask}
	s.ask = h
	s.pass(5*time.Minute, true)
	if len(h.urgent) != 5 || slices.ContainsFunc(h.others, func(text string) bool { return !strings.Contains(text, "by service, release") }) {
		t.Errorf("urgent questions: %q, others: %q", h.urgent, h.others)
	}
	h.urgent, h.others = nil, nil
	if _, err := s.watch.Backtest(t.Context(), Ask{Rule: apiFails(), From: s.now.Add(-time.Hour).UnixNano(), To: s.now.UnixNano()}); err != nil {
		t.Fatal(err)
	}
	if len(h.urgent) > 0 || len(h.others) == 0 {
		t.Errorf("urgent questions of a backtest: %q, others: %q", h.urgent, h.others)
	}
}

type failing500 struct{}

func (failing500) Ask(context.Context, query.Request) (*query.Answer, error) {
	return nil, fault.New(fault.Busy, "too much to do")
}

// TestPutOff: a warning is put off by name, a critical alert never.
func TestPutOff(t *testing.T) {
	t.Parallel()
	warn := apiFails()
	warn.Name, warn.Severity = "warn", rule.Warning
	s := newScene(t, apiFails(), warn)
	s.pass(5*time.Minute, true)
	until := s.now.Add(time.Hour).UnixNano()
	if err := s.watch.PutOff(t.Context(), PutOff{"api", until, "ann"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a critical alert was put off: %v", err)
	}
	if err := s.watch.PutOff(t.Context(), PutOff{"warn", until, ""}); !fault.Is(err, fault.Invalid) {
		t.Errorf("put off by nobody: %v", err)
	}
	if err := s.watch.PutOff(t.Context(), PutOff{"warn", until, "ann"}); err != nil {
		t.Fatal(err)
	}
	s.pass(15*time.Minute, true)
	s.expect("put off", "mail opened")
	s.pass(50*time.Minute, true)
	s.expect("an hour later", "mail opened", "boss opened", "mail warning")
}

// TestOutside: an alert of another program is a lamp while it is sent, opens an
// incident when it is critical, and ends when it says so or is sent no more.
func TestOutside(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	say := func(ends time.Time) {
		t.Helper()
		a := Outside{rule.Said{Labels: map[string]string{"alertname": "DiskFull", "severity": "critical", "host": "<b>"}, EndsAt: ends, Annotations: map[string]string{"summary": "no room"}}}
		if err := s.watch.Sent(t.Context(), []Outside{a}); err != nil {
			t.Fatal(err)
		}
	}
	for range 6 {
		say(time.Time{})
		s.pass(time.Minute, false)
	}
	s.expect("it burns", "mail opened")
	if i := s.incidents(); len(i) != 1 || i[0].Title != `outside.DiskFull host="<b>" severity=critical: no room` || i[0].Status != incident.Burning {
		t.Errorf("it is %s", printed(i))
	}
	s.crash()
	s.pass(6*time.Minute, false)
	if i := s.incidents()[0]; i.Status != incident.Ended {
		t.Errorf("sent no more, it is %s", i.Status)
	}
	say(time.Time{})
	s.pass(time.Minute, false)
	say(s.now)
	s.pass(30*time.Second, false)
	if i := s.incidents()[0]; i.Status != incident.Ended || len(i.Episodes) != 2 {
		t.Errorf("it said its end: %s", printed(s.incidents()))
	}
	if err := s.watch.Sent(t.Context(), []Outside{{rule.Said{Labels: map[string]string{"a": "b", "empty": ""}}}}); err != nil {
		t.Error(err)
	}
	s.pass(time.Minute, false)
	if l := s.turn.book.Lamps["outside.unnamed a=b"]; l == nil || l.To != 0 {
		t.Errorf("an alert without a name lights nothing: %v", s.turn.book.Lamps)
	}
	// The valid alerts of a batch are taken, and the error says what was wrong with
	// the others.
	good := func(name string) Outside { return Outside{rule.Said{Labels: map[string]string{"alertname": name}}} }
	late := good("late")
	late.StartsAt, late.EndsAt = s.now, s.now.Add(-time.Second)
	err := s.watch.Sent(t.Context(), []Outside{good("first"), {}, late, good("last")})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "alert 2 has no label with a value; alert 3 ends before it starts") {
		t.Errorf("a batch of which half is wrong gives %v", err)
	}
	s.pass(time.Minute, false)
	for name, want := range map[string]bool{"first": true, "last": true, "late": false} {
		if l := s.turn.book.Lamps["outside."+name]; (l != nil) != want {
			t.Errorf("of a batch of which half is wrong, %s: %v", name, l)
		}
	}
	for _, list := range [][]Outside{{{}}, {{rule.Said{Labels: map[string]string{"alertname": ""}}}}, make([]Outside, maxOutside+1)} {
		if err := s.watch.Sent(t.Context(), list); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d alerts give %v", len(list), err)
		}
	}
}

// TestReleases: a release that lines bring for the first time is a deploy, once;
// one that somebody told of stays as it was told, and the first one of a service
// is none, however often the server starts.
func TestReleases(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if _, err := s.watch.Told(t.Context(), Deploy{Service: "api", Release: "1", By: "ann"}); err != nil {
		t.Fatal(err)
	}
	for _, release := range []string{"1", "1", "2", "2", "1"} {
		b := row.NewBuilder("app")
		b.Begin(s.now.UnixNano())
		for _, f := range [][2]string{{"_msg", "canonical-log-line"}, {"service", "api"}, {"release", release}} {
			b.Text([]byte(f[0]), []byte(f[1]))
		}
		b.Begin(s.now.UnixNano() + 1)
		for _, f := range [][2]string{{"_msg", "canonical-log-line"}, {"service", "shop"}, {"release", "shop-" + release}} {
			b.Text([]byte(f[0]), []byte(f[1]))
		}
		if err := s.lines.Append(t.Context(), b.Batch()); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Minute, false)
		s.crash()
	}
	list, err := s.watch.Deploys(t.Context(), 0, forever)
	if err != nil || len(list) != 3 || list[0].By != "ann" || list[0].Seen || list[1].Release != "2" || !list[1].Seen || list[2].Release != "shop-2" {
		t.Errorf("deploys are %+v, %v", list, err)
	}
}

// TestBudgets: a promise says what is left of its budget.
func TestBudgets(t *testing.T) {
	t.Parallel()
	slo, err := rule.ParseSLO("api", "50% of canonical-log-line over 1d good http_status<500")
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t, slo.Rules(nil)...)
	s.now = s.now.Add(time.Hour)
	s.errors500(10)
	s.now = s.now.Add(time.Second)
	list, err := s.watch.Budgets(t.Context())
	if err != nil || len(list) != 1 || list[0].Total != 10 || list[0].Good != 0 || list[0].Left != -1 || list[0].Burns[0].Rate != 2 {
		t.Errorf("budgets are %+v, %v", list, err)
	}
}
