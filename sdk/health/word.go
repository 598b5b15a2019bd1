package health

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Answers to the word ruok.
const (
	OK   = "OK"
	ImOK = "imok" // as ZooKeeper says
)

const word = "ruok"

// Sniff answers connections that begin with the four letters ruok, and leaves all
// others to whoever accepts them, such as an HTTP server on the same port. The
// answer is OK or ImOK while the service lives, and none when it does not.
func (h *Health) Sniff(l net.Listener, answer string) net.Listener {
	return sniffer{l, h, answer}
}

type sniffer struct {
	net.Listener
	health *Health
	answer string
}

// Accept does not read: it would wait for the slowest.
func (s sniffer) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &sniffed{Conn: conn, by: s}, nil
}

// sniffed looks at the first bytes when somebody reads them.
type sniffed struct {
	net.Conn
	by   sniffer
	read int // bytes of the word seen so far; beyond it: the rest is not ours
}

// Read hands bytes on as they come, for they may be the start of anything, and
// ends the connection after the word. A server of another protocol has seen four
// letters then, and no end of a line.
func (c *sniffed) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.read > len(word) {
		return n, err
	}
	for i := 0; i < n; i++ {
		if c.read == len(word) || b[i] != word[c.read] {
			if c.read == len(word) && (b[i] == '\n' || b[i] == '\r') {
				break // ruok, sent by hand
			}
			c.read = len(word) + 1
			return n, err
		}
		c.read++
	}
	if c.read < len(word) {
		return n, err
	}
	c.reply()
	_ = c.Conn.Close() // or a server that has read ru before ok would say what it thinks of that
	return 0, io.EOF
}

func (c *sniffed) reply() {
	const patience = time.Second // two letters need none
	if !c.by.health.Up(Live) {
		return
	}
	_ = c.Conn.SetWriteDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(c.Conn, c.by.answer) // who left does not ask
}

// Serve answers ruok on a port of its own, until ctx ends or the listener fails.
// It closes the listener.
func (h *Health) Serve(ctx context.Context, l net.Listener, answer string) error {
	const (
		atOnce   = 64          // who asks more often than that is no monitor
		patience = time.Second // to say four letters
	)
	var wait sync.WaitGroup
	defer wait.Wait()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	places := make(chan struct{}, atOnce)
	sniffing := h.Sniff(l, answer)
	for {
		conn, err := sniffing.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // one connection failed; the next may not
			time.Sleep(10 * time.Millisecond)
			continue
		}
		places <- struct{}{}
		wait.Go(func() {
			defer func() { conn.Close(); <-places }()
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			var b [len(word)]byte
			_, _ = io.ReadFull(conn, b[:]) // answers by itself; all else gets silence
		})
	}
}
