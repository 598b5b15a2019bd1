// Package sink carries finished lines away without ever making their writer
// wait: a bounded queue in memory, and behind it a delivery that may be slow,
// refuse or be gone.
//
//	lines := sink.Open(sink.Server{URL: "http://127.0.0.1:7420", Dataset: "canonical"}, sink.Options{})
//	defer lines.Close(ctx)
//	lines.Put(line)
//
// Every line offered is delivered, rejected by the receiver, or dropped, and
// counted as such.
package sink

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Delivery takes batches to where they are kept. Deliver returns how many lines
// the receiver could not read. An error that is a *Busy has the same batch, by
// the same name, delivered again; any other error gives the batch up.
type Delivery interface {
	Deliver(ctx context.Context, b Batch) (rejected int, err error)
}

// Batch is a run of whole lines, each ended by a newline. Its name is its own
// among all batches of all processes, so that a receiver which already has it
// need not store it twice. Bytes are valid until Deliver returns without an error.
type Batch struct {
	Name  string
	Lines int
	Bytes []byte
}

// Busy says that the receiver could not take a batch now.
type Busy struct {
	After time.Duration // as the receiver asked for; zero: as the queue sees fit
	Cause error
}

func (b *Busy) Error() string { return b.Cause.Error() }
func (b *Busy) Unwrap() error { return b.Cause }

// Options of a queue; the zero value is ready for use.
type Options struct {
	MaxBytes   int           // held in memory at most, beyond it lines are dropped; 8 MiB
	BatchBytes int           // sent at once at most; 512 KiB
	FlushEvery time.Duration // the longest a line waits for company; 500 ms
	Delimited  bool          // a line has its length before it, as a varint, and no newline behind: for protobuf
	Report     func(error)   // told of failures, at most once a minute; nil tells nobody
}

const (
	// A service of 1,000 requests a second writes 0.5 MB of lines in that time, so
	// it may lose sight of its server for a quarter of a minute.
	defaultMaxBytes = 8 << 20
	// Large enough that a request's overhead vanishes, small enough that a retry
	// costs little.
	defaultBatchBytes = 512 << 10
	// A line is found before anybody has typed a question about it.
	defaultFlushEvery = 500 * time.Millisecond
	reportEvery       = time.Minute
	grace             = 100 * time.Millisecond
)

// Counts tells what became of the lines put into a queue. Once it is closed,
// Offered = Delivered + Rejected + Dropped.
type Counts struct {
	Offered   uint64
	Delivered uint64
	Rejected  uint64 // could not be read by the receiver
	Dropped   uint64 // found the queue full or closed, or their batch was given up
	Retries   uint64 // deliveries tried again
}

// Plus adds the counts of another queue.
func (c Counts) Plus(other Counts) Counts {
	return Counts{
		Offered: c.Offered + other.Offered, Delivered: c.Delivered + other.Delivered,
		Rejected: c.Rejected + other.Rejected, Dropped: c.Dropped + other.Dropped, Retries: c.Retries + other.Retries,
	}
}

// Queue is a bounded queue of lines in front of one delivery.
type Queue struct {
	delivery Delivery
	options  Options
	name     string // of this queue, the first part of its batches' names

	mu     sync.Mutex
	queued []chunk  // the last one is being filled
	spares [][]byte // buffers that were delivered, to be filled again
	bytes  int      // in queued, and in the batch under way
	batch  int      // number of the next batch
	closed bool

	wake   chan struct{} // a line waits
	full   chan struct{} // a whole batch waits
	ending chan struct{} // closed by Close
	ended  chan struct{} // closed by the delivering goroutine
	cancel context.CancelFunc

	reported time.Time // by the delivering goroutine only

	offered, delivered, rejected, dropped, retries atomic.Uint64
}

type chunk struct {
	bytes []byte
	lines int
}

