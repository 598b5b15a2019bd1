package line

import (
	"context"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// Options of a Source. Only Put is needed.
type Options struct {
	Put   func(line []byte) // takes finished lines, without a newline, valid until it returns
	Spans func(line []byte) // takes the spans of finished traces, as JSON; nil: none are made
	Now   func() time.Time  // time.Now

	Fixed    []slog.Attr   // texts that every line carries unless it says otherwise, such as service
	Format   Format        // JSON
	Naming   *Naming       // Stripe
	Sampling Sampling      // everything is kept
	Slow     time.Duration // from here on a line counts as slow, for what is held and sampled; 1 s
	Allocs   bool          // alloc_count on each line: objects the process allocated meanwhile
}

// Source begins the lines of one service and hands each finished one on.
type Source struct {
	options  Options
	spans    func(line []byte)
	fixed    []fixed
	heads    []jsonline.Name // of each key by id, where the naming is not Stripe's
	clock    jsonline.Clock
	bodies   sync.Pool
	bays     [bays]bay
	watchers atomic.Pointer[[]Watcher]

	lines, sampled, interim, failed, broken, late, refused atomic.Uint64
}

// fixed is a field that every line carries, encoded once.
type fixed struct {
	key  *key
	text string
	pair []byte
}

// Kind is a kind of work, and the fields that its lines repeat in their message
// for people to read: canonical-log-line POST /v1/charges 200. They should have
// few values, so that the message costs a store nothing.
type Kind struct {
	Name   string
	Digest []Key
}

// Key is any of the typed keys.
type Key interface{ registered() *key }

// Origin is what a unit of work received from its caller. What is zero is taken
// from the line of the parent context, or made.
type Origin struct {
	Trace     Trace
	State     string // tracestate, passed on as it came
	RequestID string
}

// Watcher is told when units of work begin and end, on the goroutine that does
// the work, so it must be quick. A page of requests under way or a counter by
// route is made of this. Both may read the line's fields by their keys, Ended also by a View,
// with what was written of them; after it has returned they are gone.
type Watcher interface {
	Began(l *Line)
	Ended(l *Line, outcome Outcome, took time.Duration)
}

// Watch adds a watcher, which sees the work that begins from now on.
func (s *Source) Watch(w Watcher) {
	for {
		old := s.watchers.Load()
		var all []Watcher
		if old != nil {
			all = slices.Clone(*old)
		}
		all = append(all, w)
		if s.watchers.CompareAndSwap(old, &all) {
			return
		}
	}
}

// began tells every watcher; the panic of one is no concern of the work's, nor of
// the others.
func (s *Source) began(all []Watcher, l *Line) {
	at := 0
	defer func() {
		if at < len(all) && recover() != nil {
			s.broken.Add(1)
			s.began(all[at+1:], l)
		}
	}()
	for ; at < len(all); at++ {
		all[at].Began(l)
	}
}

// ended is as began.
func (s *Source) ended(all []Watcher, l *Line, outcome Outcome, took time.Duration) {
	at := 0
	defer func() {
		if at < len(all) && recover() != nil {
			s.broken.Add(1)
			s.ended(all[at+1:], l, outcome, took)
		}
	}()
	for ; at < len(all); at++ {
		all[at].Ended(l, outcome, took)
	}
}

// Counts tells what became of the lines of a Source.
type Counts struct {
	Lines   uint64 // handed on
	Sampled uint64 // left out by sampling
	Interim uint64 // handed on besides, about work under way
	Failed  uint64 // lost to a panic while they were written
	Broken  uint64 // panics of watchers
	Late    uint64 // fields set after their line had ended
	Refused uint64 // fields beyond the limit, or with a name the line writes itself
}

const defaultSlow = time.Second

// NewSource makes a source. Fixed fields without a value are left out.
func NewSource(o Options) *Source {
	if o.Slow <= 0 {
		o.Slow = defaultSlow
	}
	s := &Source{options: o, spans: o.Spans}
	s.heads = o.Naming.heads(registry.all())
	for _, a := range o.Fixed {
		if v := a.Value.String(); v != "" {
			k := registry.key(a.Key, kindText, nil)
			s.fixed = append(s.fixed, fixed{key: k, text: v, pair: s.encodeFixed(k, v)})
		}
	}
	s.bodies.New = func() any {
		// A line of Stripe's article has 15 fields and 500 bytes; twice that fits.
		return &body{fields: make([]field, 0, 32), buffer: make([]byte, 0, 1024), random: *rand.NewPCG(rand.Uint64(), rand.Uint64())}
	}
	return s
}

// Counts reads the counters.
func (s *Source) Counts() Counts {
	return Counts{
		Lines: s.lines.Load(), Sampled: s.sampled.Load(), Interim: s.interim.Load(),
		Failed: s.failed.Load(), Broken: s.broken.Load(), Late: s.late.Load(), Refused: s.refused.Load(),
	}
}

// Begin starts l, whose memory the caller provides, as a unit of work under
// parent, with the fields that are known, each once. The line ends by Finish or End.
func (s *Source) Begin(l *Line, parent context.Context, kind *Kind, origin Origin, known ...Field) {
	caller := origin.Trace
	if up := From(parent); up != nil {
		if caller == (Trace{}) {
			caller, origin.State = up.trace, up.TraceState()
		}
		if origin.RequestID == "" {
			origin.RequestID = up.requestID
		}
	}
	b := s.bodies.Get().(*body)
	l.Context, l.source, l.trace = parent, s, caller.under(&b.random)
	if l.requestID = origin.RequestID; l.requestID == "" {
		l.makeID(b.random.Uint64())
	}
	b.kind, b.caller, b.state = kind, caller.Span, origin.State
	for i := range known {
		if f := &known[i].field; f.key != nil && !f.absent() {
			b.grow(f.key).take(f)
		}
	}
	if s.options.Allocs {
		b.allocs = allocatedObjects()
	}
	b.start = s.now()
	l.body = b
	s.enter(l, b)
	if all := s.watchers.Load(); all != nil {
		s.began(*all, l)
	}
}

func (s *Source) now() time.Time {
	if s.options.Now != nil {
		return s.options.Now()
	}
	return time.Now()
}

// since is now, for work that began at start. The monotonic clock alone tells it, in
// half the time, so that setting the clock of the machine changes no duration.
func (s *Source) since(start time.Time) time.Time {
	if s.options.Now != nil {
		return s.options.Now()
	}
	return start.Add(time.Since(start))
}

// Field is a key with a value, for Begin and Finish.
type Field struct {
	field
	spare bool // gives way to what was set meanwhile
}

// Of is a field for Begin and Finish; an empty text is left out.
func (k TextKey) Of(v string) Field { return Field{field: field{key: k.key, text: v}} }

// Else is a field for Finish that gives way to what was set meanwhile.
func (k TextKey) Else(v string) Field {
	return Field{field: field{key: k.key, text: v}, spare: true}
}

// Of is a field for Begin and Finish.
func (k IntKey) Of(v int64) Field { return Field{field: field{key: k.key, bits: v}} }

func (f *field) absent() bool { return f.key.kind == kindText && f.text == "" }

const (
	requestIDPrefix = "req_"
	requestIDBytes  = len(requestIDPrefix) + 16
)

// appendRequestID makes an id of 64 random bits: at a billion requests the chance
// that any two share one is 3 %, and a store keeps it in 8 bytes.
func appendRequestID(b []byte, random uint64) []byte {
	var raw [8]byte
	binary.NativeEndian.PutUint64(raw[:], random)
	return jsonline.AppendHexBare(append(b, requestIDPrefix...), raw[:])
}

// recycle keeps a body for the next line, unless one wide line has grown it.
func (s *Source) recycle(b *body) {
	const maxKeptFields, maxKeptBytes = 64, 16 << 10
	if cap(b.fields) > maxKeptFields || cap(b.buffer) > maxKeptBytes {
		return
	}
	// What the fields still point to goes with the next line, or with the pool,
	// which the collector empties; clearing it costs every line more than that.
	b.place = [placedKeys]uint8{}
	b.fields, b.stages, b.spans = b.fields[:0], b.stages[:0], b.spans[:0]
	b.held.clear()
	b.interims, b.weight, b.cut = 0, 0, 0
	b.sealed, b.kept = false, false
	s.bodies.Put(b)
}
