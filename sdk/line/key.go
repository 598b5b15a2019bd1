package line

import (
	"context"
	"time"
)

// A key is a constant that names a field and knows its type:
//
//	const CartSize = line.Int("cart_size")
//	CartSize.Set(ctx, 3)
//
// Set replaces, Add accumulates, Value reads back what the line holds so far.
// Where ctx carries no line all three do nothing. Keys are safe for use by many
// goroutines at once; what is set after the line has ended is counted by its
// Source and dropped.
type (
	Text    string // a text, repaired to UTF-8 and cut at 8 KiB
	Int     string // a whole number
	Float   string // a number with decimals
	Bool    string // true or false
	Seconds string // a duration, written as seconds with six decimals
)

// Set puts v on the line of ctx.
func (k Text) Set(ctx context.Context, v string) {
	set(ctx, string(k), value{kind: kindText, text: v})
}

// Value is the text set so far.
func (k Text) Value(ctx context.Context) (string, bool) {
	v, ok := held(ctx, string(k), kindText)
	return v.text, ok
}

// Set puts v on the line of ctx.
func (k Int) Set(ctx context.Context, v int64) {
	set(ctx, string(k), value{kind: kindInt, bits: v})
}

// Add adds n to what the line holds, starting from zero.
func (k Int) Add(ctx context.Context, n int64) { add(ctx, string(k), kindInt, n) }

// Value is the number held so far.
func (k Int) Value(ctx context.Context) (int64, bool) {
	v, ok := held(ctx, string(k), kindInt)
	return v.bits, ok
}

// Set puts v on the line of ctx.
func (k Float) Set(ctx context.Context, v float64) {
	set(ctx, string(k), value{kind: kindFloat, bits: floatBits(v)})
}

// Set puts v on the line of ctx.
func (k Bool) Set(ctx context.Context, v bool) {
	truth := value{kind: kindBool}
	if v {
		truth.bits = 1
	}
	set(ctx, string(k), truth)
}

// Set puts d on the line of ctx.
func (k Seconds) Set(ctx context.Context, d time.Duration) {
	set(ctx, string(k), value{kind: kindSeconds, bits: int64(d)})
}

// Add adds d to what the line holds, starting from zero.
func (k Seconds) Add(ctx context.Context, d time.Duration) {
	add(ctx, string(k), kindSeconds, int64(d))
}

// Value is the duration held so far.
func (k Seconds) Value(ctx context.Context) (time.Duration, bool) {
	v, ok := held(ctx, string(k), kindSeconds)
	return time.Duration(v.bits), ok
}

// Timer counts calls to something and adds up the time they took.
type Timer struct {
	Calls Int
	Total Seconds
}

// Start begins one timed call; End on what it returns closes it:
//
//	defer line.Database.Start(ctx).End()
func (t Timer) Start(ctx context.Context) Timing {
	return Timing{timer: t, ctx: ctx, start: time.Now()}
}

// Timing is one call under way.
type Timing struct {
	timer Timer
	ctx   context.Context
	start time.Time
}

// End adds one call, and the time since Start, to the line.
func (t Timing) End() {
	t.timer.Calls.Add(t.ctx, 1)
	t.timer.Total.Add(t.ctx, time.Since(t.start))
}