// Open starts a queue and the goroutine that delivers from it, until Close. A
// delivery that is an io.Closer is closed behind the last batch.
func Open(d Delivery, o Options) *Queue {
	o.MaxBytes = orDefault(o.MaxBytes, defaultMaxBytes)
	o.BatchBytes = min(orDefault(o.BatchBytes, defaultBatchBytes), o.MaxBytes)
	o.FlushEvery = orDefault(o.FlushEvery, defaultFlushEvery)
	var id [8]byte
	for i := range id {
		id[i] = byte(rand.Uint32())
	}
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{
		delivery: d, options: o, name: hex.EncodeToString(id[:]),
		wake: make(chan struct{}, 1), full: make(chan struct{}, 1),
		ending: make(chan struct{}), ended: make(chan struct{}), cancel: cancel,
	}
	go q.run(ctx)
	return q
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Put offers one line, without its newline. It copies the line, never blocks on
// the delivery, and drops the line where the queue is full or closed.
func (q *Queue) Put(line []byte) {
	q.offered.Add(1)
	q.mu.Lock()
	defer q.mu.Unlock()
	need := len(line) + 1
	if q.options.Delimited {
		need = len(line) + binary.MaxVarintLen32
	}
	if q.closed || q.bytes+need > q.options.MaxBytes {
		q.dropped.Add(1)
		return
	}
	if n := len(q.queued); n == 0 || len(q.queued[n-1].bytes)+need > q.options.BatchBytes {
		if n > 0 {
			signal(q.full)
		}
		q.queued = append(q.queued, chunk{bytes: q.buffer(n > 0)})
	}
	last := &q.queued[len(q.queued)-1]
	before := len(last.bytes)
	if q.options.Delimited {
		last.bytes = append(binary.AppendUvarint(last.bytes, uint64(len(line))), line...)
	} else {
		last.bytes = append(append(last.bytes, line...), '\n')
	}
	last.lines++
	q.bytes += len(last.bytes) - before
	signal(q.wake)
}

// maxSpares are the buffers kept: one is filled, one delivered, one waits.
const maxSpares = 3

// buffer is an empty one; whole where so much comes that it will be filled, for
// growing one costs twice its size. The caller holds the lock.
func (q *Queue) buffer(whole bool) []byte {
	if n := len(q.spares); n > 0 {
		b := q.spares[n-1]
		q.spares = q.spares[:n-1]
		return b[:0]
	}
	if whole {
		return make([]byte, 0, q.options.BatchBytes)
	}
	return nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Counts reads the counters.
func (q *Queue) Counts() Counts {
	return Counts{
		Offered: q.offered.Load(), Delivered: q.delivered.Load(), Rejected: q.rejected.Load(),
		Dropped: q.dropped.Load(), Retries: q.retries.Load(),
	}
}

// Close takes no more lines and delivers what is queued, for as long as ctx
// lasts. What is left then is dropped and counted, and the error is that of ctx.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.ending)
	}
	q.mu.Unlock()
	select {
	case <-q.ended:
		return nil
	case <-ctx.Done():
		q.cancel()
	}
	select { // a delivery that obeys its context ends now; one that hangs is left behind
	case <-q.ended:
	case <-time.After(grace):
	}
	return ctx.Err()
}

// take cuts the oldest batch off the queue.
func (q *Queue) take() (c chunk, name string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queued) == 0 {
		return chunk{}, "", false
	}
	c = q.queued[0]
	q.queued = slices.Delete(q.queued, 0, 1)
	q.batch++
	return c, q.name + "-" + strconv.Itoa(q.batch), true
}

// done gives the memory of a batch back. It is filled again only after a delivery
// that went well: one that was cut short may still be reading it.
func (q *Queue) done(c chunk, well bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= len(c.bytes)
	if well && cap(c.bytes) <= 2*q.options.BatchBytes && len(q.spares) < maxSpares {
		q.spares = append(q.spares, c.bytes[:0])
	}
}
