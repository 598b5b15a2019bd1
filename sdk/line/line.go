// Package line holds canonical lines in the making: one wide line per unit of
// work, filled through the context by whoever knows something, written once.
//
//	var CartSize = line.Int("cart_size")
//
//	func buy(w http.ResponseWriter, r *http.Request) {
//		line.UserID.Set(r.Context(), "usr_123")
//		CartSize.Set(r.Context(), 3)
//		defer line.Database.Start(r.Context()).End()
//	}
//
// Lines are begun by a Source, usually through the middleware of package
// plumbline.
package line

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
	"unsafe"
)

// Line is one unit of work. It is the context that the work runs under, and may
// be used by many goroutines at once. A line must not be copied.
type Line struct {
	context.Context

	source    *Source
	requestID string
	trace     Trace
	madeID    [requestIDBytes]byte // memory of the request id where it is ours

	mu   sync.Mutex
	body *body // nil once the line has ended
}

// body is what grows while the work goes on. It is recycled; the Line is not, so
// that a goroutine which outlives its request can never write into another one.
type body struct {
	fields []field
	place  [placedKeys]uint8 // of a key by its id: where its field is, from 1; 0: not yet, or beyond 255
	stages []stage
	spans  []span
	random rand.PCG // for ids
	held   ring
	buffer []byte
	end    time.Time // when the line was sealed

	kind   *Kind
	start  time.Time
	caller [8]byte // span of the caller, zero where the trace starts here
	state  string  // of the caller's trace, passed on as it came
	allocs int64   // objects the process had allocated at the start

	interims int64
	weight   int64 // units of work the line stands for, 0 where nothing is sampled
	cut      int64 // fields cut to keep the line short
	sealed   bool  // takes nothing more
	kept     bool  // whatever sampling says

	line       *Line // while it is under way
	next, prev *body // among the lines under way
	bay        uint8
}

// kind is the type of a field.
type kind uint8

const (
	kindText kind = iota
	kindInt
	kindFloat
	kindBool
	kindSeconds
	kindTime   // only _time
	kindHex    // only ids of traces
	kindStages // only stages
)

func (k kind) String() string {
	return [...]string{"text", "int", "float", "bool", "seconds", "time", "hex", "stages"}[k]
}

// field is a key with its value: a text, or the bits of a number, a truth or
// nanoseconds.
type field struct {
	key  *key
	bits int64
	text string
}

// placedKeys are the keys found at once: those of this package and of most services.
// Others are looked for among the fields.
const placedKeys = 128

// maxFields bounds a line that a loop keeps adding names to; a wide line of a
// large service has some eighty.
const maxFields = 256

// maxNameBytes bounds a name that is made of data.
const maxNameBytes = 256

type contextKey struct{}

// From is the line that ctx carries, nil where it carries none.
func From(ctx context.Context) *Line {
	if l, ok := ctx.(*Line); ok {
		return l
	}
	if ctx == nil {
		return nil
	}
	l, _ := ctx.Value(contextKey{}).(*Line)
	return l
}

// Value implements context.Context: it gives the line itself to From, and all else as
// the parent does.
func (l *Line) Value(key any) any {
	if key == (contextKey{}) {
		return l
	}
	return l.Context.Value(key)
}

// RequestID is the id that everything done for one request shares.
func (l *Line) RequestID() string { return l.requestID }

// RequestIDValues is the id as the values of a header. They are the line's own
// memory, and must not be written.
func (l *Line) RequestIDValues() []string { return unsafe.Slice(&l.requestID, 1) }

// Trace is the place of this unit of work in its trace.
func (l *Line) Trace() Trace { return l.trace }

// Source is where the line was begun.
func (l *Line) Source() *Source { return l.source }

// Kind is the name of the kind of work, such as http or job; empty once the line
// has ended.
func (l *Line) Kind() (name string) {
	l.read(func(b *body) { name = b.kind.Name })
	return name
}

// Age is the time since the work began, or that it took; zero once the line has
// been handed on.
func (l *Line) Age() (age time.Duration) {
	l.read(func(b *body) {
		if b.sealed {
			age = b.end.Sub(b.start)
			return
		}
		age = l.source.since(b.start).Sub(b.start)
	})
	return age
}

