// Package trace keeps, within the process, what a service has just done: for each
// family of work the newest traces, the slow ones by class and the failed ones
// with their events; and for each long-lived object a log of its last hundred
// events. It needs no collector, and is always on.
//
//	func (s *Store) Set(ctx context.Context, key, value string) (err error) {
//		ctx, t := tracer.Start(ctx, "store.set", key)
//		defer t.End(&err)
//		t.Event("decoded", slog.Int("bytes", len(value)))
//
// What an event says is written down when it happens: nothing is kept alive, and
// nothing can change meanwhile. Pages are made from copies, so that a slow reader
// delays nobody.
package trace

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options of a tracer; the zero value is ready for use.
type Options struct {
	// IDs gives the trace and span that ctx belongs to, such as those of a canonical
	// line or of OpenTelemetry; ok is false where to none. Without it a trace has ids
	// that are its own in this process.
	IDs func(ctx context.Context) (trace [16]byte, span [8]byte, ok bool)

	MaxFamilies int           // beyond them work is of the family other; 256
	Slow        time.Duration // from here on a trace triggers the flight recorder; 0: none does
	Flight      *Flight       // takes a snapshot of a slow trace or a panic; may be nil
}

const (
	defaultMaxFamilies = 256
	otherFamily        = "other"
)

// Tracer keeps the traces of a service. It is safe for use by many goroutines at
// once; a nil one keeps nothing.
type Tracer struct {
	options Options
	began   time.Time
	prefix  [8]byte
	serial  atomic.Uint64
	late    atomic.Uint64

	families atomic.Pointer[map[string]*Family] // replaced, never written
	adding   sync.Mutex

	logs logs
}

// New makes a tracer.
func New(o Options) *Tracer {
	if o.MaxFamilies <= 0 {
		o.MaxFamilies = defaultMaxFamilies
	}
	t := &Tracer{options: o, began: time.Now()}
	binary.NativeEndian.PutUint64(t.prefix[:], rand.Uint64()|1) // never zero
	t.families.Store(&map[string]*Family{})
	return t
}

// Family gives the family of that name. Whoever starts often keeps it.
func (t *Tracer) Family(name string) *Family {
	if t == nil {
		return nil
	}
	if f, ok := (*t.families.Load())[name]; ok {
		return f
	}
	t.adding.Lock()
	defer t.adding.Unlock()
	held := *t.families.Load()
	if f, ok := held[name]; ok {
		return f
	}
	if len(held) >= t.options.MaxFamilies {
		name = otherFamily
		if f, ok := held[name]; ok {
			return f
		}
	}
	f := &Family{tracer: t, name: name}
	next := maps.Clone(held)
	next[name] = f
	t.families.Store(&next)
	return f
}

// Families are those so far, by name.
func (t *Tracer) Families() []*Family {
	if t == nil {
		return nil
	}
	held := *t.families.Load()
	all := make([]*Family, 0, len(held))
	for _, name := range slices.Sorted(maps.Keys(held)) {
		all = append(all, held[name])
	}
	return all
}

// Late counts events that came after the end of their trace, and were dropped.
func (t *Tracer) Late() uint64 {
	if t == nil {
		return 0
	}
	return t.late.Load()
}

// Start begins a unit of work of a family, under a title of its own. The work runs
// under the context that is returned, and ends by End.
func (t *Tracer) Start(ctx context.Context, family, title string) (context.Context, *Trace) {
	if t == nil {
		return ctx, nil
	}
	return t.Family(family).Start(ctx, title)
}

// Trace is one unit of work. It is the context that the work runs under, and may
// be used by many goroutines at once; a nil one keeps nothing.
type Trace struct {
	context.Context
	family *Family
	start  time.Duration // since the tracer began

	mu     sync.Mutex
	record *record // nil once it has ended
}

type contextKey struct{}

// From is the trace that ctx carries, nil where it carries none.
func From(ctx context.Context) *Trace {
	if t, ok := ctx.(*Trace); ok {
		return t
	}
	if ctx == nil {
		return nil
	}
	t, _ := ctx.Value(contextKey{}).(*Trace)
	return t
}

