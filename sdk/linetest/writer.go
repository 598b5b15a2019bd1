package linetest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// writerQuestions ask what handlers find of their writer behind the middleware.
func writerQuestions() []question {
	return []question{
		{"HTTP/1 writer keeps its abilities", func(t *trial) error { return truth(t, false) }},
		{"HTTP/2 writer keeps its abilities", func(t *trial) error { return truth(t, true) }},
		{"nothing is claimed over a plain writer", claims},
		{"events arrive while the handler runs", events},
		{"trailers", trailers},
		{"HTTP/2 without TLS", cleartext},
		{"full duplex and deadlines", duplex},
		{"bytes by ReadFrom are counted", readFrom},
		{"reverse proxy", proxied},
	}
}

// abilities are what a handler finds by type assertion.
func abilities(w http.ResponseWriter) string {
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

func truth(t *trial, http2 bool) error {
	var bare, wrapped string
	inner := t.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { wrapped = abilities(w) }))
	url := t.start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bare = abilities(w)
		inner.ServeHTTP(w, r)
	}), func(s *httptest.Server) {
		if http2 {
			s.EnableHTTP2 = true
			s.StartTLS()
		}
	})
	response, err := t.server.Client().Get(url)
	if err != nil {
		return err
	}
	response.Body.Close()
	if bare != wrapped {
		return fmt.Errorf("the writer can %q, wrapped %q", bare, wrapped)
	}
	return nil
}

func claims(t *trial) error {
	var wrapped string
	h := t.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { wrapped = abilities(w) }))
	h.ServeHTTP(struct{ http.ResponseWriter }{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
	if wrapped != "" {
		return fmt.Errorf("it claims %q", wrapped)
	}
	return nil
}

func events(t *trial) error {
	seen := make(chan struct{})
	url := t.serve(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "data: 1\n\n")
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		select {
		case <-seen:
		case <-time.After(patience):
		}
	})
	came := make(chan error, 1)
	go func() {
		response, err := http.Get(url)
		if err != nil {
			came <- err
			return
		}
		defer response.Body.Close()
		_, err = io.ReadFull(response.Body, make([]byte, len("data: 1\n\n")))
		came <- err
		io.Copy(io.Discard, response.Body)
	}()
	var err error
	select {
	case err = <-came:
	case <-time.After(patience / 2):
		err = errors.New("the event waits for the handler to end")
	}
	close(seen)
	if err != nil {
		return err
	}
	return t.want(200, false, "ok")
}

func trailers(t *trial) error {
	url := t.serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "Sum")
		io.WriteString(w, "body")
		w.Header().Set("Sum", "4")
	})
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	if response.Trailer.Get("Sum") != "4" {
		return fmt.Errorf("trailers %v", response.Trailer)
	}
	return t.want(200, false, "ok")
}

func cleartext(t *trial) error {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	url := t.start(t.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) })),
		func(s *httptest.Server) { s.Config.Protocols = protocols })
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != "HTTP/2.0" {
		return fmt.Errorf("spoke %s", body)
	}
	return t.want(200, false, "ok")
}

func duplex(t *trial) error {
	failed := make(chan error, 1)
	url := t.serve(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		failed <- errors.Join(c.EnableFullDuplex(), c.SetReadDeadline(time.Now().Add(time.Minute)), c.SetWriteDeadline(time.Now().Add(time.Minute)), c.Flush())
	})
	if _, _, err := get(url); err != nil {
		return err
	}
	return <-failed
}

func readFrom(t *trial) error {
	const text = "copied by the kernel where it can"
	url := t.serve(func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, strings.NewReader(text)) })
	if _, body, err := get(url); err != nil || body != text {
		return fmt.Errorf("body %q, error %v", body, err)
	}
	l, err := t.line()
	if err == nil && l.Bytes != -1 && l.Bytes != int64(len(text)) {
		err = fmt.Errorf("%d bytes counted, %d sent", l.Bytes, len(text))
	}
	return err
}

func proxied(t *trial) error {
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) }))
	defer behind.Close()
	h := &httputilProxy{target: behind.URL}
	if _, _, err := get(t.serve(h.ServeHTTP)); err != nil {
		return err
	}
	return t.want(418, false, "client_error")
}
