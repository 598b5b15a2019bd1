package sink

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"
)

// GELF delivers lines of JSON to whatever takes Graylog's extended log format:
//
//	{"version":"1.1","host":"web-1","short_message":"…","timestamp":1795253400.123,"level":6,"_user_id":"usr_123",…}
//
// Over UDP nobody says what arrived; over TCP a batch cut off half way is sent
// again whole.
type GELF struct {
	Network string // udp or tcp
	Address string // host:port
	Host    string // for lines that name none

	conn net.Conn
}

// A datagram that does not fit goes in chunks of what passes any network unbroken:
//
//	1e 0f │ id, 8 bytes │ number, from 0 │ count │ part of the payload
const (
	datagramBytes = 1420
	chunkHead     = 12
	maxChunks     = 128 // of a message, by the specification
)

const gelfTimeout = 10 * time.Second

// Deliver implements Delivery.
func (g *GELF) Deliver(ctx context.Context, b Batch) (rejected int, err error) {
	if err := g.connect(ctx); err != nil {
		return 0, &Busy{Cause: err}
	}
	deadline := time.Now().Add(gelfTimeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	stop := context.AfterFunc(ctx, func() { g.conn.SetWriteDeadline(time.Now()) }) //nolint:errcheck // closed: as good
	defer stop()
	if err := g.conn.SetWriteDeadline(deadline); err != nil {
		return 0, g.broken(err)
	}
	for line := range b.lines() {
		fits, err := g.send(g.message(line))
		if err != nil {
			return 0, g.broken(err)
		}
		if !fits {
			rejected++
		}
	}
	return rejected, nil
}

func (g *GELF) connect(ctx context.Context) (err error) {
	if g.conn != nil {
		return nil
	}
	dialer := net.Dialer{Timeout: gelfTimeout}
	if g.conn, err = dialer.DialContext(ctx, g.Network, g.Address); err != nil {
		g.conn = nil
		return fmt.Errorf("GELF to %s %s: %w", g.Network, g.Address, err)
	}
	return nil
}

// broken gives the connection up; the next attempt makes a new one.
func (g *GELF) broken(err error) error {
	g.Close() //nolint:errcheck // the error to tell is the one before
	return &Busy{Cause: fmt.Errorf("GELF to %s %s: %w", g.Network, g.Address, err)}
}

// Close implements io.Closer.
func (g *GELF) Close() error {
	if g.conn == nil {
		return nil
	}
	err := g.conn.Close()
	g.conn = nil
	return err
}

// send sends one message; false says that it is longer than the form allows.
func (g *GELF) send(message []byte) (fits bool, err error) {
	if !strings.HasPrefix(g.Network, "udp") {
		_, err := g.conn.Write(append(message, 0))
		return true, err
	}
	if len(message) <= datagramBytes {
		_, err := g.conn.Write(message)
		return true, err
	}
	const part = datagramBytes - chunkHead
	count := (len(message) + part - 1) / part
	if count > maxChunks {
		return false, nil
	}
	head := binary.BigEndian.AppendUint64([]byte{0x1e, 0x0f}, rand.Uint64())
	for number := range count {
		chunk := append(head[:len(head):len(head)], byte(number), byte(count))
		chunk = append(chunk, message[number*part:min((number+1)*part, len(message))]...)
		if _, err := g.conn.Write(chunk); err != nil {
			return true, err
		}
	}
	return true, nil
}

// message is a line in GELF. What is no JSON becomes a message as it is.
func (g *GELF) message(line []byte) []byte {
	fields, err := members(line)
	if err != nil {
		fields = []member{{name: "_msg", raw: quoted(string(line))}}
	}
	host, msg, level := g.Host, "-", 6
	out := []byte(`{"version":"1.1"`)
	for _, f := range fields {
		switch f.name {
		case "_msg":
			msg = f.text()
		case "_time":
			if at, err := time.Parse(time.RFC3339Nano, f.text()); err == nil {
				out = fmt.Appendf(out, `,"timestamp":%d.%06d`, at.Unix(), at.Nanosecond()/1000)
			}
		case "host":
			host = f.text()
		case "level":
			level = severity(f.text())
		default:
			out = appendAdditional(out, f)
		}
	}
	if host == "" {
		host = "-" // which the form requires
	}
	out = append(append(out, `,"host":`...), quoted(host)...)
	out = append(append(out, `,"short_message":`...), quoted(msg)...)
	return append(strconv.AppendInt(append(out, `,"level":`...), int64(level), 10), '}')
}

// appendAdditional writes a field of our own, which GELF marks with an underscore;
// only texts and numbers are allowed there, and _id is not.
func appendAdditional(b []byte, f member) []byte {
	name := strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, f.name)
	if name == "id" {
		name = "id_"
	}
	b = append(append(append(b, `,"_`...), name...), `":`...)
	if c := f.raw[0]; c == '"' || c == '-' || '0' <= c && c <= '9' {
		return append(b, f.raw...)
	}
	return append(b, quoted(string(f.raw))...)
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil { // no text makes it fail
		return []byte(`""`)
	}
	return b
}

// severity is the level as syslog counts it.
func severity(level string) int {
	name, _, _ := strings.Cut(level, "+")
	switch name {
	case "error":
		return 3
	case "warn":
		return 4
	case "info":
		return 6
	}
	return 7
}
