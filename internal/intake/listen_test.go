package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
)

// listening runs a listener on loopback; stop ends it and waits.
func listening(t *testing.T, in *Intake) (l *Listener, stop func()) {
	t.Helper()
	l, err := in.ListenGELF(GELF{TCP: "127.0.0.1:0", UDP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	return l, stop
}

func dial(t *testing.T, a net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// within waits until something holds, for as long as a slow machine may need.
func within(t *testing.T, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not happen within ten seconds")
}

func TestGELFOverTCP(t *testing.T) {
	s := new(shelf)
	in := intakeOn(s)
	l, stop := listening(t, in)
	conn := dial(t, l.TCP())
	const n = 5000
	for i := range n {
		fmt.Fprintf(conn, `{"version":"1.1","host":"h","short_message":"m %d","timestamp":1795000000.%03d,"_n":%d}%s`, i, i%1000, i, []string{"\x00", "\n", "\n\x00", "\r\n"}[i%4])
	}
	fmt.Fprint(conn, "broken\x00", `{"short_message":"without an end"}`)
	conn.Close()
	within(t, func() bool { return s.count("app", "_time") == n+1 })
	stop()
	same(t, s.rows("app")[7], `{"_time":"2026-11-18T11:06:40.007Z","host":"h","_msg":"m 7","n":7}`)
	if kept := s.rows(dataset.Rejected); len(kept) != 1 || fields(t, kept[0])["_msg"] != "broken" {
		t.Errorf("kept %q", kept)
	}
	c := in.Counters()[0].Tally
	if c.Offered != n+2 || c.Stored != n+1 || c.Rejected != 1 || c.Dropped != 0 {
		t.Errorf("counters %+v", c)
	}
}

func TestGELFOverUDP(t *testing.T) {
	s := new(shelf)
	in := intakeOn(s)
	l, stop := listening(t, in)
	conn := dial(t, l.UDP())
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, `{"short_message":"zipped"}`)
	z.Close()
	half := `{"short_message":"` + strings.Repeat("x", 100) + `"}`
	for _, d := range []string{
		`{"short_message":"plain"}`, packed.String(), "\x1f\x8bbroken", "not JSON\x00", "",
		"\x1e\x0fabcdefgh\x01\x02" + half[50:], "\x1e\x0fabcdefgh\x00\x02" + half[:50],
		"\x1e\x0fshort", "\x1e\x0fABCDEFGH\x00\x01" + `{"short_message":"one of one"}`,
	} {
		conn.Write([]byte(d))
	}
	within(t, func() bool { return len(s.rows("app")) == 4 && len(s.rows(dataset.Rejected)) == 3 })
	stop()
	if c := in.Counters()[0].Tally; c.Offered != 7 || c.Stored != 4 || c.Rejected != 3 {
		t.Errorf("counters %+v", c)
	}
}

// While the store is full TCP is not read, and nothing of it is lost; datagrams
// are dropped and counted.
func TestGELFWaitsForTheStore(t *testing.T) {
	s := &shelf{broken: fault.New(fault.Busy, "full")}
	in := intakeOn(s, func(o *Options) { o.ChunkRows = 10 })
	l, stop := listening(t, in)
	tcp, udp := dial(t, l.TCP()), dial(t, l.UDP())
	const n, size = 400, 100_000
	sent := make(chan error, 1)
	go func() {
		var err error
		for i := range n {
			_, err = fmt.Fprintf(tcp, `{"short_message":"%d","_x":"%s"}`+"\x00", i, strings.Repeat("x", size))
		}
		sent <- err
	}()
	dropped := func() int {
		for _, c := range in.Counters() {
			return c.Dropped
		}
		return 0
	}
	within(t, func() bool {
		udp.Write([]byte(`{"_u":"` + strings.Repeat("x", 30_000) + `"}`))
		return dropped() > 0
	})
	select {
	case err := <-sent:
		t.Errorf("40 MB went into a full house: %v", err)
	default:
	}
	s.mu.Lock()
	s.broken = nil
	s.mu.Unlock()
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	tcp.Close()
	within(t, func() bool { return s.count("app", "_msg") == n })
	stop()
	c := in.Counters()[0].Tally
	if c.Offered != c.Stored+c.Rejected+c.Refused+c.Dropped || c.Stored != s.count("app", "_time") {
		t.Errorf("counters %+v for %d rows", c, s.count("app", "_time"))
	}
}

func TestGELFAtTheEnd(t *testing.T) {
	s := &shelf{broken: errors.New("disk gone")}
	in := intakeOn(s)
	l, stop := listening(t, in)
	conn := dial(t, l.TCP())
	fmt.Fprint(conn, "{}\x00{}\x00{\"half")
	within(t, func() bool {
		return l.room.TryAcquire(queueBytes) && func() bool { l.room.Release(queueBytes); return true }()
	})
	time.Sleep(50 * time.Millisecond)
	stop()
	if c := in.Counters()[0].Tally; c.Offered != 3 || c.Dropped != 3 {
		t.Errorf("counters %+v", c)
	}
	if _, err := net.Dial("tcp", l.TCP().String()); err == nil {
		t.Error("the address is still taken")
	}
}

func TestListenErrors(t *testing.T) {
	in := intakeOn(new(shelf))
	first, err := in.ListenGELF(GELF{TCP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	for _, g := range []GELF{{TCP: first.TCP().String()}, {UDP: "nowhere.invalid:1"}, {TCP: "127.0.0.1:0", Dataset: "No"}} {
		if l, err := in.ListenGELF(g); err == nil {
			l.Close()
			t.Errorf("%+v is listened on", g)
		}
	}
}

func TestGELFBodies(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		rows int
	}{
		"one":                {`{"short_message":"a"}`, 1},
		"over several lines": {"{\n \"short_message\": \"a\",\n \"_b\": {\"c\":\n1}\n}\n", 1},
		"a line each":        {"{\"short_message\":\"a\"}\n{\"short_message\":\"b\"}\n", 2},
		"zero bytes":         {"{\"short_message\":\"a\"}\x00{\"short_message\":\"b\"}\x00", 2},
	} {
		s, r := taken(t, Request{Format: "gelf", Body: strings.NewReader(c.body)})
		if r.Accepted != c.rows || r.Rejected != 0 || !strings.Contains(s.rows("app")[0], `"_msg":"a"`) {
			t.Errorf("%s: receipt %+v, rows %q", name, r, s.rows("app"))
		}
	}
}
