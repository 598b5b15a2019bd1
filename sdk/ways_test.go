package plumbline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
	"github.com/plumbline/plumbline/sdk/sink"
)

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	o, k := observe(Options{})
	entered, leave := make(chan struct{}), make(chan struct{})
	h := o.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(entered); <-leave }))
	served := make(chan struct{})
	go func() {
		defer close(served)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/slow", nil))
	}()
	<-entered
	if err := o.Close(context.Background()); err != nil {
		t.Error(err)
	}
	got := k.only(t)
	if got["outcome"] != "interrupted" || got["http_path"] != "/slow" {
		t.Errorf("line %v", got)
	}
	close(leave)
	<-served
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lines) != 1 {
		t.Errorf("lines %q, want no second one", k.lines)
	}
}

func TestLongWorkTellsOfItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := observe(Options{Interim: time.Minute})
		_, unit := o.Begin(t.Context(), "stream")
		time.Sleep(150 * time.Second)
		unit.Finish(line.OK)
		if err := o.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if len(k.lines) != 3 || !strings.Contains(k.lines[1], `"interim":2`) || !strings.Contains(k.lines[2], line.Mark) {
			t.Errorf("lines %q", k.lines)
		}
	})
}

// A trace goes through a service and on: with its state, over HTTP as by message.
func TestTraceStateGoesOn(t *testing.T) {
	var got http.Header
	dependency := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer dependency.Close()
	o, k := observe(Options{})
	h := o.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		message := http.Header{}
		line.From(r.Context()).Carry(message.Set)
		ctx, unit := o.BeginWork(context.Background(), Work{Operation: "consume", Kind: "consumer", Origin: line.Received(message.Get)})
		request, _ := http.NewRequestWithContext(ctx, "GET", dependency.URL, nil)
		if response, err := (&http.Client{Transport: o.Transport(nil)}).Do(request); err == nil {
			response.Body.Close()
		}
		unit.End(nil)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	r.Header.Add("tracestate", "a=1")
	r.Header.Add("tracestate", "b=2")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if got.Get("tracestate") != "a=1,b=2" || !strings.Contains(got.Get("traceparent"), "0af7651916cd43dd8448eb211c80319c") {
		t.Errorf("the dependency received %v", got)
	}
	if len(k.lines) != 2 || !strings.Contains(k.lines[0], `"kind":"consumer"`) || !strings.Contains(k.lines[0], `"trace_id":"0af7651916cd43dd8448eb211c80319c"`) {
		t.Errorf("lines %q", k.lines)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cut off") }
func (failing) Close() error             { return nil }

func TestRequestBody(t *testing.T) {
	o, k := observe(Options{})
	read := func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); r.Body.Close() }
	h := o.HTTP(http.HandlerFunc(read))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader("twelve bytes")))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", failing{}))
	if !strings.Contains(k.lines[0], `"bytes_in":12`) || !strings.Contains(k.lines[1], `"body_error":"cut off"`) {
		t.Errorf("lines %q", k.lines)
	}
}

func TestWhoseAddressIsBelieved(t *testing.T) {
	for _, c := range []struct {
		remote, forwarded string
		trust             func(string) bool
		want              string
	}{
		{"10.0.0.1:80", "1.2.3.4", nil, "10.0.0.1"},
		{"10.0.0.1:80", "6.6.6.6, 1.2.3.4", func(ip string) bool { return ip == "10.0.0.1" }, "1.2.3.4"},
		{"10.0.0.2:80", "1.2.3.4", func(ip string) bool { return ip == "10.0.0.1" }, "10.0.0.2"},
		{"10.0.0.1:80", "", func(string) bool { return true }, "10.0.0.1"},
		{"[::1]:80", "", nil, "::1"},
		{"@", "", nil, "@"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := (&front{trustProxy: c.trust}).remoteIP(r); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestRecallWithARequest(t *testing.T) {
	logs := newKeep()
	o, _ := observe(Options{Logs: logs, Recall: true})
	h := o.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.Logger().DebugContext(r.Context(), "whispered on "+r.URL.Path)
		if r.URL.Path == "/bad" {
			w.WriteHeader(500)
		}
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/good", nil))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/bad", nil))
	if len(logs.lines) != 1 || !strings.Contains(logs.lines[0], "whispered on /bad") {
		t.Errorf("lines %q", logs.lines)
	}
}

func TestSpansGoToTheirDataset(t *testing.T) {
	var mu sync.Mutex
	taken := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		taken[r.URL.Query().Get("dataset")] += string(body)
		io.WriteString(w, `{"accepted":1,"rejected":0}`)
	}))
	defer server.Close()
	o := New(Options{Service: "shop", Server: sink.To(server.URL), Traces: true})
	ctx, unit := o.Begin(context.Background(), "close")
	line.Database.Start(ctx).End()
	unit.End(nil)
	if err := o.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(taken["spans"], "\n"); n != 2 || !strings.Contains(taken["spans"], `"name":"database"`) {
		t.Errorf("spans %q", taken["spans"])
	}
}

// With a delivery that hangs, the slowest of a thousand requests is no slower than
// without one: what is compared here is that none waits at all.
func TestABlockedSinkIsNeverWaitedFor(t *testing.T) {
	reader, writer, err := os.Pipe() // nobody reads
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	q := sink.Open(sink.Writer{To: writer}, sink.Options{MaxBytes: 64 << 10})
	o := New(Options{Service: "shop", Lines: q, Logs: discard{}})
	h := o.HTTP(http.NotFoundHandler())
	for range 2000 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	if c := q.Counts(); c.Offered != 2000 || c.Dropped == 0 {
		t.Errorf("counts %+v, want a full queue that drops", c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q.Close(ctx)
}

type broken struct{ error }

func (b broken) Error() string { return b.error.Error() } // of nil: it panics

func TestAnErrorWhoseMethodPanics(t *testing.T) {
	o, k := observe(Options{})
	_, unit := o.Begin(context.Background(), "job")
	var err error = broken{}
	unit.End(&err)
	if got := k.only(t); got["outcome"] != "error" {
		t.Errorf("line %v", got)
	}
}

func TestLinesInOtherFormats(t *testing.T) {
	for _, format := range []line.Format{line.Logfmt, line.Protobuf} {
		o, k := observe(Options{Format: format})
		o.HTTP(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if len(k.lines) != 1 || json.Valid([]byte(k.lines[0])) || !strings.Contains(k.lines[0], line.Mark) {
			t.Errorf("format %d: %q", format, k.lines)
		}
	}
}

func TestAServerIsSentWhatItReads(t *testing.T) {
	var said []error
	o := Options{Server: sink.To("http://127.0.0.1:1"), Format: line.Protobuf, LogFormat: log.Text, Report: func(err error) { said = append(said, err) }}.complete()
	if o.Format != line.JSON || o.LogFormat != log.JSON || len(said) != 1 {
		t.Errorf("formats %v %v, said %v", o.Format, o.LogFormat, said)
	}
	own := Options{Server: sink.To("http://127.0.0.1:1"), Format: line.Logfmt, Lines: discard{}, Report: func(error) { t.Error("own sinks are nobody's business") }}.complete()
	if own.Format != line.Logfmt {
		t.Error("the format of an own sink is changed")
	}
}
