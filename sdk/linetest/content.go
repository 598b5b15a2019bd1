package linetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"
)

// httputilProxy is the standard library's reverse proxy in front of one address.
type httputilProxy struct{ target string }

func (p *httputilProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(p.target)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}).ServeHTTP(w, r)
}

// lineQuestions ask what stands in the line, and what does not.
func lineQuestions() []question {
	return []question{
		{"wrapped twice is one line", twice},
		{"hostile bytes stay in their line", hostile},
		{"no secrets of the request", secrets},
		{"fields from many goroutines", fanOut},
		{"a leaked goroutine reaches no other line", leaked},
		{"requests at once are lines apart", atOnce},
		{"the request's body arrives whole", upload},
		{"a body that breaks off", brokenBody},
		{"a very long path is one line", longPath},
		{"a caller's trace is continued", traced},
		{"a malformed trace is not", malformed},
	}
}

func twice(t *trial) error {
	url := t.start(t.Wrap(t.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) }))), func(*httptest.Server) {})
	if _, _, err := get(url); err != nil {
		return err
	}
	return t.want(201, false, "ok")
}

func hostile(t *trial) error {
	target := t.serve(func(http.ResponseWriter, *http.Request) {})
	conn, err := net.Dial("tcp", strings.TrimPrefix(target, "http://"))
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /a%%0a%%00%%ff%%22%%1b[2J HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff\xfe\"\\\x80\r\nX-Request-Id: a\"b\r\nConnection: close\r\n\r\n")
	io.Copy(io.Discard, conn)
	l, err := t.line()
	switch {
	case err != nil:
		return err
	case bytes.ContainsAny(bytes.TrimSuffix(l.Raw, []byte("\n")), "\n\r\x00\x1b") || !utf8.Valid(l.Raw):
		return fmt.Errorf("raw bytes in the line: %q", l.Raw)
	case l.Fields == nil:
		return fmt.Errorf("the line does not parse: %q", l.Raw)
	}
	return nil
}

func secrets(t *trial) error {
	target := t.serve(func(http.ResponseWriter, *http.Request) {})
	request, err := http.NewRequest("GET", target+"/login?password=hunter2", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer hunter3")
	request.AddCookie(&http.Cookie{Name: "session", Value: "hunter4"})
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	l, err := t.line()
	if err == nil && bytes.Contains(l.Raw, []byte("hunter")) {
		return fmt.Errorf("a secret is in the line: %s", l.Raw)
	}
	return err
}

func fanOut(t *trial) error {
	if t.Set == nil {
		return errors.New("handlers cannot set fields")
	}
	const workers = 8
	target := t.serve(func(_ http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range workers {
			wg.Go(func() { t.Set(r.Context(), fmt.Sprintf("worker_%d", i), i) })
		}
		wg.Wait()
	})
	if _, _, err := get(target); err != nil {
		return err
	}
	l, err := t.line()
	if err != nil {
		return err
	}
	for i := range workers {
		if name := fmt.Sprintf("worker_%d", i); fmt.Sprint(l.Fields[name]) != fmt.Sprint(i) {
			return fmt.Errorf("field %s is %v", name, l.Fields[name])
		}
	}
	return nil
}

func leaked(t *trial) error {
	if t.Set == nil {
		return errors.New("handlers cannot set fields")
	}
	var kept context.Context
	target := t.serve(func(_ http.ResponseWriter, r *http.Request) {
		if kept == nil {
			kept = r.Context()
			return
		}
		t.Set(kept, "leaked", 1)
	})
	for range 20 {
		if _, _, err := get(target); err != nil {
			return err
		}
	}
	for _, l := range t.Lines() {
		if l.Fields["leaked"] != nil {
			return errors.New("a goroutine that outlived its request wrote into another line")
		}
	}
	return nil
}

func atOnce(t *trial) error {
	const requests = 20
	target := t.serve(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200) })
	var wg sync.WaitGroup
	for range requests {
		wg.Go(func() { get(target) })
	}
	wg.Wait()
	t.close() // waits for the handlers
	if n := len(t.Lines()); n != requests {
		return fmt.Errorf("%d lines for %d requests", n, requests)
	}
	return nil
}

func upload(t *trial) error {
	const size = 100 << 10
	got := make(chan int64, 1)
	target := t.serve(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		got <- n
	})
	response, err := http.Post(target, "text/plain", strings.NewReader(strings.Repeat("x", size)))
	if err != nil {
		return err
	}
	response.Body.Close()
	if n := <-got; n != size {
		return fmt.Errorf("the handler read %d of %d bytes", n, size)
	}
	_, err = t.line()
	return err
}

// brokenBody has the client leave in the middle of its body.
func brokenBody(t *trial) error {
	failed := make(chan error, 1)
	target := t.serve(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
		w.WriteHeader(http.StatusBadRequest)
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(target, "http://"))
	if err != nil {
		return err
	}
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	conn.(*net.TCPConn).CloseWrite()
	err = <-failed
	conn.Close()
	if err == nil {
		return errors.New("the handler is not told that the body broke off")
	}
	l, err := t.line()
	if err == nil && l.Status != http.StatusBadRequest {
		err = fmt.Errorf("status %d, want 400", l.Status)
	}
	return err
}

// maxLineBytes is what a store or a terminal may be asked to take as one line.
const maxLineBytes = 256 << 10

func longPath(t *trial) error {
	target := t.serve(func(http.ResponseWriter, *http.Request) {})
	response, err := http.Get(target + "/" + strings.Repeat("%22x", maxLineBytes))
	if err != nil {
		return err
	}
	response.Body.Close()
	l, err := t.line()
	switch {
	case err != nil:
		return err
	case len(l.Raw) > maxLineBytes:
		return fmt.Errorf("a line of %d bytes", len(l.Raw))
	case l.Fields == nil:
		return errors.New("the line does not parse")
	}
	return nil
}

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
)

func askTraced(t *trial, header string) (Line, error) {
	target := t.serve(func(http.ResponseWriter, *http.Request) {})
	request, err := http.NewRequest("GET", target, nil)
	if err != nil {
		return Line{}, err
	}
	request.Header.Set("traceparent", header)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Line{}, err
	}
	response.Body.Close()
	return t.line()
}

func traced(t *trial) error {
	l, err := askTraced(t, parent)
	if err == nil && !bytes.Contains(l.Raw, []byte(traceID)) {
		return errors.New("the line lacks the caller's trace")
	}
	return err
}

func malformed(t *trial) error {
	l, err := askTraced(t, "00-"+strings.ToUpper(traceID)+"-b7ad6b7169203331-01")
	if err == nil && bytes.Contains(bytes.ToLower(l.Raw), []byte(traceID)) {
		return errors.New("a malformed trace is taken over")
	}
	return err
}