// Start is when the work began.
func (l *Line) Start() (at time.Time) {
	l.read(func(b *body) { at = b.start })
	return at
}

// Keep has the line written whatever the sampling of its Source says.
func (l *Line) Keep() {
	l.read(func(b *body) { b.kept = true })
}

// read runs f on the body, under the lock, while there is one.
func (l *Line) read(f func(*body)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.body != nil {
		f(l.body)
	}
}

func setText(ctx context.Context, k *key, text string) {
	l := From(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	if f := l.slot(k); f != nil {
		f.text = text
	}
	l.mu.Unlock()
}

func setBits(ctx context.Context, k *key, bits int64) {
	l := From(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	if f := l.slot(k); f != nil {
		f.bits = bits
	}
	l.mu.Unlock()
}

func add(ctx context.Context, k *key, n int64) {
	l := From(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	if f := l.slot(k); f != nil {
		f.bits += n
	}
	l.mu.Unlock()
}

func raise(ctx context.Context, k *key, n int64) {
	l := From(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	if l.body == nil || l.body.find(k) == nil {
		if f := l.slot(k); f != nil {
			f.bits = n
		}
	} else if f := l.slot(k); f != nil {
		f.bits = max(f.bits, n)
	}
	l.mu.Unlock()
}

func held(ctx context.Context, k *key) (v field, ok bool) {
	l := From(ctx)
	if l == nil || k == nil {
		return field{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.body == nil {
		return field{}, false
	}
	if f := l.body.find(k); f != nil {
		return *f, true
	}
	return field{}, false
}

// slot is the place of the field of k, nil where the line takes it no more; the
// caller holds the lock.
func (l *Line) slot(k *key) *field {
	b := l.body
	if b == nil || b.sealed {
		l.source.late.Add(1)
		return nil
	}
	if f := b.find(k); f != nil {
		if f.key != k { // a name of this line alone, now perhaps of another type
			f.key = k
		}
		return f
	}
	if k == nil || k.own || k.name == "" || len(k.name) > maxNameBytes || len(b.fields) >= maxFields {
		l.source.refused.Add(1)
		return nil
	}
	return b.grow(k)
}

// put sets a field that no limit may refuse; the caller owns the body.
func (b *body) put(v *field) {
	f := b.find(v.key)
	if f == nil {
		f = b.grow(v.key)
	}
	f.take(v)
}

// take makes the value of f that of v, which has the same key.
func (f *field) take(v *field) {
	if f.key.kind == kindText {
		f.text = v.text
	} else {
		f.bits = v.bits
	}
}

// grow adds a field for k, without a value.
func (b *body) grow(k *key) *field {
	n := len(b.fields)
	if n < cap(b.fields) {
		b.fields = b.fields[:n+1]
	} else {
		b.fields = append(b.fields, field{})
	}
	f := &b.fields[n]
	if f.key != k { // usually the line before had it here: while the collector works, not writing a pointer is cheaper
		f.key = k
	}
	if k.kind == kindText {
		f.text = ""
	} else {
		f.bits = 0
	}
	if uint(k.id) < placedKeys && n < math.MaxUint8 {
		b.place[k.id] = uint8(n + 1)
	}
	return f
}

func (b *body) find(k *key) *field {
	if k != nil && uint(k.id) < placedKeys {
		if at := b.place[k.id]; at > 0 {
			return &b.fields[at-1]
		}
		if len(b.fields) <= math.MaxUint8 {
			return nil
		}
	}
	return b.search(k)
}

func (b *body) search(k *key) *field {
	for i := range b.fields {
		if b.fields[i].key == k {
			return &b.fields[i]
		}
	}
	if k != nil && k.id < 0 { // a key of one line has no other identity than its name
		for i := range b.fields {
			if b.fields[i].key.name == k.name {
				return &b.fields[i]
			}
		}
	}
	return nil
}

// makeID makes a request id in madeID, whose bytes never change again. A string of its
// own would be one more allocation for each request.
func (l *Line) makeID(random uint64) {
	appendRequestID(l.madeID[:0], random)
	l.requestID = unsafe.String(&l.madeID[0], len(l.madeID))
}
