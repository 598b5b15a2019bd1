package watch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// says puts n lines into the minute before at.
func (s *scene) says(at time.Time, n int, service, msg string, more map[string]row.Value) {
	s.t.Helper()
	b := row.NewBuilder("app")
	for i := range n {
		b.Begin(at.Add(-time.Duration(i+1) * time.Minute / time.Duration(n+1)).UnixNano())
		b.Text([]byte("_msg"), []byte(msg))
		if service != "" {
			b.Text([]byte("service"), []byte(service))
		}
		for name, v := range more {
			b.Value([]byte(name), v)
		}
	}
	if err := s.lines.Append(s.t.Context(), b.Batch()); err != nil {
		s.t.Fatal(err)
	}
}

// work is a canonical line of a request.
func work(status int64, seconds float64) map[string]row.Value {
	return map[string]row.Value{"http_status": row.IntOf(status), "duration": row.FloatOf(seconds)}
}

// TestEffect: a deploy makes one service fail and slow, and brings new lines;
// traffic that doubles elsewhere is no news.
func TestEffect(t *testing.T) {
	s := newScene(t)
	at := s.now
	const line = "canonical-log-line"
	s.says(at, 200, "api", line, work(200, 0.01))
	s.says(at, 100, "worker", line, map[string]row.Value{"outcome": row.TextOf("error"), "duration": row.FloatOf(1)})
	s.says(at, 30, "api", "cache refreshed 1", nil)
	s.says(at, 3, "", "out of memory 17", nil)
	s.now = at.Add(10 * time.Minute)
	after := at.Add(2 * time.Minute)
	s.says(after, 300, "api", line, work(200, 0.01))
	s.says(after, 100, "api", line, work(503, 0.5))
	s.says(after, 200, "worker", line, map[string]row.Value{"outcome": row.TextOf("ok"), "duration": row.FloatOf(1)})
	s.says(after, 60, "api", "cache refreshed 2", nil)
	s.says(after, 40, "", "out of memory 99", nil)
	s.says(after, 5, "api", "no such column: x7", nil)
	if _, err := s.watch.Told(t.Context(), Deploy{Service: "api", Release: "2", At: at.UnixNano()}); err != nil {
		t.Fatal(err)
	}
	e, err := s.watch.Effect(t.Context(), "api", "2", DefaultSpan)
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(e.After.To - e.After.From); got != 10*time.Minute {
		t.Errorf("after is %s long", got)
	}
	want := "[{api {200 0 0.01} {400 100 0.5}} {worker {100 100 1} {200 0 1}}]"
	if got := fmt.Sprint(e.Services); got != want {
		t.Errorf("services\n%s, want\n%s", got, want)
	}
	var lines []string
	for _, c := range e.Patterns {
		lines = append(lines, fmt.Sprintf("%s: %s %d %d", c.Service, c.Pattern, c.Before, c.After))
	}
	if got, want := strings.Join(lines, "\n"), "api: no such column: x<n> 0 5\n: out of memory <n> 3 40"; got != want {
		t.Errorf("patterns\n%s\nwant\n%s", got, want)
	}

	// What comes behind the next deploy of the service is not of this one.
	if _, err := s.watch.Told(t.Context(), Deploy{Service: "api", Release: "3", At: at.Add(30 * time.Second).UnixNano()}); err != nil {
		t.Fatal(err)
	}
	if e, err = s.watch.Effect(t.Context(), "api", "2", DefaultSpan); err != nil || len(e.Notes) != 1 || e.Services[0].After.Requests != 0 {
		t.Errorf("with a deploy behind it: %v %+v", err, e)
	}
}

// TestEffectErrors: a deploy that nobody told of, and lengths that compare
// nothing, are named.
func TestEffectErrors(t *testing.T) {
	s := newScene(t)
	if _, err := s.watch.Effect(t.Context(), "api", "1", DefaultSpan); fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "api 1") {
		t.Errorf("an unknown deploy: %v", err)
	}
	for _, over := range []time.Duration{0, time.Second, 25 * time.Hour} {
		if _, err := s.watch.Effect(t.Context(), "api", "1", over); fault.KindOf(err) != fault.Invalid {
			t.Errorf("over %s: %v", over, err)
		}
	}
	// A deploy of the future, and one without lines, have nothing to compare.
	for _, at := range []time.Time{s.now.Add(time.Hour), s.now.Add(-time.Hour)} {
		if _, err := s.watch.Told(t.Context(), Deploy{Service: "api", Release: "1", At: at.UnixNano()}); err != nil {
			t.Fatal(err)
		}
		e, err := s.watch.Effect(t.Context(), "api", "1", DefaultSpan)
		if err != nil || len(e.Patterns) != 0 || fmt.Sprint(e.Services) != "[{api {0 0 0} {0 0 0}}]" {
			t.Errorf("at %s: %+v, %v", at, e, err)
		}
	}
}
