package line_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
)

// Keys of a shop: registered once, as package variables.
var (
	cartSize  = line.Int("cart_size", line.About("articles in the cart"))
	discount  = line.Float("discount", line.Unit("%"))
	express   = line.Bool("express")
	coupon    = line.Text("coupon", line.Secret())
	waited    = line.Seconds("waited")
	warehouse = line.Timed("warehouse")
	render    = line.Stage("render")
)

// show prints a line from its first field on: what stands before it differs from
// run to run.
func show(b []byte) {
	_, fields, _ := strings.Cut(string(b), `"operation":`)
	fields, _, _ = strings.Cut(fields, `,"duration"`)
	fmt.Println(fields)
}

var job = &line.Kind{Name: "job", Digest: []line.Key{line.Operation, line.OutcomeKey}}

// begin starts a unit of work; with the SDK's middleware and Observer.Begin
// nobody has to.
func begin(s *line.Source, operation string) *line.Line {
	l := new(line.Line)
	s.Begin(l, context.Background(), job, line.Origin{}, line.Operation.Of(operation))
	return l
}

// Whoever knows something puts it on the line, through the context.
func Example() {
	ctx := begin(line.NewSource(line.Options{Put: show}), "cart.buy")
	cartSize.Set(ctx, 3)
	cartSize.Add(ctx, 1)
	discount.Set(ctx, 2.5)
	express.Set(ctx, true)
	coupon.Set(ctx, "SECRET-5")
	waited.Max(ctx, 20*time.Millisecond)
	line.Add(ctx, slog.Group("courier", slog.String("name", "DPD"), slog.Int("zone", 2)))
	ctx.Finish(line.OK)
	// Output: "cart.buy","cart_size":4,"discount":2.5,"express":true,"coupon":"***","waited":0.020000,"courier.name":"DPD","courier.zone":2,"outcome":"ok"
}

// A timer counts calls and adds up their time; a stage is one of the steps of the
// work.
func ExampleTimed() {
	ctx := begin(line.NewSource(line.Options{Put: func([]byte) {}}), "cart.buy")
	func() { defer warehouse.Start(ctx).End() }()
	func() { defer line.Database.Start(ctx).End() }()
	func() { defer render.Start(ctx).End() }()
	warehouse.Observe(ctx, 3*time.Second) // timed otherwise
	calls, _ := warehouse.Calls.Value(ctx)
	total, _ := warehouse.Total.Value(ctx)
	fmt.Println(calls, total.Round(time.Second))
	// Output: 2 3s
}

// The error that work returns decides how it ended.
func ExampleLine_End() {
	s := line.NewSource(line.Options{Put: show})
	work := func() (err error) {
		defer begin(s, "invoice.close").End(&err)
		return errors.New("no such invoice")
	}
	_ = work()
	// Output: "invoice.close","error":"no such invoice","outcome":"error"
}

// Ids travel with a message, and the work on it continues the trace.
func ExampleReceived() {
	s := line.NewSource(line.Options{Put: func([]byte) {}})
	sender := begin(s, "charge.send")
	properties := map[string]string{}
	sender.Carry(func(name, value string) { properties[name] = value })

	consumer := new(line.Line)
	origin := line.Received(func(name string) string { return properties[name] })
	s.Begin(consumer, context.Background(), &line.Kind{Name: "consumer"}, origin)
	fmt.Println(consumer.Trace().ID == sender.Trace().ID, consumer.RequestID() == sender.RequestID())
	// Output: true true
}

// Of what went well one line in ten is kept, and says that it stands for ten.
func ExampleSampling() {
	s := line.NewSource(line.Options{
		Put:      func([]byte) {},
		Sampling: line.Sampling{OneIn: 10, Routes: map[string]int64{"/healthz": 1000}},
	})
	failed := begin(s, "x")
	failed.Finish(line.ServerError) // always kept
	wanted := begin(s, "y")
	wanted.Keep()
	wanted.Finish(line.OK)
	fmt.Println(s.Counts().Lines)
	// Output: 2
}

// inFlight is a watcher: it counts what is under way.
type inFlight struct{ now, most int }

func (w *inFlight) Began(*line.Line) { w.now++; w.most = max(w.most, w.now) }

func (w *inFlight) Ended(_ *line.Line, _ line.Outcome, _ time.Duration) { w.now-- }

func ExampleWatcher() {
	s := line.NewSource(line.Options{Put: func([]byte) {}})
	w := &inFlight{}
	s.Watch(w)
	a, b := begin(s, "a"), begin(s, "b")
	fmt.Println(len(s.UnderWay()))
	a.Finish(line.OK)
	b.Finish(line.OK)
	fmt.Println(w.most, w.now)
	// Output:
	// 2
	// 2 0
}

