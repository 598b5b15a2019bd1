// Package demo is a small but real service under its own load: payments and
// messages over HTTP on the loopback, each part instrumented with the SDK as any
// service would be. Nothing is invented: every line tells of a request that was
// made, a wait that was waited, a message that went its way.
//
//	clients ──► api ──► database (simulated, with real waits)
//	             │  └──► cardnet (authorises charges)
//	             └ queue ─► worker ──► operator
//	             ▲                        │
//	             └── delivery reports ◄───┘  later, under another id
//
// After a while a fault is injected: a release of the card network answers slowly
// for a time, and fails for one customer.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/sink"
)

// Options of a demo. Only Ingest is needed.
type Options struct {
	Ingest     string           // base URL of the Plumbline server that the lines go to
	Rate       int              // requests a second; 50
	Seed       uint64           // of the load's choices; 0 takes a new one
	FaultAfter time.Duration    // when the fault begins; a minute
	Ready      func(url string) // told where the service answers, before the load begins
}

const (
	defaultRate       = 50
	defaultFaultAfter = time.Minute
	// flushEvery brings a line into view while its request is still on the screen.
	flushEvery = 200 * time.Millisecond
	// patience bounds each step of the way down.
	patience = 3 * time.Second
)

// Run serves and loads the service until ctx ends, then lets what is under way
// finish. Its error says why it could not start, or which lines were not
// delivered at the end.
func Run(ctx context.Context, o Options) error {
	d, err := build(o)
	if err != nil {
		return err
	}
	return d.run(ctx)
}

// demo is everything that runs.
type demo struct {
	ready    func(url string)
	queues   []*sink.Queue // delivered last
	servers  []*server     // shut down in this order
	api      *api
	worker   *worker
	operator *operator
	load     *load
}

// lines are the three datasets that the demo writes.
type lines struct {
	canonical, app, comm *sink.Queue
}

func build(o Options) (*demo, error) {
	if o.Rate <= 0 {
		o.Rate = defaultRate
	}
	if o.FaultAfter <= 0 {
		o.FaultAfter = defaultFaultAfter
	}
	to := lines{canonical: queue(o, "canonical"), app: queue(o, "app"), comm: queue(o, "comm")}
	d := &demo{ready: o.Ready, queues: []*sink.Queue{to.canonical, to.app, to.comm}}
	chance := newDice(o.Seed)
	users := newUsers(chance)
	trouble := &fault{after: o.FaultAfter, customer: users.unlucky().id}

	network := newNetwork(observe("cardnet", "5.1.0", to), observe("cardnet", "5.2.0", to), chance, trouble)
	d.operator = newOperator(observe("operator", "", to), chance)
	outbox := make(chan message, outboxSize)
	store := newDatabase(chance)
	d.api = newAPI(observe("api", "", to), to.comm, users, store, outbox)
	d.worker = newWorker(observe("worker", "", to), to.comm, store, outbox)
	if err := d.listen(d.api, d.operator, network); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	d.api.network = d.servers[2].url
	d.worker.operator = d.servers[1].url
	d.operator.callback = d.servers[0].url
	d.load = newLoad(d.servers[0].url, o.Rate, chance, users)
	trouble.start = time.Now()
	return d, nil
}

func queue(o Options, dataset string) *sink.Queue {
	return sink.Open(sink.Server{URL: o.Ingest, Dataset: dataset}, sink.Options{FlushEvery: flushEvery})
}

func observe(service, release string, to lines) *plumbline.Observer {
	return plumbline.New(plumbline.Options{
		Service: service, Release: release, Lines: to.canonical, Logs: to.app,
		Announce: service == "api", Allocs: true,
	})
}

// server is one HTTP service on a loopback port of its own.
type server struct {
	http.Server
	listener net.Listener
	url      string
}

func (d *demo) listen(handlers ...http.Handler) error {
	for _, h := range handlers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("demo: opening a loopback port: %w", err)
		}
		d.servers = append(d.servers, &server{
			Server: http.Server{
				Handler:           h,
				ReadHeaderTimeout: patience,
				ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // the canonical lines say it all
			},
			listener: l, url: "http://" + l.Addr().String(),
		})
	}
	return nil
}

// run starts everything, waits, and stops it from the load downwards: who asks
// goes before who answers.
func (d *demo) run(ctx context.Context) error {
	var serving, working sync.WaitGroup
	for _, s := range d.servers {
		serving.Go(func() { _ = s.Serve(s.listener) }) // ends by Shutdown only
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	working.Go(func() { d.worker.run(background) })
	working.Go(func() { d.operator.run(background) })
	if d.ready != nil {
		d.ready(d.servers[0].url)
	}
	d.load.run(ctx)
	stop()
	working.Wait()
	err := d.stop()
	serving.Wait()
	return err
}

// stop shuts the services and delivers the last lines.
func (d *demo) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, s := range d.servers {
		if s.Shutdown(ctx) != nil {
			s.Close()
		}
		s.listener.Close() // where Serve never began
	}
	var all sink.Counts
	for _, q := range d.queues {
		_ = q.Close(ctx) // what it could not deliver is counted
		all = all.Plus(q.Counts())
	}
	if lost := all.Offered - all.Delivered; lost > 0 {
		return fmt.Errorf("demo: %d of %d lines were not taken by the server", lost, all.Offered)
	}
	return nil
}
