package plumbline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/status"
)

// seen asks the monitor as somebody on this machine.
func seen(t *testing.T, o *Observer, target string) string {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	w := httptest.NewRecorder()
	o.Monitor().ServeHTTP(w, r)
	return w.Body.String()
}

func wants(t *testing.T, o *Observer, target string, parts ...string) {
	t.Helper()
	body := seen(t, o, target)
	for _, part := range parts {
		if !strings.Contains(body, part) {
			t.Errorf("%s lacks %s:\n%s", target, part, body)
		}
	}
}

// Nobody asked for any of it: a handler was wrapped, a job begun.
func TestRequestsAndJobsAreWatched(t *testing.T) {
	o, _ := observe(Options{})
	defer o.Close(t.Context())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/charges/{id}", func(w http.ResponseWriter, r *http.Request) {
		line.UserID.Set(r.Context(), "usr_123")
		w.WriteHeader(500)
	})
	h := o.HTTP(mux)
	serve := func(method, path string) {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
	}
	serve("POST", "/v1/charges/ch_1")
	serve("POST", "/v1/charges/ch_2")
	serve("BREW", "/coffee")
	_, unit := o.Begin(t.Context(), "invoice.close")
	failed := errors.New("no printer")
	unit.End(&failed)

	wants(t, o, "/metrics",
		`http_requests_total{method="POST",route="/v1/charges/{id}",outcome="server_error"} 2`,
		`http_request_seconds_count{method="POST",route="/v1/charges/{id}"} 2`,
		`http_requests_total{method="other",route="",outcome="client_error"} 1`,
		"http_in_flight 0",
		`jobs_total{kind="job",operation="invoice.close",outcome="error"} 1`,
		`job_seconds_count{kind="job",operation="invoice.close"} 1`,
		"plumbline_lines_total 4", "plumbline_sink_dropped_total 0")
	if body := seen(t, o, "/metrics"); strings.Contains(body, `trace_calls_total{family="POST`) {
		t.Errorf("requests are counted twice:\n%s", body)
	}
	wants(t, o, "/debug/requests", "POST /v1/charges/{id}", "other (no route)", "job invoice.close")
	wants(t, o, "/debug/requests?fam=POST+%2Fv1%2Fcharges%2F%7Bid%7D&b=0", "/v1/charges/ch_2", "usr_123", "canonical-log-line")
	wants(t, o, "/debug/requests?fam=job+invoice.close&b=8", "no printer")
	var text metric.Text
	text.Page(o)
	for _, part := range []string{`http_requests_total{method="POST"`, `health_up{probe="readyz"} 1`, "plumbline_lines_total 4"} {
		if page := string(text.Bytes()); !strings.Contains(page, part) {
			t.Errorf("a page of its own lacks %s:\n%s", part, page)
		}
	}
	wants(t, o, "/monitor/lines", `"Lines":4`)
	wants(t, o, "/monitor/line_schema", "user_id")
}

// The page of what is under way is how one finds what hangs.
func TestUnderWay(t *testing.T) {
	o, _ := observe(Options{})
	defer o.Close(t.Context())
	_, unit := o.Begin(t.Context(), "invoice.close")
	h := o.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		wants(t, o, "/monitor/under_way", `"what":"invoice.close"`, `"what":"GET /slow"`, `"kind":"http"`)
		wants(t, o, "/metrics", "http_in_flight 1")
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/slow", nil))
	unit.End(nil)
	if body := seen(t, o, "/monitor/under_way"); body != "[]\n" {
		t.Errorf("all is done, and %s", body)
	}
}

// A function traced within a request is a part of the request's trace.
func TestTracesShareTheRequestsIds(t *testing.T) {
	o, k := observe(Options{})
	defer o.Close(t.Context())
	h := o.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, unit := o.Tracer().Start(r.Context(), "store.set", "key")
		unit.End(nil)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	id := k.only(t)["trace_id"].(string)
	wants(t, o, "/debug/requests?id="+id, "store.set", "GET (no route)")
	wants(t, o, "/metrics", `trace_calls_total{family="store.set"} 1`)
}

func TestStatusAndDelayAreToldEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := observe(Options{Now: time.Now})
		var proxy struct{ ConActive status.Gauge }
		if _, err := o.Status("PROXY", &proxy); err != nil {
			t.Fatal(err)
		}
		handshake, err := o.Delay("handshake", delay.Options{})
		if err != nil {
			t.Fatal(err)
		}
		proxy.ConActive.Set(7)
		ctx, unit := o.Begin(t.Context(), "dial")
		handshake.Observe(ctx, 3*time.Millisecond)
		unit.End(nil)
		wants(t, o, "/monitor/proxy?format=kv", "PROXY_CON_ACTIVE: 7")
		wants(t, o, "/monitor/handshake?format=kv", "handshake_Current_Count:1")
		wants(t, o, "/metrics?format=openmetrics", "proxy_con_active 7", `handshake_seconds_count 1`, `trace_id="`+traceHex(unit)+`"`)
		if _, err := o.Status("PROXY", &proxy); err == nil {
			t.Error("two sets of one name")
		}
		if _, err := o.Status("OTHER", 3); err == nil {
			t.Error("a number is no set of variables")
		}
		time.Sleep(61 * time.Second)
		if err := o.Close(t.Context()); err != nil {
			t.Error(err)
		}
		all := strings.Join(k.lines, "\n")
		for _, part := range []string{`"kind":"status","service":"shop"`, `"con_active":7`, `"kind":"delay"`, `"delay":"handshake"`} {
			if !strings.Contains(all, part) {
				t.Errorf("no line with %s in\n%s", part, all)
			}
		}
	})
}

