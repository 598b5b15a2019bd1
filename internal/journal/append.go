package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
)

// request is one Append waiting for its group. first and err are set before done is closed.
type request struct {
	payloads [][]byte
	bytes    int64
	done     chan struct{}
	first    Position
	err      error
}

// Append adds one frame for each payload and returns the position of the first, the others following one by one, once all are durable. Those
// who call at the same time share a write and a sync: whoever finds the files free works for all who wait.
//
// After an error the frames are not here, or, when the process ends before the next Append succeeds, they may turn up once. The journal lives
// on: a full disk gives an error of kind Busy and is tried again by the next Append; after a failed write or sync the file is given up, the
// group is written to a new one at once, and the error comes only when that fails too. An error of ctx says that nothing was written; ctx
// does not interrupt a write under way. The payloads are not kept.
func (j *Journal) Append(ctx context.Context, payloads ...[]byte) (Position, error) {
	r := &request{payloads: payloads, done: make(chan struct{})}
	if err := r.measure(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	j.mu.Lock()
	j.queue = append(j.queue, r)
	j.mu.Unlock()
	select {
	case <-r.done:
	case j.turn <- struct{}{}:
		for !r.answered() {
			j.commit(j.take())
		}
		<-j.turn
	case <-ctx.Done():
		if j.withdraw(r) {
			return 0, ctx.Err()
		}
		<-r.done
	}
	return r.first, r.err
}

func (r *request) measure() error {
	if len(r.payloads) == 0 {
		return fault.New(fault.Invalid, "nothing to append")
	}
	for _, p := range r.payloads {
		if len(p) > maxPayload {
			return fault.New(fault.Invalid, "a payload of %d bytes, at most %d can be journaled", len(p), maxPayload)
		}
		r.bytes += frameBytes(int64(len(p)))
	}
	return nil
}

func (r *request) answered() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// take returns the requests of the next group, in the order they came; at least one, when there is one.
func (j *Journal) take() []*request {
	j.mu.Lock()
	defer j.mu.Unlock()
	var bytes int64
	n := 0
	for n < len(j.queue) && (n == 0 || bytes+j.queue[n].bytes <= maxGroupBytes) {
		bytes += j.queue[n].bytes
		n++
	}
	group := slices.Clone(j.queue[:n])
	j.queue = slices.Delete(j.queue, 0, n)
	return group
}

// withdraw takes a request back, unless somebody is writing it.
func (j *Journal) withdraw(r *request) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.Index(j.queue, r)
	if i < 0 {
		return false
	}
	j.queue = slices.Delete(j.queue, i, i+1)
	return true
}

// commit writes a group and answers everybody in it.
func (j *Journal) commit(group []*request) {
	first := j.next
	err := j.write(group)
	for _, r := range group {
		if err != nil {
			r.err = err
		} else {
			r.first = first
			first += Position(len(r.payloads))
		}
		close(r.done)
	}
}

// write makes a group durable, in a second file when the first one fails.
func (j *Journal) write(group []*request) error {
	if j.closed {
		return ErrClosed
	}
	var failed error
	for range 2 {
		err := j.room(group)
		if err == nil {
			if err = j.writeTail(group); err == nil {
				return nil
			}
			_ = j.tail.Close() // what could fail has failed
			err = errors.Join(err, j.abandon())
		}
		failed = errors.Join(failed, err)
		if full(err) {
			break
		}
	}
	if full(failed) {
		return fault.Wrap(fault.Busy, failed, "append to journal %s", j.dir)
	}
	return fmt.Errorf("append to journal %s: %w", j.dir, failed)
}

func full(err error) bool { return disk.Full(err) || fault.Is(err, fault.Busy) }

// room sees to a tail that can hold the group and, behind it, the closing page.
func (j *Journal) room(group []*request) error {
	var bytes int64
	for _, r := range group {
		bytes += r.bytes
	}
	need := pageUp(bytes) + pageBytes
	if j.tail != nil {
		if j.at+need <= j.segments[len(j.segments)-1].size {
			return nil
		}
		_ = j.tail.Close() // everything in it is synced
		j.tail = nil
		disk.Point(j.fs, "journal.full")
	}
	return j.begin(max(j.segmentBytes, framesAt+need))
}

// writeTail is the one place where frames are written: one write, one sync, and only then do they count.
func (j *Journal) writeTail(group []*request) error {
	tail := j.segments[len(j.segments)-1]
	f := frame{position: j.next, kind: kindData}
	b := j.group[:0]
	for _, r := range group {
		for _, f.payload = range r.payloads {
			f.at = j.at + int64(len(b))
			b = appendFrame(b, f, tail.salt)
			f.position++
			f.place++
		}
	}
	b = padPage(b)
	if j.group = b; cap(b) > 2*maxGroupBytes {
		j.group = nil // one giant is no reason to hold its memory for ever
	}
	if _, err := j.tail.WriteAt(b, j.at); err != nil {
		return err
	}
	disk.Point(j.fs, "journal.written")
	if err := j.tail.Sync(); err != nil {
		return err
	}
	disk.Point(j.fs, "journal.synced")
	tail.remember(j.next, j.at)
	j.at += int64(len(b))
	j.marked = false
	j.mu.Lock()
	j.next = f.position
	j.mu.Unlock()
	return nil
}

// abandon gives the tail up after a failed write or sync. Nothing will be written to it again, and what it holds from j.next on is void as soon
// as a newer segment stands. One that holds nothing else is removed, so that a broken disk is not filled with empty files; where that fails
// too, it stays in the row and is trimmed in its turn, for found alone after its successors it would look like a hole.
func (j *Journal) abandon() error {
	j.tail = nil
	last := len(j.segments) - 1
	s := j.segments[last]
	s.suspect = true
	if s.first != j.next || s.pins > 0 {
		return nil
	}
	if err := j.discard(s.name(), s.size); err != nil {
		return err
	}
	j.segments = j.segments[:last]
	return nil
}
