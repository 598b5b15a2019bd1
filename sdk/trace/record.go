package trace

import (
	"encoding/binary"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// An event as a record keeps it:
//
//	elapsed uvarint │ flags byte │ length uvarint │ text
//	nanoseconds since the start    of the text
const (
	flagSensitive = 1 << iota
	flagFailure
)

const (
	// The first events tell how it began, and fill this many bytes; the last ones
	// how it ended. What is between is counted.
	headBytes  = 2 << 10
	tailEvents = 6
	// One event is a line or two, not a document.
	maxEventBytes = 1 << 10
)

// record is what is kept of one unit of work. It is recycled, under the lock of
// its family; while the work goes on its events are written under the lock of
// its Trace.
type record struct {
	owner *Trace // while it is active

	place
	title   string
	start   time.Duration // since the tracer began
	took    time.Duration
	failure string
	failed  bool

	head    []byte
	tail    [tailEvents][]byte
	events  int // all of them
	inHead  int
	refs    int // rings that hold it
	younger *record
	older   *record
}

// place is where a unit of work belongs.
type place struct {
	id    [16]byte
	span  [8]byte
	above string // the family it is a part of
}

// reset forgets what it held, but for the memory of events. What begin and Add write
// anew is left.
func (r *record) reset() {
	r.head, r.events, r.inHead = r.head[:0], 0, 0
	r.above, r.failure, r.failed, r.took = "", "", false, 0
}

// add keeps one event.
func (r *record) add(elapsed time.Duration, flags byte, text []byte) {
	text = text[:min(len(text), maxEventBytes)]
	r.events++
	if r.events-1 == r.inHead && len(r.head)+len(text) <= headBytes {
		r.head = appendEvent(r.head, elapsed, flags, text)
		r.inHead++
		return
	}
	slot := &r.tail[(r.events-1-r.inHead)%tailEvents]
	*slot = appendEvent((*slot)[:0], elapsed, flags, text)
}

func appendEvent(b []byte, elapsed time.Duration, flags byte, text []byte) []byte {
	b = binary.AppendUvarint(b, uint64(max(elapsed, 0)))
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

// Event is one thing that happened within a unit of work.
type Event struct {
	Elapsed   time.Duration // since the work began
	Text      string
	Sensitive bool // to be shown to those only who may see it
	Failure   bool
}

func readEvent(b []byte) (e Event, rest []byte, ok bool) {
	elapsed, n := binary.Uvarint(b)
	if n <= 0 || len(b) == n {
		return e, nil, false
	}
	flags, b := b[n], b[n+1:]
	length, n := binary.Uvarint(b)
	if n <= 0 || uint64(len(b)-n) < length {
		return e, nil, false
	}
	b = b[n:]
	e = Event{Elapsed: time.Duration(elapsed), Sensitive: flags&flagSensitive != 0, Failure: flags&flagFailure != 0}
	e.Text = strings.ToValidUTF8(string(b[:length]), "\ufffd")
	return e, b[length:], true
}

// read gives the events in order, and how many are missing after the first ones.
func (r *record) read() (events []Event, first, missing int) {
	b := r.head
	for {
		e, rest, ok := readEvent(b)
		if !ok {
			break
		}
		events, b = append(events, e), rest
	}
	first = len(events)
	after := r.events - r.inHead
	for i := max(0, after-tailEvents); i < after; i++ {
		if e, _, ok := readEvent(r.tail[i%tailEvents]); ok {
			events = append(events, e)
		}
	}
	return events, first, r.events - len(events)
}

// appendText writes an event as people read it: decoded bytes=120 from="a b".
func appendText(b []byte, msg string, attrs []slog.Attr) []byte {
	b = append(b, msg...)
	for i := range attrs {
		b = append(append(append(b, ' '), attrs[i].Key...), '=')
		b = appendValue(b, attrs[i].Value)
	}
	return b
}

func appendValue(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendWord(b, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(b, v.Uint64(), 10)
	case slog.KindFloat64:
		return jsonline.AppendFloat(b, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(b, v.Bool())
	case slog.KindDuration:
		return append(b, v.Duration().String()...)
	case slog.KindTime:
		return v.Time().UTC().AppendFormat(b, time.RFC3339Nano)
	}
	return appendWord(b, v.Resolve().String())
}

// appendWord quotes what would not read as one word.
func appendWord(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f {
			return strconv.AppendQuote(b, s)
		}
	}
	if s == "" {
		return append(b, `""`...)
	}
	return append(b, s...)
}
