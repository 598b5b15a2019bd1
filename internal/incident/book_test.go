package incident

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
)

const minute = int64(time.Minute)

// world is a book, and what came out of it.
type world struct {
	*Book
	incidents map[string]*Incident
	notices   []Notice
}

func newWorld(p Policy, rules ...rule.Rule) *world {
	byName := map[string]*rule.Rule{}
	for i := range rules {
		byName[rules[i].Name] = &rules[i]
	}
	return &world{Book: NewBook(p, func(name string) *rule.Rule { return byName[name] }), incidents: map[string]*Incident{}}
}

// change lets an alert begin or end, and time pass until then.
func (w *world) change(at int64, name string, severity rule.Severity, burns bool) {
	c := rule.Change{Rule: name, Severity: severity, At: at, From: rule.Firing}
	if burns {
		c.From, c.To = rule.Quiet, rule.Firing
	}
	w.Absorb(c)
	w.tick(at)
}

func (w *world) tick(at int64) {
	w.Tick(at)
	list, notices := w.Take()
	for _, i := range list {
		w.incidents[i.ID] = i
	}
	w.notices = append(w.notices, notices...)
}

func (w *world) one(t *testing.T) *Incident {
	t.Helper()
	if len(w.incidents) != 1 {
		t.Fatalf("%d incidents", len(w.incidents))
	}
	for _, i := range w.incidents {
		return i
	}
	return nil
}

func kinds(list []Notice) string {
	var out []string
	for _, n := range list {
		out = append(out, n.Kind)
	}
	return strings.Join(out, " ")
}

// TestSquareWave: 24 hours of a wave around the threshold, of whatever period
// shorter than the time to join, are one incident and two notices.
func TestSquareWave(t *testing.T) {
	for _, half := range []int64{1, 3, 7, 14} {
		w := newWorld(DefaultPolicy())
		for at := int64(0); at < 24*60; at++ {
			if at%half == 0 {
				w.change(at*minute, "api", rule.Critical, at/half%2 == 0)
			}
			w.tick(at * minute)
		}
		w.change(24*60*minute, "api", rule.Critical, false)
		w.tick((24*60 + 20) * minute)
		i := w.one(t)
		if got := kinds(w.notices); got != "opened ended" {
			t.Errorf("half a period of %d minutes: notices are %s", half, got)
		}
		if want := int((24*60 + half - 1) / half / 2); len(i.Episodes) < want || i.Status != NeedsCause {
			t.Errorf("half a period of %d minutes: %d episodes, want about %d; %s", half, len(i.Episodes), want, i.Status)
		}
		if down := i.Down(0); down < 11*time.Hour || down > 13*time.Hour {
			t.Errorf("half a period of %d minutes: down for %s", half, down)
		}
	}
}

// TestEvidence: warnings and infos that burn, or went out a short while ago,
// stand beside the incident; older ones do not.
func TestEvidence(t *testing.T) {
	w := newWorld(DefaultPolicy())
	w.change(0, "old", rule.Info, true)
	w.change(1*minute, "old", rule.Info, false)
	w.change(20*minute, "late", rule.Info, true)
	w.change(25*minute, "late", rule.Info, false)
	w.change(26*minute, "disk", rule.Warning, true)
	w.change(30*minute, "api", rule.Critical, true)
	w.change(31*minute, "cpu", rule.Info, true)
	var names []string
	for _, l := range w.one(t).Lamps {
		names = append(names, l.Rule)
	}
	if got := strings.Join(names, " "); got != "api disk late cpu" {
		t.Errorf("lamps are %s", got)
	}
	if got := kinds(w.notices); got != "opened" {
		t.Errorf("notices are %s", got)
	}
}

// TestWarnings: one that closes itself within its delay is never sent, one that
// lasts is sent once, one put off waits, one outside working hours too.
func TestWarnings(t *testing.T) {
	w := newWorld(DefaultPolicy())
	w.change(0, "disk", rule.Warning, true)
	w.change(9*minute, "disk", rule.Warning, false)
	w.tick(60 * minute)
	if len(w.notices) != 0 {
		t.Fatalf("notices are %s", kinds(w.notices))
	}
	w.change(100*minute, "disk", rule.Warning, true)
	for at := int64(100); at < 200; at++ {
		w.tick(at * minute)
	}
	if got := kinds(w.notices); got != "warning" {
		t.Errorf("notices are %s", got)
	}
	w.change(200*minute, "disk", rule.Warning, false)
	w.change(205*minute, "disk", rule.Warning, true)
	w.tick(230 * minute)
	if got := kinds(w.notices); got != "warning" {
		t.Errorf("it flaps; notices are %s", got)
	}
	w.change(300*minute, "slow", rule.Warning, true)
	w.Lamps["slow"].PutOff = 400 * minute
	w.tick(399 * minute)
	quiet := true
	w.Policy.Quiet = func(at time.Time) time.Time {
		if quiet {
			return at.Add(time.Hour)
		}
		return at
	}
	w.tick(401 * minute)
	if got := kinds(w.notices); got != "warning" {
		t.Errorf("put off, then night; notices are %s", got)
	}
	quiet = false
	if w.tick(402 * minute); kinds(w.notices) != "warning warning" {
		t.Errorf("in the morning notices are %s", kinds(w.notices))
	}
}

