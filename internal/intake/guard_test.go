package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/keyval"
)

// trap is a decoder, or a framer, with a fault: it falls over some lines.
type trap struct {
	decoder
	framer
}

func spring(text []byte) {
	if bytes.Contains(text, []byte("trap")) {
		var none []int
		_ = none[len(text)]
	}
}

func (t trap) Decode(text []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	pairs, err := t.decoder.Decode(text, pairs)
	spring(text)
	return pairs, err
}

func (t trap) next() (record, error) {
	r, err := t.framer.next()
	spring(r.text)
	return r, err
}

// trapped is an intake that logs, and a job of it whose decoder has a fault.
func trapped(t *testing.T, format string) (*Intake, *shelf, *job, *bytes.Buffer) {
	s, log := new(shelf), new(bytes.Buffer)
	in := intakeOn(s, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	j, err := in.check(Request{Format: format, Dataset: "app"})
	if err != nil {
		t.Fatal(err)
	}
	sound := j.format.decode
	j.format.decode = func(j *job, keys *keyval.Keys) decoder { return trap{decoder: sound(j, keys)} }
	return in, s, j, log
}

// isFault reports whether an error and the log tell of a fault of ours, once.
func isFault(t *testing.T, err error, log string) {
	t.Helper()
	if crash := (*fault.Crash)(nil); !errors.As(err, &crash) || fault.KindOf(err) != fault.Internal {
		t.Errorf("error %v", err)
	}
	if strings.Count(log, "stack=") != 1 || !strings.Contains(log, "guard_test.go") {
		t.Errorf("log %s", log)
	}
}

// A line that a decoder falls over is kept in _rejected like any that cannot be read.
func TestPanicRejectsTheLine(t *testing.T) {
	in, s, j, log := trapped(t, "jsonl")
	text := "{\"n\":1}\n{\"n\":2,\"u\":\"trap\"}\n{\"n\":3}\n{\"n\":4,\"u\":\"trap\"}\n{\"n\":5}"
	r, err := in.ingest(t.Context(), Request{Format: "jsonl", Dataset: "app", Body: strings.NewReader(text)}, j)
	if err != nil || r.Accepted != 3 || r.Rejected != 2 || r.Errors[0].Line != 2 {
		t.Fatalf("receipt %+v, %v", r, err)
	}
	if c := in.Counters()[0].Tally; c.Offered != 5 || c.Stored != 3 || c.Rejected != 2 || c.Undated != 3 {
		t.Errorf("counters %+v", c)
	}
	same(t, s.rows("app")[1], `{"_time":"2026-11-21T12:00:00Z","n":3}`)
	kept := fields(t, s.rows(dataset.Rejected)[0])
	if reason := kept["reason"].(string); kept["_msg"] != `{"n":2,"u":"trap"}` || !strings.Contains(reason, "a fault of Plumbline") || !strings.Contains(reason, "index out of range") {
		t.Errorf("kept %v", kept)
	}
	if strings.Count(log.String(), "stack=") != 1 { // not one for each: they may come without end
		t.Errorf("log %s", log)
	}
}

// A fault where a body is cut into lines ends the body; what is stored of it is said.
func TestPanicEndsTheBody(t *testing.T) {
	in, s, j, log := trapped(t, "logfmt")
	in.options.ChunkRows = 2
	j.format.frame = func(_ *job, l *lines) (framer, error) { return trap{framer: l}, nil }
	for range 2 { // the way in is as good as before
		r, err := in.ingest(t.Context(), Request{Body: strings.NewReader("a=1\na=2\na=3\na=trap\na=5")}, j)
		isFault(t, err, log.String())
		if r.Accepted != 2 {
			t.Errorf("receipt %+v", r)
		}
	}
	if n := s.count("app", "a"); n != 4 {
		t.Errorf("%d rows", n)
	}
}

// A fault of the columns themselves loses the chunk, and nobody comes in by its door again.
func TestPanicOfTheColumns(t *testing.T) {
	in, s, j, log := trapped(t, "jsonl")
	d := in.enter(j.dataset)
	d.serve(j)
	d.admit(record{text: []byte(`{"n":1}`)})
	rows := d.rows
	d.rows = nil
	d.admit(record{text: []byte(`{"n":2}`)})
	d.rows = rows
	d.admit(record{text: []byte(`{"n":3}`)})
	h, err := d.take(t.Context())
	if err == nil || !strings.Contains(log.String(), "stack=") || len(h.batches) > 0 || h.tally.refused().Offered != 3 {
		t.Errorf("%+v, %v, log %s", h, err, log)
	}
	in.leave(d)
	if in.enter(j.dataset) == d {
		t.Error("the broken door is used again")
	}
	if s.appends > 0 {
		t.Error("rows are stored")
	}
}

// Whoever sends to a socket is told nothing; a message that a decoder falls over is kept.
func TestPanicOfAMessage(t *testing.T) {
	in, s, j, _ := trapped(t, "gelf")
	l, err := in.ListenGELF(GELF{TCP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := &collector{l: l, job: j, door: in.enter(j.dataset)}
	c.door.serve(j)
	c.admit(parcel{messages: [][]byte{[]byte(`{"short_message":"a"}`), []byte(`{"short_message":"trap"}`), []byte(`{"short_message":"b"}`)}})
	c.flush(context.Background())
	if tally := in.Counters()[0].Tally; tally.Offered != 3 || tally.Stored != 2 || tally.Rejected != 1 {
		t.Errorf("counters %+v", tally)
	}
	if a, b := s.count("app", "_msg"), s.count(dataset.Rejected, "_msg"); a != 2 || b != 1 {
		t.Errorf("%d and %d rows", a, b)
	}
}

// Stacks are logged some time apart.
func TestGuard(t *testing.T) {
	var log bytes.Buffer
	g := guard{log: slog.New(slog.NewTextHandler(&log, nil))}
	fall := func() error { panic("over a stone") }
	for range 5 {
		isFault(t, g.call(fall), log.String())
	}
	g.said.Store(time.Now().Add(-2 * saidEvery).UnixNano())
	g.call(fall)
	if strings.Count(log.String(), "stack=") != 2 {
		t.Errorf("log %s", log.String())
	}
	if err := g.call(func() error { return io.EOF }); err != io.EOF {
		t.Errorf("its own error became %v", err)
	}
}

// What cannot be mended is kept as it was cut.
func TestPanicOfMending(t *testing.T) {
	in, s, j, log := trapped(t, "jsonl")
	j.format.mend = func(text []byte) []byte { spring([]byte("trap")); return text }
	d := in.enter(j.dataset)
	d.serve(j)
	d.admit(record{text: []byte(`{"n":1`), cut: true})
	d.admit(record{text: []byte(`{"n":2}`)})
	h, err := d.take(t.Context())
	if err != nil || h.tally.Rejected != 1 || h.tally.Stored != 1 || strings.Count(log.String(), "stack=") != 1 {
		t.Errorf("%+v, %v, log %s", h.tally, err, log)
	}
	if s.Append(t.Context(), h.batches...); fields(t, s.rows(dataset.Rejected)[0])["_msg"] != `{"n":1` {
		t.Errorf("kept %q", s.rows(dataset.Rejected))
	}
}
