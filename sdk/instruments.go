package plumbline

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/notice"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

// instruments are what a service is watched by beside its lines. Each can be used
// alone; here they are made to know of each other.
type instruments struct {
	notices *notice.Writer
	board   *status.Board
	flight  *trace.Flight // nil: none asked for
	tracer  *trace.Tracer
	health  *health.Health
	traffic *traffic
	monitor monitor.Served // nil: none asked for
}

// instrument makes the instruments of b, whose lines and logger are there.
func (b *Observer) instrument(o Options) instruments {
	var i instruments
	i.notices = o.notices()
	i.board = status.NewBoard(i.notices, o.Now)
	if o.Flight != "" {
		var err error
		if i.flight, err = trace.OpenFlight(trace.FlightOptions{Dir: o.Flight, Report: o.Report}); err != nil {
			o.Report(err) // a service runs without
		}
	}
	i.tracer = trace.New(trace.Options{IDs: ids, Flight: i.flight, Slow: o.Slow})
	i.health = health.New(health.Options{
		Service: o.Service, Release: o.Release, Writer: i.notices, Now: o.Now,
		Changed: func(c health.Change) {
			if !c.Up && c.Check == "" {
				i.flight.Trigger("health " + c.Probe.String())
			}
		},
	})
	i.traffic = &traffic{tracer: i.tracer, flight: i.flight, slow: o.Slow, text: o.Format != line.Protobuf, http: b.front.kind.Name, inFlight: &b.front.inFlight}
	b.front.source.Watch(i.traffic)
	if o.Monitor != nil {
		i.monitor = o.Monitor.With(b.watched(o, i))
		for name, page := range b.pages(o) {
			_ = i.monitor.Page(name, page) // their names are ours, and free
		}
	}
	return i
}

// ids tells the tracer which trace the work at hand belongs to.
func ids(ctx context.Context) (id [16]byte, span [8]byte, ok bool) {
	l := line.From(ctx)
	if l == nil {
		return id, span, false
	}
	t := l.Trace()
	return t.ID, t.Span, true
}

func traceOf(ctx context.Context) [16]byte {
	id, _, _ := ids(ctx)
	return id
}

// notices go the way of canonical lines. Where those are protobuf, which has no
// place for other fields, they go the way of ordinary ones.
func (o Options) notices() *notice.Writer {
	put, pairs := o.Lines.Put, o.Format == line.Logfmt
	if o.Format == line.Protobuf {
		put, pairs = o.Logs.Put, o.LogFormat != log.JSON
	}
	made := notice.New
	if pairs {
		made = notice.NewLogfmt
	}
	var fixed []slog.Attr
	for _, a := range o.fixed() {
		if a.Value.String() != "" {
			fixed = append(fixed, a)
		}
	}
	return made(put, o.Now, fixed...)
}

// watched is what the monitor shows where its own options name nothing else.
func (b *Observer) watched(o Options, i instruments) monitor.Options {
	return monitor.Options{
		Name: o.Service, Version: o.Release, Health: i.health, Tracer: i.tracer, Level: b.handler.Levels(), Writer: i.notices,
		Sources: []metric.Source{i.traffic, deliveries(b.Counts)},
	}
}

// pages are those of the monitor that are about lines.
func (b *Observer) pages(o Options) map[string]monitor.PageFunc {
	return map[string]monitor.PageFunc{
		"lines":       monitor.JSON(func() any { return b.Counts() }),
		"line_schema": monitor.Text(func() string { return string(line.Schema(o.Naming)) }),
		"under_way":   monitor.JSON(func() any { return b.underWay() }),
	}
}

// work is a unit of work under way, as the page under_way tells it.
type work struct {
	Kind      string  `json:"kind"`
	What      string  `json:"what"` // method and path, or operation
	RequestID string  `json:"request_id"`
	Seconds   float64 `json:"seconds"`
}

func (b *Observer) underWay() []work {
	all := []work{}
	for _, l := range b.front.source.UnderWay() {
		w := work{Kind: l.Kind(), RequestID: l.RequestID(), Seconds: l.Age().Seconds()}
		if operation, is := line.Operation.Value(l); is {
			w.What = operation
		} else {
			method, _ := line.HTTPMethod.Value(l)
			path, _ := line.HTTPPath.Value(l)
			w.What = method + " " + path
		}
		all = append(all, w)
	}
	return all
}

