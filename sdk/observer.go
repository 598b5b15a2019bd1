package plumbline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"runtime/debug"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/sink"
)

// Options say who the service is and where its lines go. The zero value writes
// to standard output.
type Options struct {
	Service string // name of the service; that of the program
	Release string // the revision it was built from
	Host    string // name of the machine
	Team    string // who looks after it

	Server sink.Receiver // a Plumbline server, such as sink.To("http://127.0.0.1:7420"); nil: standard output

	Lines  Sink // takes canonical lines instead; Close leaves it to its owner
	Logs   Sink // takes ordinary lines instead; Close leaves it to its owner
	Spans  Sink // takes the spans of finished traces
	Traces bool // sends spans to the server too

	Format   line.Format   // of canonical lines; a server reads JSON
	Naming   *line.Naming  // names of their fields; those of Stripe's article
	Sampling line.Sampling // which of them are left out; none
	Slow     time.Duration // from here on work is slow, for sampling, Recall and Flight; 1 s
	Interim  time.Duration // work that lasts longer says so, and again as often; never

	Level     slog.Leveler // of ordinary lines; info
	LogFormat log.Format   // of ordinary lines; a server reads JSON
	Recall    bool         // debug records are kept with their request, and written when it failed or was slow
	Announce  bool         // writes "Request started" and "Request finished" beside each canonical line
	Allocs    bool         // alloc_count on each line: objects the process allocated meanwhile

	Monitor monitor.Wanted // &monitor.Options{…}: where it listens, and who may see what; nil: there is none
	Flight  string         // folder for flight recordings of panics, slow work and failed health; none

	TrustProxy func(ip string) bool // whose X-Forwarded-For is believed; nobody's

	Report func(error)      // told when lines cannot be delivered; a line on standard error once a minute
	Now    func() time.Time // time.Now
}

// defaultSlow is where people begin to wonder whether something happens.
const defaultSlow = time.Second

// Sink takes finished lines: one each, without a newline, valid until Put
// returns. It must not block.
type Sink interface {
	Put(line []byte)
}

// The datasets of a server that lines go to: canonical lines are few and kept
// long, ordinary ones many and soon forgotten, spans somewhere between.
const (
	linesDataset = "canonical"
	logsDataset  = "app"
	spansDataset = "spans"
)

// Observer instruments one service. It is safe for use by many goroutines.
type Observer struct {
	instruments
	options Options
	front   front // source and logger among it
	handler *log.Handler
	job     line.Kind
	owned   []*sink.Queue
	stop    context.CancelFunc // of loops
	loops   sync.WaitGroup
}

// New makes the Observer of a service. Close it before the program ends.
func New(o Options) *Observer {
	o = o.complete()
	b := &Observer{options: o}
	if o.Lines == nil {
		o.Lines = b.open(linesDataset)
	}
	if o.Logs == nil {
		o.Logs = b.open(logsDataset)
	}
	if o.Spans == nil && o.Traces {
		o.Spans = b.open(spansDataset)
	}
	b.job = line.Kind{Name: "job", Digest: jobDigest()}
	b.handler = log.New(log.Options{
		Put: o.Logs.Put, Format: o.LogFormat, Level: o.Level, Recall: o.Recall,
		Fixed: []slog.Attr{slog.String("service", o.Service), slog.String("host", o.Host)},
	})
	b.front.source, b.front.logger = line.NewSource(o.lines()), slog.New(b.handler)
	b.front.kind = line.Kind{Name: "http", Digest: []line.Key{line.HTTPMethod, line.HTTPRoute, line.HTTPStatus}}
	b.front.announce, b.front.trustProxy = o.Announce, o.TrustProxy
	b.instruments = b.instrument(o)
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	b.run(ctx, o)
	return b
}

// fixed are the fields that say whose line it is.
func (o Options) fixed() []slog.Attr {
	return []slog.Attr{
		slog.String("service", o.Service), slog.String("release", o.Release),
		slog.String("host", o.Host), slog.String("team", o.Team),
	}
}

// lines are the options of canonical lines.
func (o Options) lines() line.Options {
	l := line.Options{
		Put: o.Lines.Put, Now: o.Now, Format: o.Format, Naming: o.Naming, Sampling: o.Sampling, Slow: o.Slow, Allocs: o.Allocs,
		Fixed: o.fixed(),
	}
	if o.Spans != nil {
		l.Spans = o.Spans.Put
	}
	return l
}

func jobDigest() []line.Key { return []line.Key{line.Operation, line.OutcomeKey} }

// complete fills in what the options leave open.
func (o Options) complete() Options {
	if build, ok := debug.ReadBuildInfo(); ok {
		if o.Service == "" {
			o.Service = path.Base(build.Path)
		}
		if o.Release == "" {
			o.Release = revision(build)
		}
	}
	if o.Host == "" {
		o.Host, _ = os.Hostname() // a line without a host is still a line
	}
	if o.Level == nil {
		o.Level = slog.LevelInfo
	}
	if o.Report == nil {
		o.Report = func(err error) { fmt.Fprintln(os.Stderr, "plumbline:", err) }
	}
	if o.Slow <= 0 {
		o.Slow = defaultSlow
	}
	return o.readable()
}

