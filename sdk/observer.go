package plumbline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/sink"
)

// Options say who the service is and where its lines go. The zero value writes
// to standard output.
type Options struct {
	Service string // name of the service; that of the program
	Release string // the revision it was built from
	Host    string // name of the machine
	Team    string // who looks after it

	Server string // base URL of a Plumbline server; empty: standard output
	Token  string // bearer token for it

	Lines Sink // takes canonical lines instead; Close leaves it to its owner
	Logs  Sink // takes ordinary lines instead; Close leaves it to its owner

	Level    slog.Leveler // of ordinary lines; info
	Announce bool         // writes "Request started" and "Request finished" beside each canonical line
	Allocs   bool         // alloc_count on each line: objects the process allocated meanwhile

	Report func(error)      // told when lines cannot be delivered; a line on standard error once a minute
	Now    func() time.Time // time.Now
}

// Sink takes finished lines: one JSON object each, without a newline, valid until
// Put returns. It must not block.
type Sink interface {
	Put(line []byte)
}

// The datasets of a server that lines go to: canonical lines are few and kept
// long, ordinary ones many and soon forgotten.
const (
	linesDataset = "canonical"
	logsDataset  = "app"
)

// Observer instruments one service. It is safe for use by many goroutines.
type Observer struct {
	options  Options
	source   *line.Source
	logs     Sink
	logger   *slog.Logger
	kinds    kinds
	owned    []*sink.Queue
	inFlight atomic.Int64
}

// kinds are the kinds of work the Observer begins lines for.
type kinds struct {
	http, job line.Kind
}

// New makes the Observer of a service. Close it before the program ends.
func New(o Options) *Observer {
	o = o.complete()
	b := &Observer{options: o, logs: o.Logs}
	if o.Lines == nil {
		o.Lines = b.open(linesDataset)
	}
	if o.Logs == nil {
		b.logs = b.open(logsDataset)
	}
	b.kinds = kinds{
		http: line.Kind{Name: "http", Digest: []string{"http_method", "http_route", "http_status"}},
		job:  line.Kind{Name: "job", Digest: []string{"operation", "outcome"}},
	}
	b.source = line.NewSource(o.Lines.Put, o.Now,
		line.Fixed{Name: "service", Value: o.Service},
		line.Fixed{Name: "release", Value: o.Release},
		line.Fixed{Name: "host", Value: o.Host},
		line.Fixed{Name: line.Team, Value: o.Team})
	b.logger = slog.New(b.LogHandler())
	return b
}

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
	if o.Now == nil {
		o.Now = time.Now
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
	options := sink.Options{Report: b.options.Report}
	var to sink.Delivery = sink.Server{URL: b.options.Server, Dataset: dataset, Token: b.options.Token}
	if b.options.Server == "" {
		if len(b.owned) > 0 {
			return b.owned[0]
		}
		to = sink.Writer{To: os.Stdout}
		options.FlushEvery = time.Millisecond // somebody may be watching
	}
	q := sink.Open(to, options)
	b.owned = append(b.owned, q)
	return q
}

// Close delivers the lines still queued, for as long as ctx lasts.
func (b *Observer) Close(ctx context.Context) error {
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
	c := Counts{Counts: b.source.Counts()}
	for _, q := range b.owned {
		c.Delivery = c.Delivery.Plus(q.Counts())
	}
	return c
}

// Logger writes ordinary lines. What is logged with the context of a request
// carries the ids of the request.
func (b *Observer) Logger() *slog.Logger { return b.logger }

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
	l := new(line.Line)
	b.source.Begin(l, ctx, &b.kinds.job, line.Origin{})
	line.Operation.Set(l, operation)
	return l, l
}
