package rule

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

const minute = Duration(60e9)

// TestNext walks one instance through a line of sights, a minute each: F fires,
// b between, c cleared, . no row. What comes out is the status after each:
// q quiet, p pending, F firing, N no data.
func TestNext(t *testing.T) {
	for _, c := range []struct {
		what, sights, want string
		rule               Rule
	}{
		{"at once", "cFFc", "qFFq", Rule{}},
		{"for two minutes", "FFcFFFFc", "ppqppFFq", Rule{For: 2 * minute}},
		{"keep for two minutes", "FcFcc", "FFFFq", Rule{KeepFor: 2 * minute}},
		{"between goes on but does not begin", "bFbbc", "qFFFq", Rule{}},
		{"between while pending is not enough", "FbFF", "pqpF", Rule{For: minute}},
		{"no row is clear", "F.F", "FqF", Rule{}},
		{"no row keeps", "F...c", "FFFFq", Rule{NoData: NoDataKeep}},
		{"no row keeps quiet too", "c..F", "qqqF", Rule{NoData: NoDataKeep}},
		{"no row keeps the time to keep for", "F.c.c", "FFFFq", Rule{NoData: NoDataKeep, KeepFor: 3 * minute}},
		{"no row is an alert", "c..c", "qNNq", Rule{NoData: NoDataFire, Every: minute}},
		{"no row for a while is an alert", "c...F", "qqNNp", Rule{NoData: NoDataFire, Every: minute, For: 2 * minute}},
		{"never seen is no alert", "...", "qqq", Rule{NoData: NoDataFire, Every: minute}},
	} {
		m := &Machine{Rule: &c.rule}
		s := &State{}
		got := ""
		for i, x := range c.sights {
			seen := map[rune]Sight{'F': Fires, 'b': Between, 'c': Cleared, '.': Absent}[x]
			was := s.Status.Burning()
			changed := m.Next(s, seen, int64(i+1)*int64(minute))
			if changed != (was != s.Status.Burning()) {
				t.Errorf("%s: after %s changed is %v", c.what, c.sights[:i+1], changed)
			}
			got += string("qpFN"[s.Status])
		}
		if got != c.want {
			t.Errorf("%s: %s gives %s, want %s", c.what, c.sights, got, c.want)
		}
	}
}

func condition(t *testing.T, text string) expr.Expr {
	t.Helper()
	e, err := expr.NewReader(text, nil).Expression()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// rows makes rows of route=count pairs.
func rows(counts ...any) *row.Batch {
	b := row.NewBuilder("")
	for i := 0; i < len(counts); i += 2 {
		b.BeginBare()
		b.Text([]byte("http_route"), []byte(counts[i].(string)))
		b.Value([]byte("count"), row.IntOf(int64(counts[i+1].(int))))
	}
	return b.Batch()
}

// TestStep: instances are told apart, keep their values, and leave no trace
// when all is well.
func TestStep(t *testing.T) {
	m := &Machine{
		Rule: &Rule{Name: "fails", Severity: Critical, Except: []map[string]string{{"http_route": "/health*"}}},
		Fire: condition(t, "count > 10"), Clear: condition(t, "count < 5"), By: []string{"http_route"},
	}
	states := map[string]*State{}
	changes := m.Step(states, rows("/a", 11, "/b", 3, "/healthz", 99), 1)
	if len(changes) != 1 || changes[0].Labels.String() != "http_route=/a" || changes[0].Value != 11 || changes[0].To != Firing {
		t.Fatalf("changes are %+v", changes)
	}
	if changes = m.Step(states, rows("/a", 7, "/b", 12), 2); len(changes) != 1 || changes[0].Labels.Get("http_route") != "/b" {
		t.Fatalf("/a is between and goes on, /b begins; changes are %+v", changes)
	}
	if changes = m.Step(states, rows("/a", 4), 3); len(changes) != 2 || len(states) != 0 {
		t.Fatalf("both end; changes are %+v, states %v", changes, states)
	}
}

// TestStepIsNextForEach: Step over random rows is Next over what each instance
// shows, whatever the rule, and alerts begin and end by turns.
func TestStepIsNextForEach(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		m := &Machine{
			Rule: &Rule{For: minute * Duration(r.IntN(3)), KeepFor: minute * Duration(r.IntN(3)), Every: minute, NoData: NoData(r.IntN(3))},
			Fire: condition(t, "count > 10"), Clear: condition(t, "count < 5"), By: []string{"http_route"},
		}
		together, alone, burns := map[string]*State{}, State{}, false
		for i := range 50 {
			batch, seen := rows(), Absent
			if n := r.IntN(16); n > 0 {
				batch, seen = rows("/a", n), []Sight{Between, Fires, Cleared}[b2i(n > 10)+2*b2i(n < 5)]
			}
			now := int64(i+1) * int64(minute)
			changes := m.Step(together, batch, now)
			if m.Next(&alone, seen, now) != (len(changes) == 1) {
				t.Fatalf("seed %d: step %d: %v against %+v", seed, i, changes, alone)
			}
			for _, c := range changes {
				if c.To.Burning() == burns {
					t.Fatalf("seed %d: an alert began or ended twice", seed)
				}
				burns = c.To.Burning()
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestEnd: a rule taken away ends what burns, and says why.
func TestEnd(t *testing.T) {
	m := &Machine{Rule: &Rule{Name: "fails"}, Fire: condition(t, "count > 10"), By: []string{"http_route"}}
	states := map[string]*State{}
	m.Step(states, rows("/a", 11), 1)
	changes := m.End(states, 2, "the rule was taken away")
	if len(changes) != 1 || changes[0].To != Quiet || changes[0].Reason == "" || len(states) != 0 {
		t.Errorf("changes are %+v, states %v", changes, states)
	}
}

func TestText(t *testing.T) {
	r := &Rule{Name: "fails", Labels: map[string]string{"team": "pay"}}
	labels, values := Labels{{"http_route", "/a"}}, []Pair{{"count", "11"}}
	if got := r.Text("{{http_route}}: {{ count }} for {{team}}, {{nothing}} {{open", labels, values); got != "/a: 11 for pay, {{nothing}} {{open" {
		t.Errorf("text is %q", got)
	}
	for value, want := range map[string]string{
		"0.846366": "0.846", "12.3456": "12.3", "-0.00123456": "-0.00123", "4571.49": "4571", "0.99951": "1", "12345": "12345", "0.5": "0.5",
		"1.10": "1.10", "10.0.0.1": "10.0.0.1", "5.10.1-beta": "5.10.1-beta", "": "", "2026-01-01T10:00:00.123456Z": "2026-01-01T10:00:00.123456Z",
	} {
		if got := r.Text("{{v}}", nil, []Pair{{"v", value}}); got != want {
			t.Errorf("%s is told as %s, want %s", value, got, want)
		}
	}
	if got := r.Text("{{release}}", Labels{{"release", "5.10234"}}, nil); got != "5.10234" {
		t.Errorf("a label is told as %s", got)
	}
	if got := r.Title(Labels{{"a b", `x "y"`}}, nil); !strings.HasPrefix(got, "fails ") {
		t.Errorf("title is %q", got)
	}
}
