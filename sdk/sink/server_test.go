package sink

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestServerSpeaksIngest(t *testing.T) {
	var path, query, body, auth string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, _ := io.ReadAll(r.Body)
		path, query, body, auth = r.URL.Path, r.URL.RawQuery, string(all), r.Header.Get("Authorization")
		io.WriteString(w, `{"accepted":1,"rejected":1,"refused":1,"errors":[{"line":3,"reason":"not JSON"}]}`)
	}))
	defer server.Close()
	s := Server{URL: server.URL + "/", Dataset: "my lines", Token: "secret"}
	rejected, err := s.Deliver(context.Background(), Batch{Name: "a-1", Lines: 3, Bytes: []byte("{}\n{}\nx\n")})
	if err != nil || rejected != 2 {
		t.Fatalf("rejected %d, error %v", rejected, err)
	}
	if path != "/api/v1/ingest/jsonl" || query != "batch=a-1&dataset=my+lines" || body != "{}\n{}\nx\n" || auth != "Bearer secret" {
		t.Errorf("sent %s?%s %q %q", path, query, body, auth)
	}
}

func TestServerAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		header string
		body   string
		busy   bool
		after  time.Duration
		fails  bool
	}{
		{status: 200, body: `{"accepted":1,"rejected":0}`},
		{status: 200, body: `<html>`, fails: true},
		{status: 200, body: strings.Repeat(" ", 100<<10), fails: true},
		{status: 429, header: "3", busy: true, after: 3 * time.Second, fails: true},
		{status: 503, header: "-5", busy: true, fails: true},
		{status: 502, header: "soon", busy: true, fails: true},
		{status: 400, body: "no such dataset", fails: true},
		{status: 401, fails: true},
		{status: 413, fails: true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.header)
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		}))
		_, err := Server{URL: server.URL}.Deliver(context.Background(), Batch{Name: "a-1", Lines: 1, Bytes: []byte("{}\n")})
		server.Close()
		var busy *Busy
		if (err != nil) != c.fails || errors.As(err, &busy) != c.busy || (c.busy && busy.After != c.after) {
			t.Errorf("%d %q: error %v", c.status, c.body, err)
		}
	}
}

func TestServerGoneIsBusyAndNonsenseIsNot(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	var busy *Busy
	if _, err := (Server{URL: server.URL}).Deliver(context.Background(), Batch{}); !errors.As(err, &busy) {
		t.Errorf("a server that is gone: %v", err)
	}
	if _, err := (Server{URL: "127.0.0.1:7420"}).Deliver(context.Background(), Batch{}); err == nil || errors.As(err, &busy) {
		t.Errorf("an address without a scheme: %v", err)
	}
}
