package columnar

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// queue is where appends wait for the log. Whoever finds it free writes for
// all who wait, in the order in which they came; so rows are numbered, logged
// and shown in one and the same order.
type queue struct {
	turn chan struct{} // held (by sending) by the one who writes

	mu      sync.Mutex
	waiting []*request
}

// request is one append. What follows done is set before it is closed.
type request struct {
	entry   entry
	encoded []byte
	buffer  *[]byte  // that encoded lies in
	shelves []*shelf // of the pieces
	done    chan struct{}

	earlier []byte
	err     error
}

// maxGroupBytes bounds how long the last of a group waits: 4 MiB are written
// and synced in about 2 ms.
const maxGroupBytes = 4 << 20

// Append makes the rows of all batches durable together, and then visible.
// They get their _seq here; a column of that name is replaced. Each row needs
// a _time. The batches belong to the store afterwards.
//
// A full disk, and buffers that cannot be emptied, are errors of kind Busy: it
// is worth trying again. An error of ctx says that nothing was stored; a sync
// under way is not interrupted.
func (s *Store) Append(ctx context.Context, batches ...*row.Batch) error {
	_, err := s.AppendOnce(ctx, "", nil, batches...)
	return err
}

// AppendOnce is Append under a name. When the name was seen within a day it
// stores nothing and returns the receipt of then, which is never nil. An empty
// name is none.
func (s *Store) AppendOnce(ctx context.Context, name string, receipt []byte, batches ...*row.Batch) (earlier []byte, err error) {
	r, err := s.prepare(name, receipt, batches)
	if err != nil || r == nil {
		return nil, err
	}
	if err := s.makeRoom(ctx); err != nil {
		s.counts.refused.Add(1)
		return nil, err
	}
	s.queue.mu.Lock()
	s.queue.waiting = append(s.queue.waiting, r)
	s.queue.mu.Unlock()
	select {
	case <-r.done:
	case s.queue.turn <- struct{}{}:
		s.writeUntil(r)
		<-s.queue.turn
	case <-ctx.Done():
		if s.queue.withdraw(r) {
			return nil, ctx.Err()
		}
		<-r.done
	}
	if cap(r.encoded) <= maxGroupBytes { // one giant is no reason to hold its memory for ever
		*r.buffer = r.encoded
		s.encoded.Put(r.buffer)
	}
	return r.earlier, r.err
}

// writeUntil writes group after group until r is answered. A panic leaves the store in
// no state that anybody knows: it ends the process, and the next one reads the log,
// although whoever handles requests would recover it and let all others wait for ever.
func (s *Store) writeUntil(r *request) {
	defer func() {
		if c := fault.Crashed(recover()); c != nil {
			go panic(fmt.Sprintf("while lines were written: %v\n%s", c.Value, c.Stack))
			select {} // nothing goes on from here
		}
	}()
	for !r.answered() {
		s.write(s.queue.take())
	}
}

// prepare checks and encodes an append; nil when there is nothing to do.
func (s *Store) prepare(name string, receipt []byte, batches []*row.Batch) (*request, error) {
	r := &request{done: make(chan struct{})}
	r.entry = entry{when: s.opts.Now().UnixNano(), name: name, receipt: receipt}
	for _, b := range batches {
		if b == nil || b.Len == 0 {
			continue
		}
		if err := r.add(s, b); err != nil {
			return nil, err
		}
	}
	if len(r.entry.pieces) == 0 && name == "" {
		return nil, nil
	}
	if r.buffer, _ = s.encoded.Get().(*[]byte); r.buffer == nil {
		r.buffer = new([]byte)
	}
	r.encoded = r.entry.encode((*r.buffer)[:0])
	return r, nil
}

// maxPieceRows is how many rows of an append stay together.
const maxPieceRows = 1 << 16

func (r *request) add(s *Store, b *row.Batch) error {
	times := b.Col(row.FieldTime)
	if times.Kind == row.Const && times.One.Kind == row.Time && !times.Nulls.Any() {
		b = b.With(constTimes(times.One.Nums(), b.Len))
		times = b.Col(row.FieldTime)
	}
	if times.Kind != row.Time || times.Nulls.Any() {
		return fault.New(fault.Invalid, "append to dataset %s: a row without %s", b.Dataset, row.FieldTime)
	}
	f, err := s.shelfOf(b.Dataset)
	if err != nil {
		return err
	}
	period := s.declared(b.Dataset).Period
	b = without(b, row.FieldSeq)
	for from := 0; from < b.Len; from += maxPieceRows {
		r.entry.pieces = append(r.entry.pieces, piece{batch: b.Slice(from, min(b.Len, from+maxPieceRows)), period: period})
		r.shelves = append(r.shelves, f)
	}
	return nil
}

func constTimes(t int64, n int) row.Column {
	nums := make([]int64, n)
	for i := range nums {
		nums[i] = t
	}
	return row.Column{Name: row.FieldTime, Kind: row.Time, Nums: nums}
}

// without is the batch without a column.
func without(b *row.Batch, name string) *row.Batch {
	i := slices.IndexFunc(b.Cols, func(c row.Column) bool { return c.Name == name })
	if i < 0 {
		return b
	}
	out := *b
	out.Cols = slices.Delete(slices.Clone(b.Cols), i, i+1)
	return &out
}

func (r *request) answered() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (r *request) answer(earlier []byte, err error) {
	r.earlier, r.err = earlier, err
	close(r.done)
}

// take returns the requests of the next group; at least one, when there is
// one. No name is in a group twice: the second is answered with the first's
// receipt.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	bytes, n := 0, 0
	for ; n < len(q.waiting); n++ {
		r := q.waiting[n]
		if n > 0 && (bytes+len(r.encoded) > maxGroupBytes || named(q.waiting[:n], r.entry.name)) {
			break
		}
		bytes += len(r.encoded)
	}
	group := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return group
}

func named(group []*request, name string) bool {
	return name != "" && slices.ContainsFunc(group, func(r *request) bool { return r.entry.name == name })
}

// withdraw takes a request back, unless somebody is writing it.
func (q *queue) withdraw(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, r)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}
