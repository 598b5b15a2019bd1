package plumbline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/sink"
)

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

func TestClientLanguage(t *testing.T) {
	for _, c := range []struct{ agent, language, version string }{
		{"go/1.22.1", "go", "1.22.1"},
		{"Shop/2.0 ruby/3.3.0 (linux)", "ruby", "3.3.0"},
		{"python-requests/2.32 CPython/3.12.1", "python", "3.12.1"},
		{"Go-http-client/1.1", "go", ""},
		{"Mozilla/5.0 (X11; Linux x86_64)", "", ""},
		{"PHP/8.3;", "php", "8.3"},
		{strings.Repeat("x", 5000), "", ""},
		{"", "", ""},
	} {
		if language, version := clientLanguage(c.agent); language != c.language || version != c.version {
			t.Errorf("%.40q: %q %q, want %q %q", c.agent, language, version, c.language, c.version)
		}
	}
}

func TestJobsUnderARequestShareItsIds(t *testing.T) {
	o, k := observe(Options{})
	failed := errors.New("operator away")
	send := func(ctx context.Context) (err error) {
		_, unit := o.Begin(ctx, "message.send")
		defer unit.End(&err)
		return failed
	}
	if err := send(context.Background()); err != failed {
		t.Errorf("error %v", err)
	}
	got := k.only(t)
	if got["kind"] != "job" || got["operation"] != "message.send" || got["outcome"] != "error" ||
		got["error"] != "operator away" || got["_msg"] != "canonical-log-line message.send error" {
		t.Errorf("line %v", got)
	}
}

// A program of three lines: its lines reach the server, in two datasets, before
// Close returns.
func TestLinesReachAServer(t *testing.T) {
	var mu sync.Mutex
	taken := map[string]*bytes.Buffer{"app": {}, "canonical": {}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		io.Copy(taken[r.URL.Query().Get("dataset")], r.Body)
		io.WriteString(w, `{"accepted":1,"rejected":0}`)
	}))
	defer server.Close()
	o := New(Options{Service: "shop", Server: sink.To(server.URL)})
	h := o.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		line.UserID.Set(r.Context(), "usr_123")
		o.Logger().InfoContext(r.Context(), "hello")
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if err := o.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := o.Counts(); got.Lines != 1 || got.Delivery.Delivered != 2 {
		t.Errorf("counts %+v", got)
	}
	if s := taken["canonical"].String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, `"user_id":"usr_123"`) {
		t.Errorf("canonical: %q", s)
	}
	if s := taken["app"].String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, `"_msg":"hello"`) {
		t.Errorf("app: %q", s)
	}
}

// A server that never answers costs a request nothing but the copy of its line.
func TestHungServerSlowsNoRequest(t *testing.T) {
	hung := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hung }))
	defer server.Close()
	defer close(hung)
	o := New(Options{Service: "shop", Server: sink.To(server.URL), Report: func(error) {}})
	h := o.HTTP(http.NotFoundHandler())
	served := make(chan struct{})
	go func() {
		defer close(served)
		for range 1000 {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		}
	}()
	select {
	case <-served:
	case <-time.After(10 * time.Second):
		t.Fatal("requests wait for the server of lines")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := o.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: %v", err)
	}
}