func traceHex(l *line.Line) string { return l.Trace().String()[3:35] }

// Notices are written in the form of the stream they go to.
func TestNoticesFitTheirStream(t *testing.T) {
	for _, c := range []struct {
		options     Options
		lines, logs string
	}{
		{Options{}, `{"_time":`, ""},
		{Options{Format: line.Logfmt}, "_time=", ""},
		{Options{Format: line.Protobuf}, "", `{"_time":`},
		{Options{Format: line.Protobuf, LogFormat: log.Logfmt}, "", "_time="},
	} {
		logs := newKeep()
		c.options.Logs = logs
		o, lines := observe(c.options)
		o.Notices().Say("deploy", "release 7")
		if got := strings.Join(lines.lines, "|"); !strings.HasPrefix(got, c.lines) || c.lines == "" && got != "" {
			t.Errorf("format %v: %q among the canonical lines", c.options.Format, got)
		}
		if got := strings.Join(logs.lines, "|"); !strings.HasPrefix(got, c.logs) || c.logs == "" && got != "" {
			t.Errorf("format %v: %q among the ordinary lines", c.options.Format, got)
		}
		o.Close(t.Context())
	}
}

// Health that fails, a panic and what is slow leave a recording, where one is
// asked for; a change of health is a line.
func TestTroubleIsRecorded(t *testing.T) {
	dir := t.TempDir()
	o, k := observe(Options{Flight: dir})
	if err := o.Health().Add(health.Check{Name: "db", Run: func(context.Context) error { return errors.New("gone") }}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(dir, "flight-*-health-readyz.trace")); len(found) == 1 {
			break
		}
		if time.Now().After(deadline) {
			held, _ := os.ReadDir(dir)
			t.Fatalf("no recording of failed health, but %v", held)
		}
	}
	if err := o.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if all := strings.Join(k.lines, "\n"); !strings.Contains(all, `"kind":"health"`) || !strings.Contains(all, `"reason":"gone"`) {
		t.Errorf("lines %s", all)
	}
}

func TestMonitorListens(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "m")
	o, _ := observe(Options{Monitor: &monitor.Options{Address: "unix:" + socket}, Release: "7"})
	client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", socket)
	}}}
	get := func(path string) string {
		response, err := client.Get("http://localhost" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return string(body)
	}
	if body := get("/"); !strings.Contains(body, "shop") {
		t.Errorf("the index: %s", body)
	}
	var level map[string]any
	if err := json.Unmarshal([]byte(get("/log/level")), &level); err != nil || level["level"] != "info" {
		t.Errorf("the level: %v %v", level, err)
	}
	client.CloseIdleConnections()
	if err := o.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := client.Get("http://localhost/"); err == nil {
		t.Error("it listens after Close")
	}
}

// What cannot listen, and what cannot be recorded, is told and stops no service.
func TestServiceRunsWithoutItsInstruments(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var told []string
	o, k := observe(Options{Monitor: &monitor.Options{Address: taken.Addr().String()}, Flight: file,
		Report: func(err error) { told = append(told, err.Error()) }})
	o.HTTP(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	k.only(t)
	if err := o.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if len(told) != 2 || !strings.Contains(told[0], "flight") || !strings.Contains(told[1], "in use") {
		t.Errorf("told %q", told)
	}
}

// A watcher of the program's own sees the line as it was written.
func TestWatcherSeesTheLine(t *testing.T) {
	o, k := observe(Options{Sampling: line.Sampling{OneIn: 2}})
	defer o.Close(t.Context())
	w := &reader{}
	o.Watch(w)
	for range 20 {
		_, unit := o.Begin(t.Context(), "tick")
		unit.End(nil)
	}
	var written []string
	for _, s := range w.written {
		if s != "" {
			written = append(written, s)
		}
	}
	if len(w.written) != 20 || len(written) == 20 || strings.Join(written, "\n") != strings.Join(k.lines, "\n") {
		t.Errorf("it saw %q of %q", written, k.lines)
	}
}

type reader struct{ written []string }

func (r *reader) Began(*line.Line) {}
func (r *reader) Ended(l *line.Line, _ line.Outcome, _ time.Duration) {
	r.written = append(r.written, string(l.View().Written()))
}

// A service that asks for no monitor has none, and need not care.
func TestNoMonitor(t *testing.T) {
	o := New(Options{Service: "shop", Lines: newKeep(), Logs: newKeep()})
	defer o.Close(t.Context())
	m := o.Monitor()
	if m != nil {
		t.Fatal("there is a monitor nobody asked for")
	}
	m.Metrics(o)
	m.Handle("/mine", monitor.View, http.NotFoundHandler())
	_, err1 := o.Status("PROXY", &struct{ Served status.Counter }{})
	handshake, err2 := o.Delay("handshake", delay.Options{})
	err := errors.Join(err1, err2, m.Page("rules", monitor.Text(func() string { return "" })), m.Reload(monitor.Reload{}), m.Delay(handshake))
	if err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", "/monitor", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("it answers %d", w.Code)
	}
}