// TestDigest: warnings that are due at once are one notice, routed by what they
// have in common.
func TestDigest(t *testing.T) {
	var rules []rule.Rule
	for n := range 30 {
		rules = append(rules, rule.Rule{Name: fmt.Sprint("w", n), Labels: map[string]string{"team": "x", "n": fmt.Sprint(n)}})
	}
	w := newWorld(DefaultPolicy(), rules...)
	for _, r := range rules {
		w.change(0, r.Name, rule.Warning, true)
	}
	w.tick(11 * minute)
	w.tick(12 * minute)
	if len(w.notices) != 1 || w.notices[0].Kind != NoticeDigest || len(w.notices[0].Lines) != 30 {
		t.Fatalf("notices are %+v", w.notices)
	}
	if n := w.notices[0]; n.Labels["team"] != "x" || n.Labels["severity"] != "warning" || n.Labels["n"] != "" || len(n.Body()) != maxBody+1 {
		t.Errorf("the digest is %+v", n)
	}
}

// TestInfoNeverNotifies, whatever it does.
func TestInfoNeverNotifies(t *testing.T) {
	w := newWorld(DefaultPolicy())
	for at := range int64(500) {
		w.change(at*minute, "cpu", rule.Info, at%90 < 60)
	}
	if len(w.notices)+len(w.incidents) != 0 {
		t.Errorf("notices are %s", kinds(w.notices))
	}
}

// TestStorm: ten thousand alerts of two hundred rules are one incident and few
// notices.
func TestStorm(t *testing.T) {
	w := newWorld(DefaultPolicy())
	for n := range int64(10_000) {
		at := n * int64(time.Second) / 10
		w.Absorb(rule.Change{Rule: fmt.Sprint("r", n%200), Labels: rule.Labels{{Name: "host", Value: fmt.Sprint(n)}}, Severity: rule.Critical, At: at, To: rule.Firing})
		if n%500 == 0 {
			w.tick(at)
		}
	}
	w.tick(30 * minute)
	if i := w.one(t); len(w.notices) > 20 || len(i.Lamps) > maxLamps {
		t.Errorf("%d notices, %d lamps", len(w.notices), len(i.Lamps))
	}
}

// TestByLabel: with labels to tell them apart, what burns at once is several.
func TestByLabel(t *testing.T) {
	p := DefaultPolicy()
	p.By = []string{"team"}
	w := newWorld(p, rule.Rule{Name: "a", Labels: map[string]string{"team": "x"}}, rule.Rule{Name: "b", Labels: map[string]string{"team": "y"}})
	w.change(1*minute, "a", rule.Critical, true)
	w.change(2*minute, "b", rule.Critical, true)
	w.change(3*minute, "a", rule.Critical, false)
	w.change(4*minute, "a", rule.Critical, true)
	if len(w.incidents) != 2 {
		t.Errorf("%d incidents", len(w.incidents))
	}
	if w.notices[0].Labels["team"] != "x" || w.notices[1].Labels["team"] != "y" {
		t.Errorf("notices are %+v", w.notices)
	}
}