// run starts what works in the background, until Close.
func (b *Observer) run(ctx context.Context, o Options) {
	b.loops.Go(func() { b.board.Run(ctx) })
	b.loops.Go(func() { b.health.Run(ctx) })
	if b.flight != nil {
		b.loops.Go(func() { b.flight.Run(ctx) })
	}
	if o.Interim > 0 {
		b.loops.Go(func() { b.interim(ctx, o.Interim) })
	}
	if b.monitor == nil {
		return
	}
	l, err := b.monitor.Listen()
	if errors.Is(err, monitor.ErrNowhere) {
		return
	}
	if err != nil {
		o.Report(err) // a service is worth more than its monitor
		return
	}
	b.loops.Go(func() {
		if err := b.monitor.Serve(ctx, l); err != nil {
			o.Report(err)
		}
	})
}

// interim tells of work under way, again and again.
func (b *Observer) interim(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.front.source.Interim(every)
		case <-ctx.Done():
			return
		}
	}
}

// Monitor shows everything the service tells of itself, on the address that
// Options.Monitor names; it is an http.Handler besides. Pages and reloads are
// registered with it. Where no monitor was asked for it is nil, which takes them and
// shows nothing.
func (b *Observer) Monitor() *monitor.Monitor {
	m, _ := b.monitor.(*monitor.Monitor)
	return m
}

// Health takes the checks of what the service needs, and answers probes:
//
//	err := o.Health().Add(health.Check{Name: "db", Run: db.PingContext})
func (b *Observer) Health() *health.Health { return b.health }

// Tracer keeps the traces of functions and the logs of objects beside those of
// requests and jobs, which are there by themselves:
//
//	ctx, t := o.Tracer().Start(ctx, "store.set", key)
//	defer t.End(&err)
func (b *Observer) Tracer() *trace.Tracer { return b.tracer }

// Notices writes lines that no unit of work causes, the way of canonical lines.
func (b *Observer) Notices() *notice.Writer { return b.notices }

// Status makes a set of the status variables in vars, a pointer to a struct: on a
// page of the monitor, among its metrics, and as a line of kind=status for each
// window of 20 s.
func (b *Observer) Status(prefix string, vars any) (*status.Set, error) {
	set, err := status.New(prefix, vars, status.Options{Now: b.options.Now})
	if err != nil {
		return nil, err
	}
	if err := b.board.Join(set); err != nil {
		return nil, err
	}
	if b.monitor == nil {
		return set, nil
	}
	return set, b.monitor.Status(set)
}

// Delay makes a delay counter: on a page of the monitor, among its metrics, with
// traces as examples, and as a line of kind=delay for each cycle.
func (b *Observer) Delay(name string, o delay.Options) (*delay.Counter, error) {
	if o.Now == nil {
		o.Now = b.options.Now
	}
	if o.Trace == nil {
		o.Trace = traceOf
	}
	c := delay.New(name, o)
	if err := b.board.Join(c); err != nil {
		return nil, err
	}
	if b.monitor == nil {
		return c, nil
	}
	return c, b.monitor.Delay(c)
}

// Metrics implements metric.Source: requests and jobs, what became of lines, health,
// traces, status variables and delays, for a page that is not the monitor's.
//
//	mux.Handle("GET /metrics", metric.Handler(o))
func (b *Observer) Metrics(to metric.Visitor) {
	for _, source := range [...]metric.Source{b.traffic, deliveries(b.Counts), b.health, b.tracer, b.board} {
		source.Metrics(to)
	}
}

// deliveries tells what became of lines.
type deliveries func() Counts

// Metrics implements metric.Source.
func (d deliveries) Metrics(to metric.Visitor) {
	c := d()
	for _, x := range [...]struct {
		name, help string
		n          uint64
	}{
		{"plumbline_lines", "Canonical lines handed on.", c.Lines},
		{"plumbline_lines_sampled", "Canonical lines left out by sampling.", c.Sampled},
		{"plumbline_lines_failed", "Canonical lines lost to a panic while they were written.", c.Failed},
		{"plumbline_fields_late", "Fields set after their line had ended.", c.Late},
		{"plumbline_sink_offered", "Lines offered for delivery.", c.Delivery.Offered},
		{"plumbline_sink_delivered", "Lines delivered.", c.Delivery.Delivered},
		{"plumbline_sink_rejected", "Lines their receiver could not read.", c.Delivery.Rejected},
		{"plumbline_sink_dropped", "Lines dropped: the queue was full, or delivery was given up.", c.Delivery.Dropped},
	} {
		to.Family(metric.Family{Name: x.name, Help: x.help, Kind: metric.Counter})
		to.Sample(nil, float64(x.n))
	}
}
