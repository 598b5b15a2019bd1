package intake

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// Fields the door writes itself.
const (
	fieldTimeSent    = "_time_sent"    // the time as it was sent, when it is not the row's
	fieldMsgSent     = "_msg_sent"     // a second _msg
	fieldSeqSent     = "_seq_sent"     // a client's own _seq
	fieldDatasetSent = "_dataset_sent" // a client's own _dataset
	fieldCut         = "_cut"          // true: the line was too long and lost its end
	fieldPacked      = "_packed"       // the fields beyond the limit, as an object of JSON
	fieldMalformed   = "_malformed"    // values of the wrong type, as an object of JSON
	fieldUnnamed     = "_unnamed"      // the value of a field with an empty name
)

// Fields of the dataset _rejected, beside _time and _msg, the raw line.
const (
	fieldReason  = "reason"
	fieldDataset = "dataset"
	fieldFormat  = "format"
	fieldSource  = "source"
)

// door makes rows of records, by the same rules for every format. It serves one
// request at a time and one dataset for ever, because its builders know that
// dataset's fields.
type door struct {
	dataset  string
	rows     *row.Builder
	rejected *row.Builder

	job     *job
	decoder decoder
	plain   tokenizer // the decoder, when it is one
	types   types

	keys   keyval.Keys
	known  []known    // by the numbers of keys
	direct []row.Slot // by the numbers of keys, of those that are fields of any type and nothing else
	rules  rules      // that known follows
	msg    known      // the field of the message
	time   row.Slot
	epoch  int // of rows, whose slots these are

	tokens []keyval.Token
	pairs  []keyval.Pair
	text   []byte // an unescaped text
	record []byte // a repaired record
	packed []byte
	wrong  []byte
	bytes  int // of records in the chunk
	width  width
	chunk  Receipt
	tally  Tally
	oldest int64 // rows before it are refused
	guard  *guard
	broken error // why there are no rows to be had: nobody comes in by this door again
}

// harvest is what became of a chunk.
type harvest struct {
	batches []*row.Batch
	receipt Receipt
	tally   Tally
}

func newDoor(name string, g *guard) *door {
	return &door{dataset: name, guard: g, rows: row.NewBuilder(name), rejected: row.NewBuilder(dataset.Rejected)}
}

// serve sets the door to a request.
func (d *door) serve(j *job) {
	d.follow(j)
	d.job, d.decoder = j, j.format.decode(j, &d.keys)
	d.plain, _ = d.decoder.(tokenizer)
	d.oldest = 0
	if age := j.dataset.Retention.Age; age > 0 {
		d.oldest = j.now - int64(age)
	}
}

// discard drops what was not taken.
func (d *door) discard() {
	d.rows.Batch()
	d.rejected.Batch()
	d.bytes, d.chunk, d.tally = 0, Receipt{}, Tally{}
	d.width.reset()
	d.direct = d.direct[:0] // so that the fields of a chunk are counted
	if d.keys.Full() {      // of names that somebody makes up, perhaps in lines that are all refused
		d.keys, d.known, d.rows = keyval.Keys{}, nil, row.NewBuilder(d.dataset)
		d.forget()
	}
}

// full reports whether the chunk ends here. It counts what was offered, for what
// becomes of a line may be another thing when its body is sent again: it is
// too old by then, or the pipes have changed.
func (d *door) full(o *Options) bool {
	lines := d.tally.Offered
	return d.bytes >= o.ChunkBytes || lines >= o.ChunkRows || d.width.bytes*(lines+columnRows) >= o.ChunkWide
}

// take hands out the rows of the chunk, those that the pipes of the dataset
// leave, and settles what became of its lines.
func (d *door) take(ctx context.Context) (harvest, error) {
	h := harvest{receipt: d.chunk, tally: d.tally}
	if d.broken == nil {
		d.broken = d.guard.call(func() error { return d.settle(ctx, &h) })
	}
	return h, d.broken
}

// settle makes batches of the rows.
func (d *door) settle(ctx context.Context, h *harvest) error {
	if n := d.rows.Len(); n > 0 {
		b := d.rows.Batch()
		if len(d.job.cleanup) > 0 {
			var err error
			if b, err = d.job.cleanup.run(ctx, b, d.job.now); err != nil {
				return err
			}
		}
		if b.Len > 0 {
			h.batches = append(h.batches, b)
		}
		gone := n - b.Len
		h.receipt.Accepted -= gone
		h.receipt.Dropped += gone
		h.tally.Stored -= gone
		h.tally.Dropped += gone
		h.tally.CleanedUp += gone
	}
	if d.rejected.Len() > 0 {
		h.batches = append(h.batches, d.rejected.Batch())
	}
	return nil
}