// TestLife: nobody ends an incident while it burns, and its life goes in order.
func TestLife(t *testing.T) {
	w := newWorld(DefaultPolicy())
	w.change(minute, "api", rule.Critical, true)
	i := w.one(t)
	try := func(a Act, ok bool) {
		t.Helper()
		if a.By == "" {
			a.By = "ann"
		}
		if err := i.Do(a, 99*minute); (err == nil) != ok {
			t.Errorf("%s while %s gives %v", a.Kind, i.Status, err)
		}
	}
	try(Act{Kind: "acknowledge"}, true)
	try(Act{Kind: "acknowledge", By: "bob"}, false)
	try(Act{Kind: "cause", Text: "disk"}, false)
	try(Act{Kind: "wrong", Rule: "api", Text: "too low"}, true)
	try(Act{Kind: "wrong", Rule: "no"}, false)
	if i.Status != Burning || len(i.Tasks) != 1 {
		t.Fatalf("it is %s with %d tasks", i.Status, len(i.Tasks))
	}
	w.change(10*minute, "api", rule.Critical, false)
	try(Act{Kind: "cause", Text: "disk"}, false)
	w.tick(26 * minute)
	try(Act{Kind: "class", Text: "hosting"}, false)
	try(Act{Kind: "cause", Text: ""}, false)
	try(Act{Kind: "cause", Text: "disk"}, true)
	try(Act{Kind: "follow-up"}, false)
	try(Act{Kind: "class", Text: "hosting"}, true)
	try(Act{Kind: "task", Text: "bigger disk"}, false)
	try(Act{Kind: "task", Text: "bigger disk", Owner: "bob", Due: 1}, true)
	try(Act{Kind: "task-done", Task: 1}, true)
	try(Act{Kind: "task-done", Task: 1}, false)
	try(Act{Kind: "task-done", Task: 7}, false)
	try(Act{Kind: "follow-up"}, true)
	try(Act{Kind: "end"}, false)
	try(Act{Kind: "note", Text: "x", By: " "}, false)
	if i.Status != Done || i.Down(0) != 9*time.Minute {
		t.Errorf("it is %s, down for %s", i.Status, i.Down(0))
	}
}

// TestRandomLives: whatever rules and people do, an incident burns exactly while
// something critical does, and its downtime is the sum of its episodes.
func TestRandomLives(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 2))
	for range 100 {
		w := newWorld(DefaultPolicy())
		lit := map[string]bool{}
		for at := range int64(300) {
			name := fmt.Sprint("r", r.IntN(4))
			if r.IntN(5) == 0 {
				lit[name] = !lit[name]
				w.change(at*minute, name, rule.Critical, lit[name])
			}
			w.tick(at * minute)
			burning := 0
			for _, i := range w.incidents {
				kind := []string{"cause", "class", "follow-up", "acknowledge"}[r.IntN(4)]
				if err := i.Do(Act{Kind: kind, By: "x", Text: "y"}, at*minute); err != nil && fault.KindOf(err) != fault.Conflict {
					t.Fatal(err)
				}
				if i.Status == Burning {
					burning++
				}
			}
			any := lit["r0"] || lit["r1"] || lit["r2"] || lit["r3"]
			if burning > 1 || (burning == 1) != any {
				t.Fatalf("seed %d: minute %d: %d incidents burn, alerts %v", seed, at, burning, lit)
			}
		}
	}
}

// TestNoticeAlerts: a notice has the alerts of its incident as they are when the
// step is over, those of other programs in their words, and not more than a
// receiver wants.
func TestNoticeAlerts(t *testing.T) {
	b := NewBook(Policy{Join: time.Minute, By: []string{"cluster"}}, func(string) *rule.Rule { return nil })
	said := &rule.Said{Labels: map[string]string{"alertname": "Disk", "cluster": "a"}, StartsAt: time.Unix(5, 0), Link: "http://p"}
	labels := rule.Labels{{Name: "cluster", Value: "a"}}
	b.Absorb(rule.Change{Rule: "outside.Disk", Labels: labels, Severity: rule.Critical, At: 1e10, To: rule.Firing, Said: said})
	for i := range maxAlerts + 1 {
		more := append(rule.Labels{{Name: "n", Value: fmt.Sprint(i)}}, labels...)
		b.Absorb(rule.Change{Rule: "fails", Labels: more, Severity: rule.Critical, At: 1e10, To: rule.Firing})
	}
	_, notices := b.Take()
	if len(notices) != 1 || len(notices[0].Alerts) != maxAlerts || notices[0].More != 2 || notices[0].Group["cluster"] != "a" {
		t.Fatalf("notices are %+v", notices)
	}
	if first, own := notices[0].Alerts[0], notices[0].Alerts[1]; first.From != 5e9 || first.To != 0 || first.Link != "http://p" || first.Labels["alertname"] != "Disk" ||
		own.From != 1e10 || own.Labels["alertname"] != "fails" || own.Labels["n"] != "0" || own.Annotations["summary"] == "" {
		t.Errorf("alerts are %+v and %+v", first, own)
	}
	// The end says only itself: it began when it was said first.
	last := *said
	last.StartsAt, last.EndsAt = time.Unix(9, 0), time.Unix(9, 0)
	b.Absorb(rule.Change{Rule: "outside.Disk", Labels: labels, Severity: rule.Critical, At: 2e10, To: rule.Quiet, Said: &last})
	if a := b.alert(&b.Open[0].Lamps[0]); a.From != 5e9 || a.To != 9e9 {
		t.Errorf("at its end it is %+v", a)
	}
}