// The schema of all keys, as a dataset's configuration takes it, and as a .proto
// file.
func ExampleSchema() {
	fmt.Println(strings.Contains(string(line.Schema(nil)), `"discount":{"type":"number","unit":"%"}`))
	fmt.Println(strings.Contains(string(line.Schema(line.OTel())), `"http.route":{"type":"text"}`))
	fmt.Println(strings.Contains(string(line.Proto()), "string http_method = 20;"))
	// Output:
	// true
	// true
	// true
}

// Fields under the names of a convention, as logfmt.
func ExampleNaming() {
	s := line.NewSource(line.Options{Format: line.Logfmt, Naming: line.ECS(), Put: func(b []byte) {
		_, fields, _ := strings.Cut(string(b), "operation=")
		fields, _, _ = strings.Cut(fields, " outcome=")
		fmt.Println(fields)
	}})
	l := begin(s, "charge")
	line.HTTPMethod.Set(l, "POST")
	line.UserID.Set(l, "usr 123")
	l.Finish(line.OK)
	// Output: charge http.request.method=POST user.id="usr 123"
}

// Whoever has a context has the line, and may say that the work went wrong.
func ExampleFrom() {
	s := line.NewSource(line.Options{Put: show, Naming: line.Stripe()})
	var ctx context.Context = begin(s, "charge")
	l := line.From(ctx)
	l.Fail(errors.New("card declined"))
	l.Logged(true) // as the SDK's logger does for each record of level error
	_, counted := l.Allocs()
	fmt.Println(counted, l.Age() >= 0, l.RequestIDValues()[0] == l.RequestID(), l.TraceState() == "")
	l.Finish(line.OutcomeOf(context.DeadlineExceeded))
	fmt.Println(line.Timeout.Fails(), line.ClientError.Fails())
	// Output:
	// false true true true
	// "charge","error":"card declined","log_errors":1,"outcome":"timeout"
	// true false
}

// A recovered panic is put on the line, with where it was raised.
func ExampleLine_Panicked() {
	s := line.NewSource(line.Options{Put: show})
	func() {
		l := begin(s, "charge")
		defer func() {
			l.Panicked(recover())
			l.Finish(line.Panic)
		}()
		panic("no printer")
	}()
	// Output: "charge","error":"no printer","panic_at":"line_test.ExampleLine_Panicked.func1:185","outcome":"panic"
}

// An ordinary line is held with its work, and put once that has failed.
func ExampleLine_Hold() {
	s := line.NewSource(line.Options{Put: func([]byte) {}})
	l := begin(s, "charge")
	l.Hold([]byte("asked the card network"), func(b []byte) { fmt.Println(string(b)) })
	l.Finish(line.ServerError)
	// Output: asked the card network
}

// What lasts tells of itself; what a program leaves undone ends as interrupted.
func ExampleSource_Interim() {
	s := line.NewSource(line.Options{Put: func(b []byte) {
		fmt.Println(strings.Contains(string(b), line.InterimMark), strings.Contains(string(b), `"outcome":"interrupted"`))
	}})
	begin(s, "stream")
	s.Interim(0)
	s.Interrupt()
	// Output:
	// true false
	// false true
}

// slow is a watcher that looks at the line as it ended.
type slow struct{}

func (slow) Began(*line.Line) {}

func (slow) Ended(l *line.Line, _ line.Outcome, took time.Duration) {
	v := l.View()
	fmt.Println(v.Kind(), v.Text(line.Operation), v.Start().IsZero(), took < time.Hour, len(v.Written()) > 0)
}

func ExampleView() {
	s := line.NewSource(line.Options{Put: func([]byte) {}})
	s.Watch(slow{})
	begin(s, "charge").Finish(line.OK, line.HTTPRoute.Else("/v1/charges"))
	// Output: job charge false true true
}

// A key says what it holds, for the schema; its number in protobuf can be fixed.
func ExampleDescribe() {
	line.Text("email", line.Personal(), line.Number(1500), line.About("of the customer"))
	for _, d := range line.Describe() {
		if d.Name == "email" {
			fmt.Println(d.Type, d.Number, d.Class, d.About)
		}
	}
	fmt.Println(slices.Contains(line.Clashes(), "email")) // names that were registered with two types
	// Output:
	// text 1500 personal of the customer
	// false
}

// A traceparent is read as the recommendation has it, or not at all.
func ExampleParseTrace() {
	t, ok := line.ParseTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	fmt.Println(ok, t)
	_, ok = line.ParseTrace("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")
	fmt.Println(ok)
	// Output:
	// true 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
	// false
}
