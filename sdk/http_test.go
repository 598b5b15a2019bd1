package plumbline

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/monitor"
)

// keep is a sink that keeps what it takes and tells of each line.
type keep struct {
	mu    sync.Mutex
	lines []string
	came  chan struct{}
}

func newKeep() *keep { return &keep{came: make(chan struct{}, 1000)} }

func (k *keep) Put(b []byte) {
	k.mu.Lock()
	k.lines = append(k.lines, string(b))
	k.mu.Unlock()
	k.came <- struct{}{}
}

// only waits for the one line that is due, and checks that no other comes.
func (k *keep) only(t *testing.T) map[string]any {
	t.Helper()
	select {
	case <-k.came:
	case <-time.After(5 * time.Second):
		t.Fatal("no line")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lines) != 1 {
		t.Fatalf("%d lines, want 1: %q", len(k.lines), k.lines)
	}
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(k.lines[0]), &fields); err != nil {
		t.Fatalf("%s: %v", k.lines[0], err)
	}
	if msg, _ := fields["_msg"].(string); !strings.HasPrefix(msg, line.Mark) {
		t.Errorf("message %q does not begin with %s", msg, line.Mark)
	}
	return fields
}

func observe(o Options) (*Observer, *keep) {
	k := newKeep()
	o.Service, o.Lines = "shop", k
	if o.Logs == nil {
		o.Logs = newKeep()
	}
	if o.Monitor == nil {
		o.Monitor = &monitor.Options{Address: monitor.Nowhere}
	}
	return New(o), k
}

// serve runs one handler behind the middleware on a real server, quietly.
func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *keep) {
	t.Helper()
	o, k := observe(Options{})
	server := httptest.NewUnstartedServer(o.HTTP(h))
	server.Config.ErrorLog = quietLog()
	server.Start()
	t.Cleanup(server.Close)
	return server, k
}

func ask(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	all, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(all)
}

func TestEveryEndIsOneLine(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		status  float64
		outcome string
	}{
		{"silence is 200", func(http.ResponseWriter, *http.Request) {}, 200, "ok"},
		{"a body alone is 200", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hi") }, 200, "ok"},
		{"status is the first", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(500) }, 404, "client_error"},
		{"informational comes before", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, 201, "ok"},
		{"server error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 503, "server_error"},
		{"panic before the header", func(http.ResponseWriter, *http.Request) { panic("boom") }, 500, "panic"},
		{"panic after the header", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); panic("boom") }, 202, "panic"},
		{"panic with an error", func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) }, 500, "panic"},
		{"aborted by the handler", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 500, "interrupted"},
		{"goroutine left", func(http.ResponseWriter, *http.Request) { runtime.Goexit() }, 500, "interrupted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, k := serve(t, c.handler)
			ask(t, server.URL+"/v1/charges?secret=1")
			got := k.only(t)
			if got["http_status"] != c.status || got["outcome"] != c.outcome {
				t.Errorf("status %v outcome %v, want %v %s", got["http_status"], got["outcome"], c.status, c.outcome)
			}
			if got["http_method"] != "GET" || got["http_path"] != "/v1/charges" || got["service"] != "shop" || got["duration"] == nil {
				t.Errorf("line %v", got)
			}
		})
	}
}

func TestPanicSaysWhereAndGoesOn(t *testing.T) {
	o, k := observe(Options{})
	h := o.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { explode() }))
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v, want boom", v)
			}
		}()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}()
	got := k.only(t)
	if at, _ := got["panic_at"].(string); got["error"] != "boom" || !strings.HasPrefix(at, "sdk.explode:") {
		t.Errorf("error %v at %v", got["error"], got["panic_at"])
	}
}

func explode() { panic("boom") }

func TestClientAbort(t *testing.T) {
	for _, early := range []bool{true, false} {
		entered := make(chan struct{})
		server, k := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if !early {
				io.WriteString(w, "half")
				w.(http.Flusher).Flush()
			}
			close(entered)
			<-r.Context().Done()
		})
		ctx, cancel := context.WithCancel(context.Background())
		request, _ := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
		go func() { <-entered; cancel() }()
		if response, err := http.DefaultClient.Do(request); err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		want := 200.0
		if early {
			want = 499
		}
		if got := k.only(t); got["outcome"] != "client_abort" || got["http_status"] != want {
			t.Errorf("before the header %v: %v", early, got)
		}
	}
}

