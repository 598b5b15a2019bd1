package line

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Source begins the lines of one service and hands each finished one on.
type Source struct {
	put    func(line []byte)
	now    func() time.Time
	fixed  []field
	bodies sync.Pool

	lines, failed, late, refused atomic.Uint64
}

// Fixed is a field that every line of a service carries, such as its name.
type Fixed struct {
	Name  Text
	Value string
}

// Kind is a kind of work, and the fields that its lines repeat in their message
// for people to read: canonical-log-line POST /v1/charges 200. They should have
// few values, so that the message costs a store nothing.
type Kind struct {
	Name   string
	Digest []string
}

// Origin is what a unit of work received from its caller. What is zero is taken
// from the line of the parent context, or made.
type Origin struct {
	Trace     Trace
	RequestID string
}

// Counts tells what became of the lines of a Source.
type Counts struct {
	Lines   uint64 // handed on
	Failed  uint64 // lost to a panic while they were written
	Late    uint64 // fields set after their line had ended
	Refused uint64 // fields beyond the limit, or with a name the line writes itself
}

// NewSource makes a source whose finished lines go to put: one JSON object
// without a newline, valid until put returns. Fields without a value are left
// out.
func NewSource(put func(line []byte), now func() time.Time, fixed ...Fixed) *Source {
	s := &Source{put: put, now: now}
	for _, f := range fixed {
		if f.Value != "" {
			s.fixed = append(s.fixed, field{string(f.Name), tagOf(string(f.Name)), value{kind: kindText, text: f.Value}})
		}
	}
	s.bodies.New = func() any {
		// A line of Stripe's article has 15 fields and 500 bytes; twice that fits.
		return &body{fields: make([]field, 0, 32), buffer: make([]byte, 0, 1024)}
	}
	return s
}

// Counts reads the counters.
func (s *Source) Counts() Counts {
	return Counts{Lines: s.lines.Load(), Failed: s.failed.Load(), Late: s.late.Load(), Refused: s.refused.Load()}
}

// Begin starts l, whose memory the caller provides, as a unit of work under
// parent. The line ends by Finish or End.
func (s *Source) Begin(l *Line, parent context.Context, kind *Kind, origin Origin) {
	if up := From(parent); up != nil {
		if origin.Trace == (Trace{}) {
			origin.Trace = up.trace
		}
		if origin.RequestID == "" {
			origin.RequestID = up.requestID
		}
	}
	if origin.RequestID == "" {
		origin.RequestID = newRequestID()
	}
	l.Context, l.source, l.kind = parent, s, kind
	l.caller, l.requestID = origin.Trace.Span, origin.RequestID
	l.trace = origin.Trace.under()
	l.body = s.bodies.Get().(*body)
	l.body.fields = append(l.body.fields[:0], s.fixed...)
	l.start = s.now()
}

// newRequestID makes an id of 64 random bits: at a billion requests the chance
// that any two share one is 3 %, and a store keeps it in 8 bytes.
func newRequestID() string {
	const prefix = "req_"
	var id [len(prefix) + 16]byte
	copy(id[:], prefix)
	var raw [8]byte
	n := rand.Uint64()
	for i := range raw {
		raw[i] = byte(n >> (8 * i))
	}
	hex.Encode(id[len(prefix):], raw[:])
	return string(id[:])
}

// recycle keeps a body for the next line, unless one wide line has grown it.
func (s *Source) recycle(b *body) {
	const maxKeptFields, maxKeptBytes = 64, 16 << 10
	if cap(b.fields) > maxKeptFields || cap(b.buffer) > maxKeptBytes {
		return
	}
	clear(b.fields) // let go of the texts
	s.bodies.Put(b)
}
