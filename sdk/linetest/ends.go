package linetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"time"
)

// endQuestions ask how a request ended.
func endQuestions() []question {
	ends := func(name string, h http.HandlerFunc, status int, failed bool, outcome string) question {
		return question{name, func(t *trial) error {
			get(t.serve(h)) // whose failure is part of some questions
			return t.want(status, failed, outcome)
		}}
	}
	return []question{
		ends("silence is 200", func(http.ResponseWriter, *http.Request) {}, 200, false, "ok"),
		ends("a body alone is 200", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hi") }, 200, false, "ok"),
		ends("the first status counts", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(500) }, 404, false, "client_error"),
		ends("informational status comes before", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, 201, false, "ok"),
		ends("no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, 304, false, "ok"),
		ends("server error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 503, true, "server_error"),
		ends("panic before the header", func(http.ResponseWriter, *http.Request) { panic("boom") }, 500, true, "panic"),
		ends("panic after the header", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(202)
			panic("boom")
		}, 202, true, "panic"),
		ends("panic with an error", func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) }, 500, true, "panic"),
		ends("abort by the handler", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 500, true, "interrupted"),
		ends("goroutine left by Goexit", func(http.ResponseWriter, *http.Request) { runtime.Goexit() }, 500, true, "interrupted"),
		{"a panic goes on to net/http", func(t *trial) error { return goesOn(t, "boom") }},
		{"ErrAbortHandler goes on untouched", func(t *trial) error { return goesOn(t, http.ErrAbortHandler) }},
		{"client leaves before the header", func(t *trial) error { return clientLeaves(t, false, 499) }},
		{"client leaves after the header", func(t *trial) error { return clientLeaves(t, true, 200) }},
		{"deadline of the context", deadline},
		{"http.TimeoutHandler", timeoutHandler},
		{"hijacked connection", hijacked},
		{"HEAD has no body", head},
	}
}

// goesOn asks whether what a handler panics with reaches the server, which closes
// the connection.
func goesOn(t *trial, v any) error {
	h := t.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(200)
		panic(v)
	}))
	var got any
	func() {
		defer func() { got = recover() }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}()
	if got != v {
		return fmt.Errorf("the server recovers %v, the handler raised %v", got, v)
	}
	_, err := t.line()
	return err
}

func clientLeaves(t *trial, answered bool, status int) error {
	entered := make(chan struct{})
	url := t.serve(func(w http.ResponseWriter, r *http.Request) {
		if answered {
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
		}
		close(entered)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	go func() { <-entered; cancel() }()
	if response, err := http.DefaultClient.Do(request); err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	l, err := t.line()
	switch {
	case err != nil:
		return err
	case l.Status != status:
		return fmt.Errorf("status %d, want %d", l.Status, status)
	case l.Outcome != "client_abort":
		return fmt.Errorf("outcome %q: nothing tells that the client left", l.Outcome)
	}
	return nil
}

func deadline(t *trial) error {
	h := t.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	return t.want(503, true, "timeout")
}

// timeoutHandler lets a handler go on after its request has ended: what it still
// sets must reach no line.
func timeoutHandler(t *trial) error {
	late := make(chan struct{})
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-late
		if t.Set != nil {
			t.Set(r.Context(), "late", 1)
		}
		late <- struct{}{}
	})
	h := t.Wrap(http.TimeoutHandler(slow, time.Millisecond, "too slow"))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	late <- struct{}{}
	<-late
	if err := t.want(503, true, ""); err != nil {
		return err
	}
	if l, _ := t.line(); l.Fields["late"] != nil {
		return errors.New("a field set after the end is in the line")
	}
	return nil
}

func hijacked(t *trial) error {
	failed := make(chan error, 1)
	url := t.serve(func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		failed <- err
		if err != nil {
			return
		}
		defer conn.Close()
		buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		buffered.Flush()
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	status, _ := bufio.NewReader(conn).ReadString('\n')
	if err := <-failed; err != nil || !strings.Contains(status, "101") {
		return fmt.Errorf("hijacking: answer %q, error %v", status, err)
	}
	return t.want(101, false, "hijacked")
}

func head(t *trial) error {
	url := t.serve(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "3") })
	response, err := http.Head(url)
	if err != nil {
		return err
	}
	response.Body.Close()
	return t.want(200, false, "ok")
}
