package status

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
)

type answer struct{ Proto, Class string }

type proxy struct {
	ClientReqServed  Counter `help:"Requests served."`
	ClientConnActive Gauge
	HTTPServed       Counter
	Mode             State
	Answers          CounterVec[answer]
}

// clock is a wall clock that a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)} }

func filled(t *testing.T) (*Set, *proxy, *clock) {
	t.Helper()
	c, p := newClock(), new(proxy)
	s, err := New("PROXY_STATE", p, Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	p.ClientReqServed.Add(42)
	p.ClientConnActive.Inc()
	p.ClientConnActive.Add(-3)
	p.Mode.Set("a \"b\"\n")
	p.Answers.With(answer{"h2", "5xx"}).Add(3)
	p.Answers.With(answer{"{,", ""}).Inc()
	return s, p, c
}

func golden(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The files are written by hand, after what BFE documents of its monitor.
func TestFormats(t *testing.T) {
	s, _, c := filled(t)
	c.Time = c.Add(20 * time.Second)
	for _, g := range []struct {
		snapshot Snapshot
		format   string
		file     string
	}{
		{s.All(), "", "total.json"}, {s.All(), "json", "total.json"}, {s.Diff(), "json", "diff.json"},
		{s.All(), "kv", "total.kv"}, {s.All(), "noah", "total.kv"}, {s.Diff(), "kv", "diff.kv"},
		{s.All(), "kv_with_program_name", "total.kv_with_program_name"},
		{s.All(), "prometheus", "total.prometheus"}, {s.Diff(), "prometheus", "diff.prometheus"},
		{s.All(), "openmetrics", "total.openmetrics"},
	} {
		body, _, err := g.snapshot.Format(g.format, "bfe")
		if want := golden(t, g.file); err != nil || string(body) != want {
			t.Errorf("%s as %q, error %v:\n%s\nwant %s:\n%s", g.snapshot.Kind, g.format, err, body, g.file, want)
		}
	}
	if _, _, err := s.All().Format("xml", ""); err == nil {
		t.Error("an unknown format is taken")
	}
}

func TestTree(t *testing.T) {
	s, _ := New("", nil, Options{})
	s.Counter("op.read").Add(1)
	s.Counter("op.write").Add(2)
	s.Counter("op.write.big").Add(3)
	s.Counter("all").Add(6)
	body, _, _ := s.All().Format("hier_json", "")
	if want := golden(t, "total.hier_json"); string(body) != want {
		t.Errorf("got %s want %s", body, want)
	}
}

// What Prometheus scrapes of a set is what its snapshot says.
func TestScrapeIsTheSnapshot(t *testing.T) {
	s, _, _ := filled(t)
	var text metric.Text
	if got, want := string(text.Page(s)), golden(t, "total.prometheus"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNames(t *testing.T) {
	for field, want := range map[string][2]string{
		"HTTPServed":               {"HTTP_SERVED", "H_T_T_P_SERVED"},
		"ClientConnUse100Continue": {"CLIENT_CONN_USE100_CONTINUE", "CLIENT_CONN_USE100_CONTINUE"},
	} {
		if got := [2]string{Words(field), Capitals(field)}; got != want {
			t.Errorf("%s is spelt %v, want %v", field, got, want)
		}
	}
}

func TestDiffIsOfOneWindow(t *testing.T) {
	s, p, c := filled(t)
	served := func() int64 { n, _ := s.Diff().Counter("CLIENT_REQ_SERVED"); return n }
	c.Time = c.Add(19 * time.Second)
	if n := served(); n != 0 {
		t.Errorf("before a window closed it grew by %d", n)
	}
	c.Time = c.Add(time.Second)
	p.HTTPServed.Inc()
	if n := served(); n != 42 {
		t.Errorf("the first window grew by %d, want 42", n)
	}
	late := s.Counter("Late") // came within the second window
	late.Add(5)
	p.ClientReqServed.Add(8)
	p.Answers.With(answer{"new", ""}).Add(9)
	c.Time = c.Add(20 * time.Second)
	d := s.Diff()
	if n, _ := d.Counter("LATE"); n != 5 || served() != 8 {
		t.Errorf("the second window grew by %d and %d, want 5 and 8", n, served())
	}
	if _, told := d.Gauge("CLIENT_CONN_ACTIVE"); told {
		t.Error("a gauge has grown")
	}
	c.Time = c.Add(10 * time.Minute)
	if d := s.Diff(); served() != 0 || d.To.Sub(d.From) != 10*time.Minute {
		t.Errorf("after idling it grew by %d from %v to %v", served(), d.From, d.To)
	}
}

func TestWrongStructs(t *testing.T) {
	type labels struct{ P *int }
	for name, vars := range map[string]any{
		"no pointer": proxy{}, "no struct": new(int), "nil": (*proxy)(nil),
		"no variable": &struct{ N int }{}, "pointer": &struct{ C *Counter }{}, "labels": &struct{ V CounterVec[labels] }{},
		"cap": &struct {
			V CounterVec[answer] `max:"many"`
		}{},
		"twice": &struct {
			A Counter `name:"X"`
			B Gauge   `name:"X"`
		}{},
		"hidden": &struct{ served Counter }{}, "nil func": &struct{ F Func }{},
	} {
		if _, err := New("x", vars, Options{}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

type Embedded struct{ Lost Counter }

func TestNestedStructs(t *testing.T) {
	type cache struct{ Hits Counter }
	var vars struct {
		Cache cache
		Embedded
	}
	s, err := New("shop", &vars, Options{})
	if err != nil {
		t.Fatal(err)
	}
	vars.Cache.Hits.Inc()
	vars.Lost.Inc()
	for _, name := range []string{"CACHE_HITS", "LOST"} {
		if n, ok := s.All().Counter(name); n != 1 || !ok {
			t.Errorf("%s is %d, %v", name, n, ok)
		}
	}
}

func TestNilAndForeignNames(t *testing.T) {
	var c *Counter
	var g *Gauge
	var s *State
	var l *Level
	c.Inc()
	g.Dec()
	s.Set("x")
	l.Set(1)
	if c.Value() != 0 || g.Value() != 0 || s.Value() != "" || l.Value() != 0 {
		t.Error("nil variables hold something")
	}
	set, _ := New("", nil, Options{})
	set.Gauge("n").Set(3)
	set.Counter("n").Inc()
	if n, _ := set.All().Gauge("N"); n != 3 {
		t.Errorf("the gauge is %d after a counter of its name counted", n)
	}
	if !set.Func("f", func() int64 { return 7 }) || set.Func("f", nil) {
		t.Error("a func takes a name twice, or not at all")
	}
}

// BFE's crashes here, after three seconds.
func TestVariablesAreMadeWhileOthersRead(t *testing.T) {
	s, _ := New("dyn", nil, Options{Every: time.Nanosecond})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i := range 300 {
				s.Counter("c" + string(rune('a'+i%200))).Inc()
				s.State("s").Set("x")
				if i%10 == 0 {
					s.All()
					s.Diff()
					new(metric.Text).Page(s)
				}
			}
		})
	}
	wait.Wait()
	var sum int64
	all := s.All()
	for i := range all.values {
		sum += all.values[i].n
	}
	if sum != 4*300 {
		t.Errorf("%d counted, want %d", sum, 4*300)
	}
}

func TestCounterLosesNothing(t *testing.T) {
	var c Counter
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 10000 {
				c.Inc()
				if i == 5000 {
					c.spread() // as if another had come between
				}
			}
		})
	}
	wait.Wait()
	if n := c.Value(); n != 8*10000 {
		t.Errorf("counted %d, want %d", n, 8*10000)
	}
}

func TestBoardSaysEachWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []string
		b := NewBoard(notice.New(func(line []byte) { said = append(said, string(line)) }, nil), nil)
		p := new(proxy)
		s, err := New("PROXY", p, Options{})
		if err != nil || b.Join(s) != nil {
			t.Fatal(err)
		}
		if b.Join(s) == nil {
			t.Error("the same names join twice")
		}
		ctx, cancel := context.WithCancel(t.Context())
		go b.Run(ctx)
		p.ClientReqServed.Add(2)
		p.Answers.With(answer{"h2", "5xx"}).Add(3)
		time.Sleep(21 * time.Second)
		p.ClientReqServed.Add(1)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if len(said) != 3 {
			t.Fatalf("said %d lines, want a series and two of status:\n%s", len(said), strings.Join(said, "\n"))
		}
		for i, want := range []map[string]any{
			{"kind": "series", "set": "proxy", "proto": "h2", "class": "5xx", "answers": 3.0, "answers_diff": 3.0},
			{"kind": "status", "set": "proxy", "client_req_served": 2.0, "client_req_served_diff": 2.0, "client_conn_active": 0.0, "mode": ""},
			{"kind": "status", "client_req_served": 3.0, "client_req_served_diff": 1.0, "window": 20.0},
		} {
			var got map[string]any
			if err := json.Unmarshal([]byte(said[i]), &got); err != nil {
				t.Fatalf("%s: %v", said[i], err)
			}
			for key, v := range want {
				if got[key] != v {
					t.Errorf("line %d has %s %v, want %v", i, key, got[key], v)
				}
			}
		}
	})
}

// Whatever a state or a label holds, every line of pairs is one, and JSON is JSON.
func FuzzFormats(f *testing.F) {
	f.Add("a\nb: 1", "\xff\"")
	f.Fuzz(func(t *testing.T, state, label string) {
		s, p, _ := filled(t)
		p.Mode.Set(state)
		p.Answers.With(answer{label, label}).Inc()
		s.Counter(label).Inc()
		for _, format := range []string{"json", "hier_json"} {
			if body, _, _ := s.All().Format(format, ""); !json.Valid(body) {
				t.Errorf("%s is not JSON: %s", format, body)
			}
		}
		body, _, _ := s.All().Format("kv", "")
		lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
		if len(lines) < 7 || len(lines) > 8 {
			t.Errorf("%d lines:\n%s", len(lines), body)
		}
		for _, line := range lines {
			if !strings.HasPrefix(line, "PROXY_STATE_") || !strings.Contains(line, ": ") {
				t.Errorf("a line %q", line)
			}
		}
	})
}
