package sink

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

const gelfLine = `{"_time":"2026-11-21T09:30:00.123456789Z","_msg":"canonical-log-line POST 200","level":"warn","host":"web-1","user_id":"usr_1","http_status":200,"rate_allowed":true,"id":"x","bad name\n":null,"stages":[{"stage":"a"}]}`

func TestGELFMessage(t *testing.T) {
	got := map[string]any{}
	if err := json.Unmarshal((&GELF{}).message([]byte(gelfLine)), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"version": "1.1", "host": "web-1", "short_message": "canonical-log-line POST 200", "timestamp": 1795253400.123456,
		"level": 4.0, "_user_id": "usr_1", "_http_status": 200.0, "_rate_allowed": "true", "_id_": "x", "_bad_name_": "null",
		"_stages": `[{"stage":"a"}]`,
	} {
		if got[name] != want {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
	if err := json.Unmarshal((&GELF{Host: "me"}).message([]byte("a=\"b\"\xff")), &got); err != nil || got["host"] != "me" {
		t.Errorf("a line that is no JSON: %v %v", got, err)
	}
}

// The receiver puts the chunks together again.
func TestGELFOverUDP(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	g := &GELF{Network: "udp", Address: conn.LocalAddr().String()}
	defer g.Close()
	long := `{"_msg":"` + strings.Repeat("x", 3000) + `"}`
	tooLong := `{"_msg":"` + strings.Repeat("x", 200<<10) + `"}`
	batch := []byte(gelfLine + "\n" + long + "\n" + tooLong + "\n")
	rejected, err := g.Deliver(context.Background(), Batch{Lines: 3, Bytes: batch})
	if err != nil || rejected != 1 {
		t.Fatalf("rejected %d, error %v", rejected, err)
	}
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var whole []byte
	for i, parts := 0, 1; i < parts+1; i++ { // one plain datagram, then the chunks
		datagram := make([]byte, 2000)
		n, _, err := conn.ReadFrom(datagram)
		if err != nil {
			t.Fatal(err)
		}
		if datagram = datagram[:n]; i == 0 {
			if !bytes.Contains(datagram, []byte(`"_user_id":"usr_1"`)) {
				t.Errorf("first datagram %s", datagram)
			}
			continue
		}
		if datagram[0] != 0x1e || datagram[1] != 0x0f || int(datagram[10]) != i-1 {
			t.Fatalf("chunk %d begins with % x", i-1, datagram[:chunkHead])
		}
		parts = int(datagram[11])
		whole = append(whole, datagram[chunkHead:]...)
	}
	if !json.Valid(whole) || len(whole) < 3000 {
		t.Errorf("put together: %d bytes, %.60s", len(whole), whole)
	}
}

func TestGELFOverTCPConnectsAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &GELF{Network: "tcp", Address: listener.Addr().String()}
	defer g.Close()
	for round := range 2 {
		if _, err := g.Deliver(context.Background(), Batch{Lines: 1, Bytes: []byte(gelfLine + "\n")}); err != nil {
			t.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		message, err := bufio.NewReader(conn).ReadString(0)
		if err != nil || !json.Valid([]byte(strings.TrimSuffix(message, "\x00"))) {
			t.Errorf("round %d: %q %v", round, message, err)
		}
		conn.Close()
		g.broken(errors.New("as a failed write does"))
	}
	listener.Close()
	var busy *Busy
	if _, err := g.Deliver(context.Background(), Batch{Lines: 1, Bytes: []byte("{}\n")}); !errors.As(err, &busy) {
		t.Errorf("nobody listens: %v", err)
	}
}

// Whatever stands in a line, the message is valid JSON.
func FuzzGELFMessage(f *testing.F) {
	f.Add([]byte(gelfLine))
	f.Add([]byte(`{"a":1e400,"_time":"x","":[]}`))
	f.Add([]byte("\xff{"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if out := (&GELF{}).message(line); !json.Valid(out) {
			t.Fatalf("%q became %q", line, out)
		}
	})
}