func TestTimeout(t *testing.T) {
	o, k := observe(Options{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	h := o.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if got := k.only(t); got["outcome"] != "timeout" || got["http_status"] != 503.0 {
		t.Errorf("line %v", got)
	}
}

// A handler behind http.TimeoutHandler goes on after its request has ended; what
// it still says must not reach another line.
func TestTimeoutHandlerLeavesALateWriter(t *testing.T) {
	late := make(chan struct{})
	o, k := observe(Options{})
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-late
		line.UserID.Set(r.Context(), "late")
		late <- struct{}{}
	})
	o.HTTP(http.TimeoutHandler(slow, time.Millisecond, "too slow")).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	late <- struct{}{}
	<-late
	if got := k.only(t); got["http_status"] != 503.0 || got["outcome"] != "server_error" {
		t.Errorf("line %v", got)
	}
	if o.Counts().Late != 1 {
		t.Errorf("counts %+v, want one late field", o.Counts())
	}
}

func TestHijack(t *testing.T) {
	server, k := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		buffered.Flush()
	})
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	if status, _ := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(status, "101") {
		t.Errorf("answer %q", status)
	}
	if got := k.only(t); got["outcome"] != "hijacked" || got["http_status"] != 101.0 {
		t.Errorf("line %v", got)
	}
}

func TestWriterTellsTheTruth(t *testing.T) {
	abilities := func(w http.ResponseWriter) string {
		var s []string
		if _, ok := w.(http.Flusher); ok {
			s = append(s, "flush")
		}
		if _, ok := w.(io.StringWriter); ok {
			s = append(s, "string")
		}
		if _, ok := w.(io.ReaderFrom); ok {
			s = append(s, "readfrom")
		}
		if _, ok := w.(http.Hijacker); ok {
			s = append(s, "hijack")
		}
		if _, ok := w.(http.Pusher); ok {
			s = append(s, "push")
		}
		if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err == nil {
			s = append(s, "deadline")
		}
		return strings.Join(s, " ")
	}
	for _, http2 := range []bool{false, true} {
		var bare, wrapped string
		o, k := observe(Options{})
		inner := o.HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			wrapped = abilities(w)
			io.Copy(w, strings.NewReader("copied "))
			io.WriteString(w, "written")
			http.NewResponseController(w).Flush()
		}))
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bare = abilities(w)
			inner.ServeHTTP(w, r)
		}))
		server.EnableHTTP2 = http2
		server.StartTLS()
		response, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		server.Close()
		if bare != wrapped || string(body) != "copied written" {
			t.Errorf("HTTP/2 %v: the writer can %q, wrapped %q; body %q", http2, bare, wrapped, body)
		}
		if got := k.only(t); got["bytes_out"] != 14.0 || got["http_status"] != 200.0 {
			t.Errorf("line %v", got)
		}
	}
	plain := struct{ http.ResponseWriter }{httptest.NewRecorder()}
	if got := abilities((&request{answer: answer{ResponseWriter: plain}}).view()); got != "" {
		t.Errorf("over a plain writer the wrapper claims %q", got)
	}
}

func TestRouteComesFromTheMux(t *testing.T) {
	o, k := observe(Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/charges/{id}", func(http.ResponseWriter, *http.Request) {})
	o.HTTP(o.HTTP(mux)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/charges/ch_1", nil))
	got := k.only(t) // wrapped twice, written once
	if got["http_route"] != "/v1/charges/{id}" || got["_msg"] != "canonical-log-line GET /v1/charges/{id} 200" {
		t.Errorf("route %v, message %v", got["http_route"], got["_msg"])
	}
}

func TestIdsAreTakenOverAndPassedOn(t *testing.T) {
	const caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	behind, behindKeep := observe(Options{})
	dependency := httptest.NewServer(behind.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	defer dependency.Close()

	front, frontKeep := observe(Options{})
	client := &http.Client{Transport: front.Transport(nil)}
	h := front.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		request, _ := http.NewRequestWithContext(r.Context(), "GET", dependency.URL, nil)
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
		}
		if request.Header.Get("Traceparent") != "" {
			t.Error("the transport changed the request it was given")
		}
	}))
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("traceparent", caller)
	request.Header.Set("X-Request-Id", "req_123")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)

	f, d := frontKeep.only(t), behindKeep.only(t)
	if f["trace_id"] != "0af7651916cd43dd8448eb211c80319c" || f["parent_id"] != "b7ad6b7169203331" || f["request_id"] != "req_123" {
		t.Errorf("taken over: %v", f)
	}
	if d["trace_id"] != f["trace_id"] || d["parent_id"] != f["span_id"] || d["request_id"] != "req_123" {
		t.Errorf("passed on: %v after %v", d, f)
	}
	if f["http_client_calls"] != 1.0 || answer.Header().Get("X-Request-Id") != "req_123" {
		t.Errorf("front %v, answered id %q", f, answer.Header().Get("X-Request-Id"))
	}
}