// Value implements context.Context: it gives the trace itself to From, and all else
// as the parent does.
func (t *Trace) Value(key any) any {
	if key == (contextKey{}) {
		return t
	}
	return t.Context.Value(key)
}

// Start begins a unit of work of this family, as Tracer.Start does.
func (f *Family) Start(ctx context.Context, title string) (context.Context, *Trace) {
	if f == nil {
		return ctx, nil
	}
	t := &Trace{Context: ctx, family: f, start: time.Since(f.tracer.began)}
	f.begin(t, title, f.tracer.place(ctx))
	return t, t
}

// place gives a unit of work its ids: those it is told, those of what it is a part
// of, or its own.
func (t *Tracer) place(ctx context.Context) (p place) {
	if up := From(ctx); up != nil {
		up.mu.Lock()
		if r := up.record; r != nil {
			p.id, p.above = r.id, up.family.name
		}
		up.mu.Unlock()
	}
	if t.options.IDs != nil {
		if id, span, ok := t.options.IDs(ctx); ok {
			p.id, p.span = id, span
			return p
		}
	}
	binary.BigEndian.PutUint64(p.span[:], t.serial.Add(1))
	if p.id == [16]byte{} {
		copy(p.id[:8], t.prefix[:])
		copy(p.id[8:], p.span[:])
	}
	return p
}

// ID is the trace that the work belongs to; zero once it has ended.
func (t *Trace) ID() (id [16]byte) {
	if t == nil {
		return id
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.record != nil {
		id = t.record.id
	}
	return id
}

// Event writes down that something happened, with what belongs to it.
func (t *Trace) Event(msg string, attrs ...slog.Attr) { t.event(0, msg, attrs) }

// Sensitive writes down an event that only those may see who may see sensitive
// things.
func (t *Trace) Sensitive(msg string, attrs ...slog.Attr) { t.event(flagSensitive, msg, attrs) }

// Printf writes down an event.
func (t *Trace) Printf(format string, args ...any) {
	if t != nil {
		t.event(0, fmt.Sprintf(format, args...), nil)
	}
}

// Fail writes down what went wrong. The work goes on; End makes it a failed one
// only where it ends by an error.
func (t *Trace) Fail(err error) {
	if t != nil && err != nil {
		t.event(flagFailure, err.Error(), nil)
	}
}

func (t *Trace) event(flags byte, msg string, attrs []slog.Attr) {
	if t == nil {
		return
	}
	var room [128]byte // most events fit, so that they are written before the lock is taken
	text := appendText(room[:0], msg, attrs)
	elapsed := time.Since(t.family.tracer.began) - t.start
	t.mu.Lock()
	if r := t.record; r != nil {
		r.add(elapsed, flags, text)
	} else {
		t.family.tracer.late.Add(1)
	}
	t.mu.Unlock()
}

// End ends the work. It is deferred with the address of the error that the work
// returns, or nil where it returns none:
//
//	defer t.End(&err)
//
// A panic makes it a failed one, and goes on.
func (t *Trace) End(err *error) {
	v := recover()
	if t != nil {
		switch {
		case v != nil:
			t.end(fmt.Errorf("panic: %v", v), true)
		case err != nil:
			t.end(*err, false)
		default:
			t.end(nil, false)
		}
	}
	if v != nil {
		panic(v)
	}
}

func (t *Trace) end(err error, panicked bool) {
	failure := ""
	if err != nil {
		failure = fmt.Sprint(err) // which survives an error whose method panics
	}
	t.mu.Lock()
	r := t.record
	t.record = nil
	t.mu.Unlock()
	if r == nil {
		return
	}
	tracer := t.family.tracer
	took := time.Since(tracer.began) - t.start
	switch slow := tracer.options.Slow; {
	case tracer.options.Flight == nil:
	case panicked:
		tracer.options.Flight.Trigger("panic " + t.family.name)
	case slow > 0 && took >= slow:
		tracer.options.Flight.Trigger("slow " + t.family.name)
	}
	t.family.finish(r, took, err != nil, failure)
}
