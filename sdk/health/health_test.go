package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
)

// dependency is a thing that can be up, down or hang.
type dependency struct{ err atomic.Pointer[error] }

func (d *dependency) set(err error) { d.err.Store(&err) }
func (d *dependency) ask(context.Context) error {
	if err := d.err.Load(); err != nil {
		return *err
	}
	return nil
}

// asked gives the status and body of one request from this machine.
func asked(h *Health, target string, header ...string) (int, string) {
	r := httptest.NewRequest("GET", target, nil)
	r.RemoteAddr = "127.0.0.1:1"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func mustAdd(t *testing.T, h *Health, checks ...Check) {
	t.Helper()
	for _, c := range checks {
		if err := h.Add(c); err != nil {
			t.Fatal(err)
		}
	}
}

// running runs h within a bubble until the test ends.
func running(t *testing.T, h *Health) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
}

func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db, cache dependency
		h := New(Options{Service: "shop", Release: "7"})
		mustAdd(t, h, Check{Name: "db", Run: db.ask, Fails: 1}, Check{Name: "cache", Run: cache.ask, Warn: true, Fails: 1},
			Check{Name: "loop", Probe: Live, Run: func(context.Context) error { return nil }})
		for _, c := range []struct {
			target string
			status int
			body   string
		}{
			{"/readyz", 503, "[-]db failed: not checked yet\n[~]cache failed, not needed: not checked yet\nreadyz check failed\n"},
			{"/livez", 200, "ok"},
			{"/livez?verbose", 200, "[+]loop not checked yet\nlivez check passed\n"},
		} {
			if status, body := asked(h, c.target); status != c.status || body != c.body {
				t.Errorf("before: %s answers %d %q, want %d %q", c.target, status, body, c.status, c.body)
			}
		}
		running(t, h)
		cache.set(errors.New("dial tcp: refused\nand so on"))
		time.Sleep(20 * time.Second)
		for _, c := range []struct {
			target string
			status int
			body   string
		}{
			{"/readyz", 200, "ok"},
			{"/some/prefix/readyz?verbose", 200, "[+]db ok\n[~]cache failed, not needed: dial tcp: refused and so on\nreadyz check passed\n"},
			{"/healthz?verbose=1&exclude=cache", 200, "[+]db ok\n[+]cache excluded: ok\n[+]loop ok\nhealthz check passed\n"},
			{"/readyz/db", 200, "ok"}, {"/readyz/loop", 404, "no such check\n"}, {"/readyzz", 404, "404 page not found\n"},
		} {
			if status, body := asked(h, c.target); status != c.status || body != c.body {
				t.Errorf("up: %s answers %d %q, want %d %q", c.target, status, body, c.status, c.body)
			}
		}
		db.set(errors.New("password of admin refused"))
		time.Sleep(20 * time.Second)
		for _, c := range []struct {
			target string
			header []string
			status int
			body   string
		}{
			{"/readyz", nil, 503, "[-]db failed: password of admin refused\n[~]cache failed, not needed: dial tcp: refused and so on\nreadyz check failed\n"},
			{"/readyz", []string{"X-Forwarded-For", "8.8.8.8"}, 503, "[-]db failed: reason withheld\n[~]cache failed, not needed: reason withheld\nreadyz check failed\n"},
			{"/readyz?exclude=db&exclude=none", nil, 200, "okwarn: some checks of exclude are not known\n"},
			{"/readyz/db", []string{"Via", "proxy"}, 503, "[-]db failed: reason withheld\nreadyz check failed\n"},
			{"/livez", nil, 200, "ok"},
		} {
			if status, body := asked(h, c.target, c.header...); status != c.status || body != c.body {
				t.Errorf("down: %s answers %d %q, want %d %q", c.target, status, body, c.status, c.body)
			}
		}
		_, body := asked(h, "/readyz", "Accept", "application/health+json")
		var told struct {
			Status, ServiceID string
			Checks            map[string][]struct{ Status, Output string }
		}
		if err := json.Unmarshal([]byte(body), &told); err != nil || told.Status != "fail" || told.ServiceID != "shop" ||
			told.Checks["db"][0].Output != "password of admin refused" || told.Checks["cache"][0].Status != "warn" {
			t.Errorf("as JSON, %v: %s", err, body)
		}
	})
}

func TestHysteresis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db dependency // asked by nobody: the test says what it answers
		var changes []string
		var said []string
		h := New(Options{
			Changed: func(c Change) { changes = append(changes, fmt.Sprint(c.Probe, " ", c.Check, " ", c.Up)) },
			Writer:  notice.New(func(line []byte) { said = append(said, string(line)) }, nil),
		})
		mustAdd(t, h, Check{Name: "db", Run: db.ask, Every: 10 * time.Second, Fails: 3, Passes: 2})
		one := h.list()[0]
		for round, c := range []struct {
			err error
			up  bool
		}{{nil, true}, {errStuck, true}, {errStuck, true}, {nil, true}, {errStuck, true}, {errStuck, true}, {errStuck, false}, {nil, false}, {nil, true}} {
			one.settle(h, c.err)
			if up := h.Up(Ready); up != c.up {
				t.Fatalf("after round %d ready is %v, want %v", round, up, c.up)
			}
		}
		want := "readyz db true|readyz  true|healthz  true|readyz db false|readyz  false|healthz  false|readyz db true|readyz  true|healthz  true"
		if got := strings.Join(changes, "|"); !strings.HasSuffix(got, want) {
			t.Errorf("changes are %s, want %s", got, want)
		}
		if len(said) != len(changes) || !strings.Contains(said[0], `"kind":"health"`) {
			t.Errorf("%d changes, %d notices", len(changes), len(said))
		}
	})
}

func TestTimeoutsAndStuckChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, runs := make(chan struct{}), new(atomic.Int64)
		h := New(Options{})
		mustAdd(t, h, Check{Name: "db", Fails: 1, Timeout: time.Second, Run: func(context.Context) error {
			runs.Add(1)
			<-release // deaf to its context
			return nil
		}}, Check{Name: "boom", Fails: 1, Run: func(context.Context) error { panic("nil map") }})
		running(t, h)
		time.Sleep(2 * time.Second)
		if _, body := asked(h, "/readyz"); !strings.Contains(body, "db failed: no answer within 1s") || !strings.Contains(body, "boom failed: panic: nil map") {
			t.Errorf("got %s", body)
		}
		time.Sleep(30 * time.Second)
		if _, body := asked(h, "/readyz"); !strings.Contains(body, "db failed: stuck for ") || runs.Load() != 1 {
			t.Errorf("after %d runs: %s", runs.Load(), body)
		}
		close(release)
		time.Sleep(25 * time.Second)
		if status, body := asked(h, "/readyz/db"); status != 200 || runs.Load() < 2 {
			t.Errorf("once it returned, after %d runs: %d %s", runs.Load(), status, body)
		}
	})
}

func TestStartupIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cache dependency
		var runs atomic.Int64
		cache.set(errors.New("cold"))
		h := New(Options{Status: 500})
		mustAdd(t, h, Check{Name: "cache", Probe: Startup, Every: time.Second, Run: func(ctx context.Context) error { runs.Add(1); return cache.ask(ctx) }})
		running(t, h)
		time.Sleep(5 * time.Second)
		for _, target := range []string{"/startupz", "/readyz"} {
			if status, body := asked(h, target); status != 500 || !strings.Contains(body, "cold") {
				t.Errorf("%s while starting: %d %s", target, status, body)
			}
		}
		if status, _ := asked(h, "/livez"); status != 200 {
			t.Errorf("while starting it does not live: %d", status)
		}
		cache.set(nil)
		time.Sleep(5 * time.Second)
		after := runs.Load()
		cache.set(errors.New("cold again"))
		time.Sleep(time.Minute)
		if runs.Load() != after || !h.Up(Startup) || !h.Up(Ready) {
			t.Errorf("after it started: %d runs more, up %v", runs.Load()-after, h.Up(Startup))
		}
	})
}

func TestBeatAndDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{})
		beat, err := h.Beat("loop", 30*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		running(t, h)
		for range 10 {
			time.Sleep(20 * time.Second)
			beat.Tick()
			if !h.Up(Live) {
				t.Fatal("it beats and does not live")
			}
		}
		time.Sleep(45 * time.Second)
		if status, body := asked(h, "/livez"); status != 503 || !strings.Contains(body, "no beat for") {
			t.Errorf("without a beat: %d %s", status, body)
		}
		begun := time.Now()
		if err := h.Drain(t.Context(), 5*time.Second); err != nil || time.Since(begun) != 5*time.Second {
			t.Errorf("drained %v after %v", err, time.Since(begun))
		}
		if status, body := asked(h, "/readyz"); status != 503 || !strings.Contains(body, "draining") {
			t.Errorf("while draining: %d %s", status, body)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := h.Drain(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("a drain nobody waits for: %v", err)
		}
	})
}

func TestWrongChecks(t *testing.T) {
	h := New(Options{})
	fine := func(context.Context) error { return nil }
	mustAdd(t, h, Check{Name: "db", Run: fine})
	for _, c := range []Check{{Name: "db", Run: fine}, {Name: "", Run: fine}, {Name: "x"}, {Name: "a b\n", Run: fine}, {Name: "x", Run: fine, Probe: Overall}} {
		if h.Add(c) == nil {
			t.Errorf("%+v is taken", c.Name)
		}
	}
	r := httptest.NewRequest("POST", "/readyz", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 405 {
		t.Errorf("POST is answered %d", w.Code)
	}
}

func TestMetrics(t *testing.T) {
	h := New(Options{})
	mustAdd(t, h, Check{Name: "db", Run: func(context.Context) error { return nil }})
	want := `# HELP health_up Whether a probe passes.
# TYPE health_up gauge
health_up{probe="readyz"} 0
health_up{probe="livez"} 1
health_up{probe="startupz"} 1
health_up{probe="healthz"} 0
# HELP health_check_up Whether a check passes.
# TYPE health_check_up gauge
health_check_up{check="db",probe="readyz"} 0
`
	if got := string(new(metric.Text).Page(h)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// silentWriter costs nothing, so that what the handler does is seen.
type silentWriter struct {
	header http.Header
	status int
}

func (w *silentWriter) Header() http.Header         { return w.header }
func (w *silentWriter) WriteHeader(status int)      { w.status = status }
func (w *silentWriter) Write(b []byte) (int, error) { return len(b), nil }

func TestReadyzAllocatesNothing(t *testing.T) {
	h := New(Options{})
	w, r := &silentWriter{header: http.Header{}}, httptest.NewRequest("GET", "/readyz", nil)
	if n := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }); n > 0 {
		t.Errorf("an answer allocates %v times", n)
	}
}

func BenchmarkReadyz(b *testing.B) {
	h := New(Options{})
	_ = h.Add(Check{Name: "db", Run: func(context.Context) error { return nil }})
	h.list()[0].settle(h, nil)
	w, r := &silentWriter{header: http.Header{}}, httptest.NewRequest("GET", "/readyz", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
	if w.status != 200 {
		b.Fatal(w.status)
	}
}