// admit makes a row of a record: of the dataset, or of _rejected.
func (d *door) admit(r record) {
	d.bytes += len(r.text)
	d.tally.Offered++
	if d.broken != nil {
		return
	}
	text := r.text
	if r.cut {
		d.tally.Cut++
	}
	if !utf8.Valid(text) {
		d.tally.Repaired++
		d.record = keyval.RepairUTF8(d.record[:0], text)
		text = d.record
	}
	if r.cut && d.job.format.mend != nil { // what cannot be mended cannot be read either
		d.guard.call(func() error { text = d.job.format.mend(text); return nil })
	}
	begun, before := false, d.tally
	err := d.guard.call(func() error {
		text = d.rows.Lay(text)
		d.rows.BeginBare()
		begun = true
		return d.row(r, text)
	})
	switch {
	case err == nil:
	case !begun: // the columns are in no state that anybody knows
		d.broken = err
	default:
		d.rows.Cancel()
		d.tally = before
		d.reject(r, text, err.Error())
	}
}

// row reads a record into the row that was begun.
func (d *door) row(r record, text []byte) error {
	found, err := d.read(text)
	if err != nil {
		return err
	}
	t, c := d.choose(found)
	if t < d.oldest {
		before := d.tally
		d.fill(c) // for the fields it names
		d.tally = before
		d.rows.Cancel()
		d.tally.Refused++
		d.chunk.Refused++
		d.chunk.note(r.line, tooOld(d.job.dataset))
		return nil
	}
	d.rows.TimeAt(d.time, t)
	d.fill(c)
	if r.cut {
		d.rows.Bool([]byte(fieldCut), true)
	}
	d.chunk.Accepted++
	d.chunk.Joined += r.joined
	d.tally.Stored++
	d.tally.Joined += r.joined
	return nil
}

// refuse keeps what is no line at all, such as a datagram that cannot be
// unpacked.
func (d *door) refuse(r record, reason string) {
	d.bytes += len(r.text)
	d.tally.Offered++
	d.record = keyval.RepairUTF8(d.record[:0], r.text)
	d.reject(r, d.record, reason)
}

// reject keeps a line whole in the dataset _rejected.
func (d *door) reject(r record, text []byte, reason string) {
	d.tally.Rejected++
	d.chunk.Rejected++
	d.chunk.note(r.line, reason)
	b := d.rejected
	b.Begin(d.job.now)
	b.Text([]byte(row.FieldMsg), text)
	b.Text([]byte(fieldReason), []byte(reason))
	b.Text([]byte(fieldDataset), []byte(d.dataset))
	b.Text([]byte(fieldFormat), []byte(d.job.format.Name))
	if d.job.source != "" {
		b.Text([]byte(fieldSource), []byte(d.job.source))
	}
	if r.cut {
		b.Bool([]byte(fieldCut), true)
	}
}

// choice says which pairs of a record are its time and its message, -1 for none.
type choice struct {
	time, msg int
	kept      bool // the time's pair stays, as _time_sent
}

// choose takes the best of the candidates for time and message.
func (d *door) choose(found candidates) (t int64, c choice) {
	c = choice{time: -1, msg: -1}
	for _, at := range found.msgs {
		if at > 0 {
			c.msg = at - 1
			break
		}
	}
	for _, at := range found.times {
		if at == 0 {
			continue
		}
		if t, ok := d.readTime(d.pairs[at-1].Value); ok {
			c.time = at - 1
			if c.kept = implausible(t, d.job.now); c.kept {
				d.tally.Clamped++
				t = d.job.now
			}
			return t, c
		}
	}
	d.tally.Undated++
	return d.job.now, c
}

// Times outside are those of a clock that was never set, or of one that is
// wrong: such a line is found only where people look for it, which is now.
const (
	firstPlausible = 631_152_000 * when.Second // 1990-01-01
	aheadMost      = 24 * time.Hour
)

func implausible(t, now int64) bool { return t < firstPlausible || t > now+int64(aheadMost) }

// readTime reads a value as a time, by the form the sender told or by any.
func (d *door) readTime(v keyval.Value) (int64, bool) {
	if v.Kind != keyval.String && v.Kind != keyval.Number {
		return 0, false
	}
	text := v.Raw
	if v.Escaped {
		d.text = v.AppendText(d.text[:0])
		text = d.text
	}
	if d.job.layout != nil {
		return d.job.layout.ParseBytes(text, nil, d.job.now)
	}
	return when.ParseNear(text, nil, d.job.now)
}