func TestForeignIdsAreRefused(t *testing.T) {
	for _, id := range []string{"a b", "line\nbreak", `quo"te`, "caf\u00e9", "a=b", strings.Repeat("x", 200)} {
		o, k := observe(Options{})
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("X-Request-Id", id)
		request.Header.Set("traceparent", id)
		o.HTTP(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), request)
		got := k.only(t)
		if taken, _ := got["request_id"].(string); !strings.HasPrefix(taken, "req_") || got["parent_id"] != nil {
			t.Errorf("%q: request_id %v parent_id %v", id, taken, got["parent_id"])
		}
	}
}

func TestConcurrentRequestsUnderHandlersThatFanOut(t *testing.T) {
	const requests = 50
	server, k := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { defer line.Database.Start(r.Context()).End() })
		}
		wg.Wait()
	})
	var wg sync.WaitGroup
	for range requests {
		wg.Go(func() { ask(t, server.URL) })
	}
	wg.Wait()
	for range requests {
		<-k.came
	}
	seen := map[string]bool{}
	for _, s := range k.lines {
		var got struct {
			Span    string `json:"span_id"`
			Queries int    `json:"database_queries"`
		}
		if err := json.Unmarshal([]byte(s), &got); err != nil || got.Queries != 4 {
			t.Fatalf("%s: %v", s, err)
		}
		seen[got.Span] = true
	}
	if len(k.lines) != requests || len(seen) != requests {
		t.Errorf("%d lines of %d spans, want %d", len(k.lines), len(seen), requests)
	}
}

type brokenSink struct{}

func (brokenSink) Put([]byte) { panic("sink") }

func TestBrokenSinkBreaksNoRequest(t *testing.T) {
	o := New(Options{Service: "shop", Lines: brokenSink{}, Logs: brokenSink{}, Announce: true})
	w := httptest.NewRecorder()
	o.HTTP(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || o.Counts().Failed != 1 {
		t.Errorf("status %d, counts %+v", w.Code, o.Counts())
	}
}

func TestAnnouncedLinesCarryTheIds(t *testing.T) {
	logs := newKeep()
	o, k := observe(Options{Announce: true, Allocs: true, Logs: logs})
	h := o.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line.Database.Start(r.Context()).End()
		o.Logger().InfoContext(r.Context(), "Charge created", "charge_id", "ch_1")
		w.WriteHeader(201)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/v1/charges", nil))
	canonical := k.only(t)
	want := []struct {
		msg    string
		fields []string
	}{
		{"Request started", []string{"http_method", "http_path"}},
		{"Charge created", []string{"charge_id"}},
		{"Request finished", []string{"alloc_count", "database_queries", "duration", "http_status"}},
	}
	if len(logs.lines) != len(want) {
		t.Fatalf("%d lines: %q", len(logs.lines), logs.lines)
	}
	for i, s := range logs.lines {
		fields := map[string]any{}
		if err := json.Unmarshal([]byte(s), &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range append(want[i].fields, "level", "service") {
			if fields[name] == nil {
				t.Errorf("%s lacks %s", s, name)
			}
		}
		for _, id := range []string{"request_id", "trace_id", "span_id"} {
			if fields[id] != canonical[id] {
				t.Errorf("%s: %s is %v, canonical %v", s, id, fields[id], canonical[id])
			}
		}
		if n := fields["alloc_count"]; n != nil && n != canonical["alloc_count"] {
			t.Errorf("alloc_count is %v, canonical %v", n, canonical["alloc_count"])
		}
		if fields["_msg"] != want[i].msg {
			t.Errorf("line %d says %v, want %s", i, fields["_msg"], want[i].msg)
		}
	}
}

// Whoever holds only the writer finds the line, also behind writers of others.
func TestLineOfAWriter(t *testing.T) {
	type wrapped struct{ http.ResponseWriter }
	o, k := observe(Options{})
	h := o.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if LineOf(w) != line.From(r.Context()) || LineOf(unwrapping{w}) != LineOf(w) {
			t.Error("another line")
		}
		LineOf(w).Fail(errors.New("no stock"))
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if got := k.only(t); got["error"] != "no stock" {
		t.Errorf("line %v", got)
	}
	for _, w := range []http.ResponseWriter{nil, httptest.NewRecorder(), wrapped{httptest.NewRecorder()}} {
		LineOf(w).Fail(errors.New("nobody hears it"))
	}
}

type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// A proxy whose backend answers early goes on reading the body while the request
// ends, which the race detector watches.
func TestTheBodyIsReadBeyondTheEnd(t *testing.T) {
	o, k := observe(Options{})
	reads := make(chan struct{})
	h := o.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		go func() {
			defer close(reads)
			_, _ = io.Copy(io.Discard, r.Body)
		}()
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", io.LimitReader(neverEmpty{}, 1<<20)))
	<-reads
	k.only(t)
}

type neverEmpty struct{}

func (neverEmpty) Read(p []byte) (int, error) { return len(p), nil }
