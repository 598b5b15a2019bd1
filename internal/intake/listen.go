package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/intake/gelf"
)

// GELF says where to listen for GELF. An empty address is not listened on.
type GELF struct {
	TCP, UDP string // host:port; 12201 is the usual port of both
	Dataset  string // where the lines go; dataset.Default when empty
}

const (
	// flushEvery is how long a message waits for others to share a sync with: a
	// fifth of a second is at once to those who look.
	flushEvery = 200 * time.Millisecond
	// queueBytes is what may wait for a slow disk before TCP is read no further
	// and datagrams are dropped.
	queueBytes = 16 << 20
	// queueParcels is how many datagrams may wait: a second and a half at 10,000
	// a second, for a sync that takes long; 1.5 MB when empty.
	queueParcels = 16 << 10
	// halfMessageFor is how long a connection may stand in the middle of a
	// message; between messages it may be silent for ever.
	halfMessageFor = 30 * time.Second
	// connsMost: each holds a buffer of 64 KiB or more.
	connsMost = 1024
	// lingerFor is how long a connection is still read when the server ends, for
	// what the sender believes to be delivered.
	lingerFor = 100 * time.Millisecond
	// socketBytes is the room the kernel is asked for, for bursts of datagrams.
	socketBytes = 4 << 20
	// datagramMost is the largest UDP datagram.
	datagramMost = 64 << 10
)

// Listener takes messages from sockets. Its addresses are taken when it is made,
// and read when it runs.
type Listener struct {
	in    *Intake
	gelf  GELF
	tcp   net.Listener
	udp   *net.UDPConn
	queue chan parcel
	room  *semaphore.Weighted // bytes that may lie in the queue
	conns *semaphore.Weighted
}

// parcel is what one read brought: whole messages of one sender.
type parcel struct {
	messages [][]byte
	cut      []bool // which of them were too long; nil: none
	size     int64
	source   string
	packed   bool // a payload of UDP, yet to be unpacked
	wrong    string
}

// ListenGELF takes the addresses. Close gives them back; Run does so at its end.
func (in *Intake) ListenGELF(g GELF) (*Listener, error) {
	if g.Dataset == "" {
		g.Dataset = dataset.Default
	}
	l := &Listener{in: in, gelf: g, queue: make(chan parcel, queueParcels), room: semaphore.NewWeighted(queueBytes), conns: semaphore.NewWeighted(connsMost)}
	if _, err := in.check(l.request()); err != nil {
		return nil, err
	}
	var err error
	if g.TCP != "" {
		if l.tcp, err = net.Listen("tcp", g.TCP); err != nil {
			return nil, fmt.Errorf("listen for GELF: %w", err)
		}
	}
	if g.UDP != "" {
		if err = l.listenUDP(); err != nil {
			return nil, errors.Join(fmt.Errorf("listen for GELF: %w", err), l.Close())
		}
	}
	return l, nil
}

func (l *Listener) listenUDP() error {
	address, err := net.ResolveUDPAddr("udp", l.gelf.UDP)
	if err != nil {
		return err
	}
	if l.udp, err = net.ListenUDP("udp", address); err != nil {
		return err
	}
	if err := l.udp.SetReadBuffer(socketBytes); err != nil {
		l.in.options.Log.Warn("no larger buffer for datagrams", "error", err)
	}
	return nil
}

func (l *Listener) request() Request {
	return Request{Format: "gelf", Dataset: l.gelf.Dataset}
}

// lineMost is where messages are cut.
func (l *Listener) lineMost() int {
	j, err := l.in.check(l.request())
	if err != nil { // the dataset is gone: what comes is dropped anyway
		return readBytes
	}
	return j.lineMost()
}

// TCP is the address TCP is listened on, nil when none.
func (l *Listener) TCP() net.Addr {
	if l.tcp == nil {
		return nil
	}
	return l.tcp.Addr()
}

// UDP is the address UDP is listened on, nil when none.
func (l *Listener) UDP() net.Addr {
	if l.udp == nil {
		return nil
	}
	return l.udp.LocalAddr()
}

// Close gives the addresses back.
func (l *Listener) Close() error {
	var errs []error
	if l.tcp != nil {
		errs = append(errs, l.tcp.Close())
	}
	if l.udp != nil {
		errs = append(errs, l.udp.Close())
	}
	return errors.Join(errs...)
}

// Run reads until ctx ends, then stores what was read and closes the addresses.
func (l *Listener) Run(ctx context.Context) error {
	var readers, store sync.WaitGroup
	store.Go(func() { (&collector{l: l}).run(ctx) })
	if l.tcp != nil {
		readers.Go(func() { l.accept(ctx) })
	}
	if l.udp != nil {
		readers.Go(func() { l.datagrams(ctx) })
	}
	<-ctx.Done()
	err := l.Close()
	readers.Wait()
	close(l.queue)
	store.Wait()
	return err
}

