package health

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// said is all that comes back for what is sent, piece by piece.
func said(t *testing.T, address string, pieces ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, p := range pieces {
		if _, err := io.WriteString(conn, p); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond) // so that pieces arrive apart
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	b, _ := io.ReadAll(conn) // an aborted connection says what it said
	return string(b)
}

func TestSniffBesideHTTP(t *testing.T) {
	h := New(Options{})
	l := listen(t)
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	go server.Serve(h.Sniff(l, OK))
	defer server.Close()
	at := l.Addr().String()
	for _, pieces := range [][]string{{"ruok"}, {"r", "u", "ok"}, {"ruok\n"}, {"ruok\r\n"}} {
		if got := said(t, at, pieces...); got != "OK" {
			t.Errorf("%q is answered %q", pieces, got)
		}
	}
	for _, pieces := range [][]string{{"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}, {"GE", "T /readyz HTTP/1.0\r\n\r\n"}} {
		r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(said(t, at, pieces...))), nil)
		if err != nil || r.StatusCode != 200 {
			t.Errorf("%q is answered %v %v", pieces, r, err)
		}
	}
	if got := said(t, at, "ruoky / HTTP/1.1\r\n\r\n"); got == "OK" {
		t.Error("a longer word is taken for ruok")
	}
}

func TestServeWord(t *testing.T) {
	h := New(Options{})
	var loop dependency
	mustAdd(t, h, Check{Name: "loop", Probe: Live, Fails: 1, Run: loop.ask})
	ctx, cancel := context.WithCancel(t.Context())
	l := listen(t)
	done := make(chan error, 1)
	go func() { done <- h.Serve(ctx, l, ImOK) }()
	at := l.Addr().String()
	if got := said(t, at, "ruok"); got != "imok" {
		t.Errorf("answered %q", got)
	}
	if got := said(t, at, "stat"); got != "" {
		t.Errorf("stat is answered %q", got)
	}
	h.list()[0].settle(h, errors.New("gone"))
	if got := said(t, at, "ruok"); got != "" {
		t.Errorf("what does not live answers %q", got)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// reading is a connection that gives its bytes in the pieces it was told.
type reading struct {
	net.Conn
	pieces  []string
	written strings.Builder
}

func (r *reading) Read(b []byte) (int, error) {
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(b, r.pieces[0])
	if r.pieces[0] = r.pieces[0][n:]; r.pieces[0] == "" {
		r.pieces = r.pieces[1:]
	}
	return n, nil
}
func (r *reading) Write(b []byte) (int, error)      { return r.written.Write(b) }
func (r *reading) Close() error                     { return nil }
func (r *reading) SetWriteDeadline(time.Time) error { return nil }

// However the bytes are cut, those of another protocol arrive whole, and ruok is
// answered.
func FuzzSniff(f *testing.F) {
	f.Add("ruok", 2)
	f.Add("ruin", 3)
	f.Add("GET / HTTP/1.1", 1)
	f.Fuzz(func(t *testing.T, sent string, cut int) {
		cut = max(0, min(cut, len(sent)))
		r := &reading{}
		for _, p := range []string{sent[:cut], sent[cut:]} {
			if p != "" {
				r.pieces = append(r.pieces, p)
			}
		}
		got, _ := io.ReadAll(&sniffed{Conn: r, by: sniffer{health: New(Options{}), answer: OK}})
		if r.written.Len() > 0 {
			if !strings.HasPrefix(sent, word) {
				t.Errorf("%q is answered", sent)
			}
			return
		}
		if string(got) != sent || sent == word {
			t.Errorf("%q arrives as %q, unanswered", sent, got)
		}
	})
}