// readable sees to it that a server is sent what it reads.
func (o Options) readable() Options {
	if o.Server == nil {
		return o
	}
	if o.Lines == nil && o.Format != line.JSON || o.Logs == nil && o.LogFormat != log.JSON {
		o.Report(errors.New("a server reads JSON: lines for it are written so, whatever format the options name"))
	}
	if o.Lines == nil {
		o.Format = line.JSON
	}
	if o.Logs == nil {
		o.LogFormat = log.JSON
	}
	return o
}

// revision is the commit a program was built from, as people write it.
func revision(build *debug.BuildInfo) string {
	const shortBytes = 12
	for _, s := range build.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(shortBytes, len(s.Value))]
		}
	}
	return ""
}

// open starts the queue for a dataset, which Close ends. Standard output has one
// queue for all, so that lines keep their order.
func (b *Observer) open(dataset string) *sink.Queue {
	options := sink.Options{Report: b.options.Report, Delimited: b.options.Format == line.Protobuf && dataset == linesDataset}
	var to sink.Delivery
	if b.options.Server != nil {
		to = b.options.Server.Into(dataset)
	} else {
		if len(b.owned) > 0 && !options.Delimited {
			return b.owned[0]
		}
		to = sink.Writer{To: os.Stdout}
		options.FlushEvery = time.Millisecond // somebody may be watching
	}
	q := sink.Open(to, options)
	b.owned = append(b.owned, q)
	return q
}

// Close ends what is still under way as interrupted, and delivers the lines still
// queued, for as long as ctx lasts. Servers are shut down before.
func (b *Observer) Close(ctx context.Context) error {
	b.stop()
	b.loops.Wait()
	if b.flight != nil {
		b.flight.Close()
	}
	b.front.source.Interrupt()
	var failed []error
	for _, q := range b.owned {
		failed = append(failed, q.Close(ctx))
	}
	return errors.Join(failed...)
}

// Counts tells what became of canonical lines until they were handed on, and of
// all lines from there.
type Counts struct {
	line.Counts
	Delivery sink.Counts // of the sinks that Options did not give
}

// Counts reads the counters.
func (b *Observer) Counts() Counts {
	c := Counts{Counts: b.front.source.Counts()}
	for _, q := range b.owned {
		c.Delivery = c.Delivery.Plus(q.Counts())
	}
	return c
}

// Logger writes ordinary lines. What is logged with the context of a request
// carries the ids of the request.
func (b *Observer) Logger() *slog.Logger { return b.front.logger }

// LogHandler is the handler behind Logger, for a slog.Logger of one's own, for
// adapters, and for its Levels.
func (b *Observer) LogHandler() *log.Handler { return b.handler }

// LogHandlerTo is a LogHandler whose lines go elsewhere, such as into a dataset
// with rules of its own.
func (b *Observer) LogHandlerTo(to Sink) *log.Handler { return b.handler.To(to.Put) }

// Watch has w told of all work that begins from now on.
func (b *Observer) Watch(w line.Watcher) { b.front.source.Watch(w) }

// Source is where the lines of the service begin, for whoever begins lines of a
// kind of their own or lists those under way.
func (b *Observer) Source() *line.Source { return b.front.source }

// Begin starts a unit of work that is no request: a job, a consumed message, a
// tick of a loop. The work runs under the context that is returned, and ends by
// End:
//
//	func send(ctx context.Context, m Message) (err error) {
//		ctx, unit := o.Begin(ctx, "message.send")
//		defer unit.End(&err)
//
// Within another unit of work it shares its trace and its request id.
func (b *Observer) Begin(ctx context.Context, operation string) (context.Context, *line.Line) {
	return b.BeginWork(ctx, Work{Operation: operation})
}

// Work is a unit of work that is no request over HTTP.
type Work struct {
	Operation string      // what is done, such as invoice.close or /shop.Cart/Add
	Kind      string      // job; or consumer, rpc, …
	Origin    line.Origin // what the caller sent along, see line.Received
}

// BeginWork is Begin for work of another kind, or under a caller elsewhere. A gRPC
// interceptor is made of it in six lines, a consumer in three:
//
//	ctx, unit := o.BeginWork(ctx, plumbline.Work{
//		Operation: "charge.consume", Kind: "consumer", Origin: line.Received(m.Header.Get),
//	})
//	defer unit.End(&err)
func (b *Observer) BeginWork(ctx context.Context, w Work) (context.Context, *line.Line) {
	kind := &b.job
	if w.Kind != "" && w.Kind != kind.Name {
		kind = &line.Kind{Name: w.Kind, Digest: jobDigest()}
	}
	l := new(line.Line)
	b.front.source.Begin(l, ctx, kind, w.Origin, line.Operation.Of(w.Operation))
	return l, l
}
