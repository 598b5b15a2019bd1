package line

import (
	"context"
	"log/slog"
	"math"
	"time"
)

// A key names a field and knows its type. It is registered once, as a package
// variable, and then gives the field its place in every format and in the schema:
//
//	var CartSize = line.Int("cart_size", line.About("articles in the cart"))
//
//	CartSize.Set(ctx, 3)
//
// Set replaces, Add accumulates, Max keeps the largest, Value reads back what the
// line holds so far. Where ctx carries no line all of them do nothing. Keys are
// safe for use by many goroutines at once; what is set after the line has ended is
// counted by its Source and dropped.
type (
	TextKey    struct{ key *key } // a text, repaired to UTF-8 and cut at 8 KiB
	IntKey     struct{ key *key } // a whole number
	FloatKey   struct{ key *key } // a number with decimals
	BoolKey    struct{ key *key } // true or false
	SecondsKey struct{ key *key } // a duration, written as seconds with six decimals
)

func (k TextKey) registered() *key    { return k.key }
func (k IntKey) registered() *key     { return k.key }
func (k FloatKey) registered() *key   { return k.key }
func (k BoolKey) registered() *key    { return k.key }
func (k SecondsKey) registered() *key { return k.key }

// Text registers a key, or finds the one of this name.
func Text(name string, options ...Option) TextKey {
	return TextKey{registry.key(name, kindText, options)}
}

// Int registers a key, or finds the one of this name.
func Int(name string, options ...Option) IntKey {
	return IntKey{registry.key(name, kindInt, options)}
}

// Float registers a key, or finds the one of this name.
func Float(name string, options ...Option) FloatKey {
	return FloatKey{registry.key(name, kindFloat, options)}
}

// Bool registers a key, or finds the one of this name.
func Bool(name string, options ...Option) BoolKey {
	return BoolKey{registry.key(name, kindBool, options)}
}

// Seconds registers a key, or finds the one of this name.
func Seconds(name string, options ...Option) SecondsKey {
	return SecondsKey{registry.key(name, kindSeconds, options)}
}

// Set puts v on the line of ctx.
func (k TextKey) Set(ctx context.Context, v string) { setText(ctx, k.key, v) }

// Value is the text set so far.
func (k TextKey) Value(ctx context.Context) (string, bool) {
	v, ok := held(ctx, k.key)
	return v.text, ok
}

// Set puts v on the line of ctx.
func (k IntKey) Set(ctx context.Context, v int64) { setBits(ctx, k.key, v) }

// Add adds n to what the line holds, starting from zero.
func (k IntKey) Add(ctx context.Context, n int64) { add(ctx, k.key, n) }

// Max puts n on the line of ctx unless it holds a larger number.
func (k IntKey) Max(ctx context.Context, n int64) { raise(ctx, k.key, n) }

// Value is the number held so far.
func (k IntKey) Value(ctx context.Context) (int64, bool) {
	v, ok := held(ctx, k.key)
	return v.bits, ok
}

// Set puts v on the line of ctx.
func (k FloatKey) Set(ctx context.Context, v float64) {
	setBits(ctx, k.key, int64(math.Float64bits(v)))
}

// Value is the number set so far.
func (k FloatKey) Value(ctx context.Context) (float64, bool) {
	v, ok := held(ctx, k.key)
	return math.Float64frombits(uint64(v.bits)), ok
}

// Set puts v on the line of ctx.
func (k BoolKey) Set(ctx context.Context, v bool) { setBits(ctx, k.key, truth(v)) }

// Value is the truth set so far.
func (k BoolKey) Value(ctx context.Context) (v, ok bool) {
	f, ok := held(ctx, k.key)
	return f.bits != 0, ok
}

// Set puts d on the line of ctx.
func (k SecondsKey) Set(ctx context.Context, d time.Duration) { setBits(ctx, k.key, int64(d)) }

// Add adds d to what the line holds, starting from zero.
func (k SecondsKey) Add(ctx context.Context, d time.Duration) { add(ctx, k.key, int64(d)) }

// Max puts d on the line of ctx unless it holds a longer one.
func (k SecondsKey) Max(ctx context.Context, d time.Duration) { raise(ctx, k.key, int64(d)) }

// Value is the duration held so far.
func (k SecondsKey) Value(ctx context.Context) (time.Duration, bool) {
	v, ok := held(ctx, k.key)
	return time.Duration(v.bits), ok
}

// Add puts fields on the line of ctx whose names are known only now. They cost
// more than a key and are in no schema, except where a key has their name and
// type. The members of a group have its name, and a dot, before their own.
func Add(ctx context.Context, attrs ...slog.Attr) {
	l := From(ctx)
	if l == nil {
		return
	}
	for _, a := range attrs {
		l.attr("", a)
	}
}

func (l *Line) attr(prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	name := prefix + a.Key
	switch v.Kind() {
	case slog.KindGroup:
		if a.Key != "" {
			prefix = name + "."
		}
		for _, member := range v.Group() {
			l.attr(prefix, member)
		}
	case slog.KindInt64:
		setBits(l, registry.named(name, kindInt), v.Int64())
	case slog.KindUint64:
		if n := v.Uint64(); n <= math.MaxInt64 {
			setBits(l, registry.named(name, kindInt), int64(n))
			return
		}
		setText(l, registry.named(name, kindText), v.String())
	case slog.KindFloat64:
		setBits(l, registry.named(name, kindFloat), int64(math.Float64bits(v.Float64())))
	case slog.KindBool:
		setBits(l, registry.named(name, kindBool), truth(v.Bool()))
	case slog.KindDuration:
		setBits(l, registry.named(name, kindSeconds), int64(v.Duration()))
	default:
		setText(l, registry.named(name, kindText), v.String())
	}
}

func truth(v bool) int64 {
	if v {
		return 1
	}
	return 0
}