// accept serves connections until the listener is closed.
func (l *Listener) accept(ctx context.Context) {
	var conns sync.WaitGroup
	defer conns.Wait()
	for {
		conn, err := l.tcp.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			l.in.options.Log.Warn("accept a connection", "error", err)
			time.Sleep(lingerFor) // as when all file descriptors are taken
			continue
		}
		if !l.conns.TryAcquire(1) {
			l.in.options.Log.Warn("too many connections", "most", connsMost, "from", conn.RemoteAddr())
			conn.Close()
			continue
		}
		conns.Go(func() {
			defer l.conns.Release(1)
			l.serve(ctx, conn)
		})
	}
}

// serve reads one connection to its end.
func (l *Listener) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Now().Add(lingerFor)) })
	defer stop()
	source := conn.RemoteAddr().String()
	in := newLines(nil, l.lineMost())
	in.src, in.nul = &patient{ctx: ctx, conn: conn, lines: in}, true
	p := parcel{source: source}
	for {
		var r record
		err := l.in.guard.call(func() (err error) { r, err = in.next(); return err })
		if err != nil {
			l.end(in, err, source)
			l.send(context.WithoutCancel(ctx), p)
			return
		}
		p.add(r)
		if in.lineEnd() < 0 || p.size >= readBytes {
			l.send(context.WithoutCancel(ctx), p)
			p = parcel{source: source}
		}
	}
}

// end counts the message in whose middle a connection ended.
func (l *Listener) end(in *lines, err error, source string) {
	if err == io.EOF || blank(in.buf[in.start:in.end]) {
		return
	}
	l.in.options.Log.Warn("a connection ended within a message", "from", source, "error", err)
	l.drop(1)
}

// drop counts messages that are lost.
func (l *Listener) drop(n int) {
	if n > 0 {
		l.in.ledger.add(l.gelf.Dataset, "gelf", Tally{Offered: n, Dropped: n})
	}
}

// patient reads a connection: between messages without end, within one not.
type patient struct {
	ctx   context.Context
	conn  net.Conn
	lines *lines
}

func (p *patient) Read(b []byte) (int, error) {
	if p.ctx.Err() == nil {
		var deadline time.Time
		if p.lines.start < p.lines.end || p.lines.skip {
			deadline = time.Now().Add(halfMessageFor)
		}
		if err := p.conn.SetReadDeadline(deadline); err != nil {
			return 0, err
		}
		if p.ctx.Err() != nil { // it ended meanwhile, and the deadline set then is gone
			p.conn.SetReadDeadline(time.Now().Add(lingerFor))
		}
	}
	return p.conn.Read(b)
}

// add copies a message into the parcel.
func (p *parcel) add(r record) {
	p.messages = append(p.messages, append([]byte(nil), r.text...))
	p.size += int64(len(r.text)) + 64 // and its slice
	if r.cut || p.cut != nil {
		for len(p.cut) < len(p.messages) {
			p.cut = append(p.cut, false)
		}
		p.cut[len(p.cut)-1] = r.cut
	}
}

// send queues a parcel; while there is no room the sender waits.
func (l *Listener) send(ctx context.Context, p parcel) {
	if len(p.messages) == 0 {
		return
	}
	p.size = min(p.size, queueBytes)
	if l.room.Acquire(ctx, p.size) == nil { // ctx has no end
		l.queue <- p
	}
}

// datagrams reads datagrams until the socket is closed. Nobody waits: what there
// is no room for is dropped and counted.
func (l *Listener) datagrams(ctx context.Context) {
	var chunks gelf.Assembler
	buf := make([]byte, datagramMost)
	lost := 0
	for {
		n, from, err := l.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		var payload []byte
		err = l.in.guard.call(func() (err error) { payload, err = chunks.Add(buf[:n], from.Addr(), time.Now()); return err })
		l.drop(chunks.Lost - lost)
		lost = chunks.Lost
		l.offer(payload, from, err, buf[:n])
	}
}

// offer queues a payload or a wrong datagram, if there is room.
func (l *Listener) offer(payload []byte, from netip.AddrPort, wrong error, datagram []byte) {
	p := parcel{source: from.String(), packed: true}
	if wrong != nil {
		p.wrong, payload = wrong.Error(), datagram
	}
	if payload == nil {
		return
	}
	p.add(record{text: payload})
	if !l.room.TryAcquire(p.size) {
		l.drop(1)
		return
	}
	select {
	case l.queue <- p:
	default:
		l.room.Release(p.size)
		l.drop(1)
	}
}
