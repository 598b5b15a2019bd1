package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Ingest reads a body to its end. Rows are handed to the store chunk by chunk,
// and the next chunk is read only when the last is on disk, so the receipt – also
// beside an error – counts nothing that is not. A chunk that was not read whole
// is not stored.
//
// A body with a BatchName is stored once: sent again, wherever it broke off,
// what is missing of it is stored, and the receipt is that of one sending.
//
// Errors: Busy when the memory for bodies is taken, Invalid when the request or
// the body is wrong, else what the store said.
func (in *Intake) Ingest(ctx context.Context, r Request) (Receipt, error) {
	j, err := in.check(r)
	if err != nil {
		return Receipt{}, err
	}
	return in.ingest(ctx, r, j)
}

func (in *Intake) ingest(ctx context.Context, r Request, j *job) (Receipt, error) {
	u := upload{in: in, job: j, name: r.BatchName, turn: turn{of: in.turns}}
	if !r.House { // whose bodies are small, one at a time, and no reason to turn a sender away
		if err := u.reserve(in.need(r, j)); err != nil {
			return Receipt{}, err
		}
		defer func() { in.memory.Release(u.reserved) }()
	}
	err := in.guard.call(func() error { return u.read(ctx, r) })
	return u.total, err
}

// read makes rows of the body.
func (u *upload) read(ctx context.Context, r Request) error {
	body, err := unpack(r.Body, r.Encoding)
	if err != nil {
		return err
	}
	defer body.Close()
	u.lines = u.in.linesOf(&yielding{body, &u.turn}, u.job.lineMost())
	defer u.in.keep(u.lines)
	if u.src, err = u.job.frame(u.lines); err != nil {
		return err
	}
	defer u.leave()
	return u.run(ctx)
}

// need is the memory a request may come to hold: the text of a chunk, and about
// twice as much as columns, or four times where pipes make others of them.
func (in *Intake) need(r Request, j *job) int64 {
	chunk := int64(in.options.ChunkBytes)
	if r.Size > 0 && (r.Encoding == "" || r.Encoding == "identity") {
		chunk = min(chunk, r.Size)
	}
	times := int64(3)
	if len(j.cleanup) > 0 {
		times = 5
	}
	return times*chunk + readBytes
}

// reserve takes memory, up to all there is: so one request always can come in.
func (u *upload) reserve(bytes int64) error {
	most := u.in.options.MemoryBytes
	bytes = min(bytes, most-u.reserved)
	if !u.in.memory.TryAcquire(bytes) {
		return fault.New(fault.Busy, "intake is full: its memory of %d MiB is taken by other requests", most>>20)
	}
	u.reserved += bytes
	return nil
}

// hold reserves what the rows of a chunk take beyond what was thought: columns of which
// most rows have no value may be many times their text.
func (u *upload) hold(batches []*row.Batch) error {
	if u.reserved == 0 {
		return nil // the house's own
	}
	took := int64(min(len(u.lines.buf), u.in.options.ChunkBytes))
	for _, b := range batches {
		took += int64(b.MemBytes() + columnRows*placeBytes*len(b.Cols))
	}
	if took <= u.reserved {
		return nil
	}
	return u.reserve(took - u.reserved)
}

func (j *job) frame(l *lines) (framer, error) {
	if j.format.frame == nil {
		return l, nil
	}
	return j.format.frame(j, l)
}

// lineMost is where lines are cut; without a limit of the dataset a line still
// must fit the memory.
func (j *job) lineMost() int { return or(j.dataset.Limits.LineBytes, defaultChunkBytes) }

// upload is one body on its way in.
type upload struct {
	in    *Intake
	job   *job
	lines *lines
	src   framer // over lines
	turn  turn
	door  *door // nil between chunks
	name  string
	chunk int
	total Receipt

	reserved int64 // bytes of the memory of all requests; 0: it needs none
}

