// Package line holds canonical lines in the making: one wide line per unit of
// work, filled through the context by whoever knows something, written once.
//
//	const CartSize = line.Int("cart_size")
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
	"sync"
	"time"
)

// Line is one unit of work. It is the context that the work runs under, and may
// be used by many goroutines at once. A line must not be copied.
type Line struct {
	context.Context

	source    *Source
	kind      *Kind
	start     time.Time
	trace     Trace
	caller    [8]byte // span of the caller, zero where the trace starts here
	requestID string

	mu   sync.Mutex
	body *body // nil once the line has ended
}

// body is what grows while the work goes on. It is recycled; the Line is not, so
// that a goroutine which outlives its request can never write into another one.
type body struct {
	fields []field
	buffer []byte
}

type kind uint8

const (
	kindText kind = iota
	kindInt
	kindFloat
	kindBool
	kindSeconds
)

type field struct {
	name string
	tag  uint32 // tells most names apart without reading them
	value
}

type value struct {
	kind kind
	bits int64 // number, float bits, truth or nanoseconds
	text string
}

func tagOf(name string) uint32 {
	if name == "" {
		return 0
	}
	return uint32(len(name))<<16 | uint32(name[0])<<8 | uint32(name[len(name)-1])
}

// maxFields bounds a line that a loop keeps adding names to; a wide line of a
// large service has some eighty.
const maxFields = 256

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

// Value gives the line itself to From, and all else as the parent context does.
func (l *Line) Value(key any) any {
	if key == (contextKey{}) {
		return l
	}
	return l.Context.Value(key)
}

// Kind is the name of the kind of work, such as http or job.
func (l *Line) Kind() string { return l.kind.Name }

// RequestID is the id that everything done for one request shares.
func (l *Line) RequestID() string { return l.requestID }

// Trace is the place of this unit of work in its trace.
func (l *Line) Trace() Trace { return l.trace }

// Age is the time since the work began.
func (l *Line) Age() time.Duration { return l.source.now().Sub(l.start) }

func set(ctx context.Context, name string, v value) {
	l := From(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	if f := l.slot(name); f != nil {
		f.value = v
	}
	l.mu.Unlock()
}

func add(ctx context.Context, name string, k kind, n int64) {
	l := From(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	if f := l.slot(name); f != nil {
		if f.kind != k {
			f.value = value{kind: k}
		}
		f.bits += n
	}
	l.mu.Unlock()
}

func held(ctx context.Context, name string, k kind) (v value, ok bool) {
	l := From(ctx)
	if l == nil {
		return value{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.body == nil {
		return value{}, false
	}
	if f := l.body.find(name); f != nil && f.kind == k {
		return f.value, true
	}
	return value{}, false
}

// slot is the place of the named field, nil where the line takes it no more; the
// caller holds the lock.
func (l *Line) slot(name string) *field {
	b := l.body
	if b == nil {
		l.source.late.Add(1)
		return nil
	}
	if f := b.find(name); f != nil {
		return f
	}
	if len(b.fields) == maxFields || reserved(name) {
		l.source.refused.Add(1)
		return nil
	}
	return b.grow(name)
}

// must is the place of a field that no limit may refuse.
func (b *body) must(name string) *field {
	if f := b.find(name); f != nil {
		return f
	}
	return b.grow(name)
}

func (b *body) grow(name string) *field {
	b.fields = append(b.fields, field{name: name, tag: tagOf(name)})
	return &b.fields[len(b.fields)-1]
}

func (b *body) find(name string) *field {
	tag := tagOf(name)
	for i := range b.fields {
		if f := &b.fields[i]; f.tag == tag && f.name == name {
			return f
		}
	}
	return nil
}

// reserved tells the names that the line writes by itself.
func reserved(name string) bool {
	switch name {
	case "", "_time", "_msg", "kind", "request_id", "trace_id", "span_id", "parent_id":
		return true
	}
	return false
}

func floatBits(v float64) int64 { return int64(math.Float64bits(v)) }
