package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/notice"
	"github.com/plumbline/plumbline/sdk/profile"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

type proxy struct {
	ReqServed status.Counter
	Mode      status.State
}

// made is a monitor with something on every page.
func made(t *testing.T, o Options) (*Monitor, *proxy) {
	t.Helper()
	o.Name, o.Health, o.Tracer = "bfe", health.New(health.Options{}), trace.New(trace.Options{})
	o.Level = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method) })
	o.Profiles = profile.Pages()
	m, p := New(o), new(proxy)
	set, err := status.New("PROXY_STATE", p, status.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{m.Status(set), m.Delay(delay.New("proxy_delay", delay.Options{}))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return m, p
}

// ask sends one request, from this machine unless told otherwise; the header is
// given in pairs.
func ask(m *Monitor, method, target string, header ...string) (int, string) {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost:8421"
	for i := 0; i < len(header); i += 2 {
		switch header[i] {
		case "from":
			r.RemoteAddr = header[i+1] + ":1"
		case "Host":
			r.Host = header[i+1]
		default:
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestPages(t *testing.T) {
	m, p := made(t, Options{})
	p.ReqServed.Inc()
	p.Mode.Set("<script>")
	for _, c := range []struct {
		target string
		status int
		has    string
	}{
		{"/", 200, `<a href="monitor">`},
		{"/monitor", 200, `<a href="monitor/proxy_state_diff">proxy_state_diff</a>`},
		{"/monitor/", 200, `<a href="proxy_delay">`},
		{"/monitor/proxy_state", 200, `"CounterData":{"REQ_SERVED":1}`},
		{"/monitor/proxy_state?format=kv", 200, "PROXY_STATE_REQ_SERVED: 1\n"},
		{"/monitor/proxy_state?format=kv_with_program_name", 200, "bfe.PROXY_STATE_REQ_SERVED:1\n"},
		{"/monitor/proxy_state_diff?format=noah", 200, "PROXY_STATE_diff_REQ_SERVED: 0\n"},
		{"/monitor/proxy_state?format=prometheus", 200, "proxy_state_req_served_total 1\n"},
		{"/monitor/proxy_state?format=xml", 400, `{"error":"unknown format \"xml\"`},
		{"/monitor/proxy_delay", 200, `"KeyPrefix":"proxy_delay"`},
		{"/monitor/mem_stat?format=kv", 200, "LastPauseNs:"}, {"/monitor/mem_stat", 200, `"HeapAlloc"`}, {"/monitor/mem_stat?format=x", 400, "unknown"},
		{"/monitor/none", 404, `{"error":"no such page"}`},
		{"/metrics", 200, "proxy_state_req_served_total 1\n"}, {"/metrics", 200, "go_goroutines "}, {"/metrics", 200, `health_up{probe="livez"} 1`},
		{"/metrics?format=openmetrics", 200, "# EOF\n"},
		{"/reload", 200, "history"}, {"/reload/", 200, "history"}, {"/livez", 200, "ok"}, {"/readyz?verbose", 200, "readyz check passed"},
		{"/debug/requests", 200, "family"}, {"/debug/events", 200, "family"}, {"/log/level", 200, "GET"},
		{"/debug/pprof/", 200, "goroutine?debug=1"}, {"/debug/pprof/goroutine?debug=1", 200, "goroutine profile"},
		{"/debug/build", 200, "path"}, {"/nothing", 404, "not found"},
	} {
		if status, body := ask(m, "GET", c.target); status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s is answered %d, want %d with %s:\n%s", c.target, status, c.status, c.has, body)
		}
	}
}

func TestOwnPages(t *testing.T) {
	m := New(Options{})
	for name, f := range map[string]PageFunc{
		"a/b": JSON(func() any { return []string{"<x>"} }), "fails": func(url.Values) ([]byte, string, error) { return nil, "", errors.New(`no "disk"`) },
		"refuses": func(url.Values) ([]byte, string, error) { return nil, "", &Refusal{409, errors.New("later")} },
		"panics":  func(url.Values) ([]byte, string, error) { panic("nil map") }, "text": Text(func() string { return "plain" }),
		"wrong": JSON(func() any { return func() {} }),
	} {
		if err := m.Page(name, f); err != nil {
			t.Error(err)
		}
	}
	if m.Page("text", nil) == nil {
		t.Error("a name is taken twice")
	}
	for target, want := range map[string]string{"a_b": "200 [\"\\u003cx\\u003e\"]\n", "text": "200 plain", "fails": "500 {\"error\":\"no \\\"disk\\\"\"}\n",
		"refuses": "409 {\"error\":\"later\"}\n", "panics": "500 {\"error\":\"panic: nil map\"}\n"} {
		status, body := ask(m, "GET", "/monitor/"+target)
		if got := http.StatusText(status); got == "" || strings.TrimSpace(want[4:]) != strings.TrimSpace(body) || want[:3] != itoa(status) {
			t.Errorf("%s is answered %d %s, want %s", target, status, body, want)
		}
	}
	if status, body := ask(m, "GET", "/monitor/wrong"); status != 500 || !json.Valid([]byte(body)) {
		t.Errorf("a value that is no JSON is answered %d %s", status, body)
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestAccess(t *testing.T) {
	m, _ := made(t, Options{Tokens: map[string]Level{"v": View, "s": Sensitive, "w": Write, "": Write}, Hosts: []string{"ops.example"}})
	if err := m.Reload(Reload{Name: "r", Run: func(context.Context, *Call) (string, error) { return "", nil }}); err != nil {
		t.Fatal(err)
	}
	const far = "8.8.8.8"
	for _, c := range []struct {
		method, target string
		header         []string
		status         int
	}{
		{"GET", "/metrics", nil, 200},
		{"GET", "/metrics", []string{"from", far}, 403},
		{"GET", "/metrics", []string{"from", far, "Authorization", "Bearer "}, 403},
		{"GET", "/metrics", []string{"from", far, "Authorization", "Bearer x"}, 403},
		{"GET", "/metrics", []string{"from", far, "Authorization", "Bearer v"}, 200},
		{"GET", "/debug/pprof/heap", []string{"from", far, "Authorization", "Bearer s"}, 403},
		{"GET", "/debug/pprof/heap", []string{"from", far, "Authorization", "Bearer w"}, 200},
		{"PUT", "/log/level", []string{"from", far, "Authorization", "Bearer v"}, 403},
		{"PUT", "/log/level", []string{"from", far, "Authorization", "Bearer w"}, 200},
		{"POST", "/reload/r", []string{"from", far, "Authorization", "Bearer s"}, 403},
		{"POST", "/reload/r", []string{"from", far, "Authorization", "Bearer w"}, 200},
		// A proxy on this machine brings callers from anywhere.
		{"GET", "/metrics", []string{"X-Forwarded-For", far}, 403},
		{"GET", "/metrics", []string{"Forwarded", "for=" + far}, 403},
		// A browser on this machine is led here by somebody's name or page.
		{"GET", "/metrics", []string{"Host", "evil.example"}, 403},
		{"GET", "/metrics", []string{"Host", "ops.example"}, 200},
		{"GET", "/metrics", []string{"Host", "[::1]:8421"}, 200},
		{"POST", "/reload/r", []string{"Origin", "https://evil.example"}, 403},
		{"POST", "/reload/r", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"POST", "/reload/r", nil, 200},
		{"GET", "/reload/r", nil, 405},
	} {
		if status, body := ask(m, c.method, c.target, c.header...); status != c.status {
			t.Errorf("%s %s with %q is answered %d, want %d: %s", c.method, c.target, c.header, status, c.status, body)
		}
	}
	own := New(Options{Access: func(*http.Request) Level { return None }})
	if status, _ := ask(own, "GET", "/metrics"); status != 403 {
		t.Errorf("an own decision is not heeded: %d", status)
	}
}

func TestReloadByGet(t *testing.T) {
	m := New(Options{ReloadByGet: true, Tokens: map[string]Level{"w": Write}})
	runs := 0
	_ = m.Reload(Reload{Name: "r", Run: func(context.Context, *Call) (string, error) { runs++; return "f1=v1", nil }})
	if status, body := ask(m, "GET", "/reload/r"); status != 200 || !strings.HasPrefix(body, `{"error":null,"version":"f1=v1","took_ms":`) {
		t.Errorf("%d %s", status, body)
	}
	for _, header := range [][]string{{"Origin", "null"}, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Mode", "navigate"}, {"Referer", "x"},
		{"from", "8.8.8.8", "Authorization", "Bearer w"}} {
		if status, _ := ask(m, "GET", "/reload/r", header...); status != 405 {
			t.Errorf("with %q it is answered %d", header, status)
		}
	}
	if runs != 1 {
		t.Errorf("it ran %d times", runs)
	}
}

func TestReloads(t *testing.T) {
	var said []string
	m := New(Options{Writer: notice.New(func(line []byte) { said = append(said, string(line)) }, nil)})
	for _, r := range []Reload{
		{Name: "fails", Run: func(context.Context, *Call) (string, error) { return "", errors.New("line 3: <no>") }},
		{Name: "panics", Run: func(context.Context, *Call) (string, error) { panic("nil map") }},
		{Name: "tries", DryRun: true, Run: func(_ context.Context, c *Call) (string, error) {
			if c.DryRun {
				return "tried", nil
			}
			return "done", nil
		}},
	} {
		if err := m.Reload(r); err != nil {
			t.Error(err)
		}
	}
	if m.Reload(Reload{Name: "fails", Run: func(context.Context, *Call) (string, error) { return "", nil }}) == nil || m.Reload(Reload{Name: "x"}) == nil {
		t.Error("a reload without a name of its own, or nothing to run, is taken")
	}
	for _, c := range []struct {
		target string
		status int
		has    string
	}{
		{"fails", 500, `{"error":"line 3: <no>","took_ms":`}, {"panics", 500, `{"error":"panic: nil map"`}, {"tries", 200, `"version":"done"`},
		{"tries?dry_run=1", 200, `"version":"tried"`}, {"fails?dry_run=1", 400, "cannot be tried"}, {"none", 404, "no such reload"},
	} {
		if status, body := ask(m, "POST", "/reload/"+c.target); status != c.status || !strings.Contains(body, c.has) || !json.Valid([]byte(body)) {
			t.Errorf("%s is answered %d %s", c.target, status, body)
		}
	}
	_, body := ask(m, "GET", "/monitor/reload_history")
	var history []map[string]any
	if err := json.Unmarshal([]byte(body), &history); err != nil || len(history) != 4 || history[0]["version"] != "tried" || history[0]["dry_run"] != true || history[3]["error"] != "line 3: <no>" {
		t.Errorf("%v: %s", err, body)
	}
	if len(said) != 4 || !strings.Contains(said[0], `"kind":"reload"`) {
		t.Errorf("%d notices", len(said))
	}
	for range 2 * historyReloads {
		ask(m, "POST", "/reload/tries")
	}
	if n := len(m.history.done); n != historyReloads {
		t.Errorf("the history remembers %d", n)
	}
}

func TestOneReloadAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, release := New(Options{}), make(chan struct{})
		_ = m.Reload(Reload{Name: "slow", Timeout: time.Minute, Run: func(ctx context.Context, _ *Call) (string, error) { <-release; return "", nil }})
		first := make(chan int)
		go func() { status, _ := ask(m, "POST", "/reload/slow"); first <- status }()
		synctest.Wait()
		if status, _ := ask(m, "POST", "/reload/slow"); status != 409 {
			t.Errorf("a second one meanwhile is answered %d", status)
		}
		if status := <-first; status != 500 {
			t.Errorf("one that hangs is answered %d", status)
		}
		if status, _ := ask(m, "POST", "/reload/slow"); status != 409 {
			t.Errorf("while it hangs on another is answered %d", status)
		}
		close(release)
		synctest.Wait()
		if status, _ := ask(m, "POST", "/reload/slow"); status != 200 {
			t.Errorf("afterwards it is answered %d", status)
		}
	})
}

func TestFilesAreConfined(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	dir := t.TempDir()
	for path, content := range map[string]string{outside: "secret", filepath.Join(dir, "rules.json"): `["a"]`, filepath.Join(dir, "broken.json"): `[`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	var rules atomic.Pointer[[]string]
	parse := func(b []byte) (*[]string, error) { v := new([]string); return v, json.Unmarshal(b, v) }
	m := New(Options{Dir: dir})
	if err := m.Reload(File("rules", "rules.json", parse, &rules)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query  string
		status int
	}{
		{"?dry_run=1", 200}, {"?path=broken.json", 500}, {"?path=none.json", 404}, {"?path=.", 400},
		{"?path=" + url.QueryEscape(outside), 403}, {"?path=../" + filepath.Base(filepath.Dir(outside)) + "/secret", 403},
		{"?path=link", 403}, {"?path=a/../../x", 404}, {"?path=%00", 403},
	} {
		if status, body := ask(m, "POST", "/reload/rules"+c.query); status != c.status || strings.Contains(body, `"secret"`) {
			t.Errorf("%s is answered %d, want %d: %s", c.query, status, c.status, body)
		}
		if rules.Load() != nil {
			t.Fatalf("%s changed the rules", c.query)
		}
	}
	if status, _ := ask(m, "POST", "/reload/rules"); status != 200 || (*rules.Load())[0] != "a" {
		t.Errorf("the usual file is answered %d", status)
	}
	nowhere := New(Options{})
	_ = nowhere.Reload(File("rules", "rules.json", parse, &rules))
	if status, _ := ask(nowhere, "POST", "/reload/rules"); status != 403 {
		t.Errorf("without a folder it is answered %d", status)
	}
}

func TestListensOnLoopback(t *testing.T) {
	if l, err := New(Options{Address: "0.0.0.0:0"}).Listen(); err == nil {
		l.Close()
		t.Error("everybody is listened to, nobody could be let in")
	}
	l, err := New(Options{Address: "0.0.0.0:0", Tokens: map[string]Level{"x": View}}).Listen()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := New(Options{Address: "256.0.0.1:1"}).Listen(); err == nil {
		t.Error("an address that is none is listened on")
	}
}

func TestRun(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "m.sock")
	m, _ := made(t, Options{Address: "unix:" + socket, Word: health.OK})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	l, err := m.Listen()
	if err != nil {
		t.Fatal(err)
	}
	go func() { done <- m.Serve(ctx, l) }()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	response, err := client.Get("http://localhost/debug/pprof/profile?seconds=0.05")
	if err != nil {
		t.Fatal(err)
	}
	profile, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if response.StatusCode != 200 || !strings.HasPrefix(string(profile), "\x1f\x8b") {
		t.Errorf("a profile is answered %d %.20q", response.StatusCode, profile)
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "ruok")
	if answer, _ := io.ReadAll(conn); string(answer) != "OK" {
		t.Errorf("ruok is answered %q", answer)
	}
	client.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := New(Options{Address: "256.0.0.1:1"}).Run(t.Context()); err == nil {
		t.Error("what cannot listen runs")
	}
}

// The library must not put anything on the mux of every program that imports it.
func TestDefaultMuxIsEmpty(t *testing.T) {
	for _, path := range []string{"/", "/debug/pprof/", "/debug/vars", "/debug/requests", "/metrics"} {
		if _, pattern := http.DefaultServeMux.Handler(httptest.NewRequest("GET", path, nil)); pattern != "" {
			t.Errorf("%s is served on http.DefaultServeMux by %s", path, pattern)
		}
	}
}

// No target, host or parameter makes the server panic, run anything from afar, or
// send markup that it did not write.
func FuzzRequest(f *testing.F) {
	f.Add("/monitor/proxy_state?format=<script>", "localhost", "8.8.8.8")
	f.Add("/reload/r?path=../../etc/passwd&dry_run=1", "[::1]:1", "127.0.0.1")
	f.Add("/debug/requests?fam=<script>&b=-9&id=00", "", "x")
	f.Fuzz(func(t *testing.T, target, host, from string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") || strings.Contains(u.Path, "/pprof/profile") || strings.Contains(u.Path, "/pprof/trace") {
			return // recording takes its time
		}
		m, _ := made(t, Options{Dir: t.TempDir()})
		_ = m.Reload(Reload{Name: "r", DryRun: true, Run: func(_ context.Context, c *Call) (string, error) {
			if !strings.HasPrefix(from, "127.") && from != "" && from != "@" {
				t.Errorf("a reload from %q", from)
			}
			_, err := c.ReadFile("x")
			return "", err
		}})
		for _, method := range []string{"GET", "POST"} {
			r := &http.Request{Method: method, URL: u, Host: host, RemoteAddr: from, Header: http.Header{}}
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			if body := w.Body.String(); strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && strings.Contains(body, "<script") {
				t.Errorf("%s %s: %s", method, target, body)
			}
			if w.Code == 500 && strings.Contains(w.Body.String(), "panic") {
				t.Errorf("%s %s: %s", method, target, w.Body)
			}
		}
	})
}

func TestNoMonitorListensNowhere(t *testing.T) {
	var m *Monitor
	if err := m.Run(t.Context()); !errors.Is(err, ErrNowhere) {
		t.Errorf("%v", err)
	}
}