// enter begins a chunk, once its text is there.
func (u *upload) enter() {
	u.lines.ahead(u.in.options.ChunkBytes)
	u.turn.take()
	u.door = u.in.enter(u.job.dataset)
	u.door.serve(u.job)
}

// leave gives the door to others.
func (u *upload) leave() {
	if u.door != nil {
		u.in.leave(u.door)
		u.door = nil
		u.turn.leave()
	}
}

func (u *upload) run(ctx context.Context) error {
	u.enter()
	for {
		r, err := u.src.next()
		if err == io.EOF {
			_, err = u.flush(ctx, true)
			return err
		}
		if err != nil {
			return bodyError(err)
		}
		// The chunk before is closed only now: whether it was the last one is
		// part of its receipt.
		if u.door.full(&u.in.options) {
			r.text = bytes.Clone(r.text) // which more text would write over
			if done, err := u.flush(ctx, false); done || err != nil {
				return err
			}
			u.enter()
		}
		u.door.admit(r)
	}
}

// bodyError tells a body that is wrong from one whose reading failed.
func bodyError(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "read the body")
}

// flush stores the chunk. It reports whether that is all: the body, sent
// earlier under the same name, ended here.
func (u *upload) flush(ctx context.Context, last bool) (done bool, err error) {
	h, err := u.door.take(ctx)
	u.leave()
	if err == nil {
		err = u.hold(h.batches)
	}
	dataset, format := u.job.dataset.Name, u.job.format.Name
	if err != nil {
		u.in.ledger.add(dataset, format, h.tally.refused())
		return false, err
	}
	total := u.total
	total.add(h.receipt)
	total.reach(dataset, h.batches)
	if u.name == "" {
		if len(h.batches) > 0 {
			err = u.in.options.Store.Append(ctx, h.batches...)
		}
	} else {
		done, err = u.once(ctx, &total, &h, last)
	}
	if err != nil {
		u.in.ledger.add(dataset, format, h.tally.refused())
		return false, fmt.Errorf("store lines of dataset %s: %w", dataset, err)
	}
	u.in.ledger.add(dataset, format, h.tally)
	u.total = total
	u.chunk++
	return done, nil
}

// once stores the chunk under its name; of one that was seen it takes the
// receipt of then.
func (u *upload) once(ctx context.Context, total *Receipt, h *harvest, last bool) (done bool, err error) {
	earlier, err := u.in.options.Store.AppendOnce(ctx, u.chunkName(), chunkReceipt{*total, last}.encode(), h.batches...)
	if err != nil || earlier == nil {
		return false, err
	}
	c, err := readChunkReceipt(earlier)
	if err != nil {
		return false, err
	}
	h.tally = Tally{}
	*total = c.Receipt
	total.Repeated = c.Last
	return c.Last, nil
}

// chunkName: names of batches are the dataset's own; the first chunk has the
// name as it is, so that one look tells whether the body is known.
func (u *upload) chunkName() string {
	name := u.job.dataset.Name + "/" + u.name
	if u.chunk > 0 {
		name += "#" + strconv.Itoa(u.chunk)
	}
	return name
}

// add sums receipts.
func (r *Receipt) add(o Receipt) {
	r.Accepted += o.Accepted
	r.Rejected += o.Rejected
	r.Refused += o.Refused
	r.Dropped += o.Dropped
	r.Joined += o.Joined
	for _, e := range o.Errors {
		if len(r.Errors) < errorsMost {
			r.Errors = append(r.Errors, e)
		}
	}
}

// reach widens the range of times by the rows of a dataset.
func (r *Receipt) reach(name string, batches []*row.Batch) {
	for _, b := range batches {
		if b.Dataset != name {
			continue
		}
		for _, t := range b.Col(row.FieldTime).Nums {
			if r.From == 0 && r.To == 0 {
				r.From, r.To = t, t
			}
			r.From, r.To = min(r.From, t), max(r.To, t)
		}
	}
}
