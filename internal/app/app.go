package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/notify"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
	"github.com/plumbline/plumbline/internal/store"
	"github.com/plumbline/plumbline/internal/tail"
	"github.com/plumbline/plumbline/internal/watch"
	"github.com/plumbline/plumbline/web"
)

// App is a server put together. Open, Live; reload at any time between.
type App struct {
	load   func() (*Config, error)
	log    *slog.Logger
	ends   ending
	own    own
	config atomic.Pointer[Config]

	store    *store.Store
	engine   atomic.Pointer[query.Engine]
	links    atomic.Pointer[links.Links] // nil until PostgreSQL has answered
	state    *state.State                // nil until it is open
	watch    *watch.Watch
	notify   atomic.Pointer[notify.Notify]
	more     []rule.Rule // beside those of the configuration
	intake   *intake.Intake
	budget   *pipe.Budget
	handler  atomic.Pointer[api.Server]
	listener net.Listener
	alerts   net.Listener    // nil: alerts are taken below /alertmanager only
	ending   context.Context // done when the server is about to end
	end      context.CancelFunc
	gelf     *intake.Listener // nil: not listened for
	tail     *tail.Follower   // nil: no files followed
}

// killVariable of the environment names a moment at which the server is to die, for tests of what it keeps; see disk.KillAt.
const killVariable = "PLUMBLINE_KILL_AT"

// Version of the program, set when it is built.
var Version = "dev"

// Open reads the configuration, opens the store and the address. Nothing is
// answered before Live. more are rules beside those of the configuration. What there is to say from level on goes to standard error.
func Open(load func() (*Config, error), level slog.Leveler, more ...rule.Rule) (*App, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	a := &App{load: load, more: more, budget: pipe.NewBudget(int64(c.Memory))}
	a.config.Store(c)
	a.ending, a.end = context.WithCancel(context.Background())
	// The address first: when it is taken, the folder need not be opened.
	if a.listener, err = listen(c, "listen", c.Listen); err != nil {
		return nil, err
	}
	a.observe(c, level)
	a.ends = ending{log: a.log, every: sayEvery, within: endWithin}
	if why := c.exposed(); why != "" {
		a.log.Warn("insecure, as it was told to be: " + why)
	}
	files, err := disk.KillAt(disk.Real(), os.Getenv(killVariable))
	if err != nil {
		a.own.close()
		a.listener.Close()
		return nil, fault.Wrap(fault.Invalid, err, "%s", killVariable)
	}
	a.store, err = store.Open(files, c.Data, store.Options{
		Dataset:    a.dataset,
		CacheBytes: int64(c.CacheMemory),
		DiskShare:  c.DiskShare,
		Busy:       func() bool { return a.intake.Busy() },
		Log:        a.log,
	})
	if err != nil {
		a.own.close()
		a.listener.Close()
		return nil, err
	}
	if c.Alerts != "" {
		if a.alerts, err = listen(c, "alerts", c.Alerts); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	a.intake = intake.New(intake.Options{Store: a.store, Datasets: a.declared, MemoryBytes: int64(c.IntakeMemory), Log: a.log})
	for _, step := range []func() error{a.show, func() error { return a.openWatch(c) }, func() error { return a.serveUnder(c) }, func() error { return a.openInputs(c) }} {
		if err := step(); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

func listen(c *Config, flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, err, "listen on %s (is another server running? --%s takes another address)", address, flag)
	}
	if c.TLSCert == "" {
		return l, nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		l.Close()
		return nil, fault.Wrap(fault.Invalid, err, "certificate %s with key %s", c.TLSCert, c.TLSKey)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// dataset is the declaration of a dataset as it stands now.
func (a *App) dataset(name string) dataset.Dataset { return a.config.Load().Dataset(name) }

// declared is dataset, and an error for a name that cannot be one.
func (a *App) declared(name string) (dataset.Dataset, error) {
	if err := dataset.CheckName(name); err != nil {
		return dataset.Dataset{}, err
	}
	return a.dataset(name), nil
}

// serveUnder makes the HTTP surface of a configuration the one that answers.
func (a *App) serveUnder(c *Config) error {
	engine := query.New(query.Options{
		Source:  a.store,
		Dataset: a.dataset,
		Budget:  a.budget,
		Limits: pipe.Limits{
			Groups: c.MaxGroups, JoinRows: c.MaxJoinRows, OutRows: c.MaxRows,
			AggBytes: int(c.Memory / 4), // one aggregate leaves room for its neighbours
		},
		RunTime: time.Duration(c.MaxRunTime),
		Apart:   dataset.Own,
		Links:   a.linksOf(c),
		Lookup:  lookups(c.Lookups),
		Log:     a.log,
	})
	a.engine.Store(engine)
	var tokens []api.Token
	for _, t := range c.Tokens {
		access, _ := t.access() // Check has read it
		tokens = append(tokens, api.Token{Secret: t.Token, Access: access, Datasets: t.Datasets})
	}
	server, err := api.New(api.Options{
		Query: engine, Intake: a.intake, Store: a.store, Dataset: a.dataset, Expect: c.expected(), Tokens: tokens, Hosts: c.Hosts,
		Monitor: a.own.observer.Monitor(), Metrics: a.own.observer, Watch: a.own.observer.HTTP,
		Rules: a.watch,
		Page:  web.Files(), Health: a.health, Gauges: a.gauges, Reload: a.Reload, Ending: a.ending, Version: Version,
	})
	if err != nil {
		return err
	}
	a.handler.Store(server)
	return nil
}

// Reload reads the configuration again. What cannot change while the server
// runs (folder, addresses, certificates) is said and stays.
func (a *App) Reload() error {
	c, err := a.load()
	if err != nil {
		return fmt.Errorf("the configuration stays as it is: %w", err)
	}
	old := a.config.Load()
	if c.Data != old.Data || c.Listen != old.Listen || c.Alerts != old.Alerts || c.TLSCert != old.TLSCert || c.GELFTCP != old.GELFTCP || c.GELFUDP != old.GELFUDP || c.Tail.String() != old.Tail.String() || c.OwnLines != old.OwnLines {
		a.log.Warn("data, listen, tls, gelf, tail and own-lines change when the server is started again")
	}
	rules, err := a.rules(c)
	if err != nil {
		return fmt.Errorf("the configuration stays as it is: %w", err)
	}
	told, err := readNotify(c)
	if err != nil {
		return fmt.Errorf("the configuration stays as it is: %w", err)
	}
	if err := a.watch.Use(rules); err != nil {
		return fmt.Errorf("the configuration stays as it is: %w", err)
	}
	a.config.Store(c)
	a.notify.Store(told)
	if err := a.serveUnder(c); err != nil {
		return err
	}
	a.log.Info("configuration read again")
	return nil
}

// drainWithin is how long requests under way may take after the end was asked
// for.
const drainWithin = 10 * time.Second

// Live runs the server until ctx ends, and closes it.
func (a *App) Live(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	return a.ends.watch(ctx, func() error {
		err := a.run(ctx)
		end() // where it came by itself, too
		if closeErr := a.Close(); err == nil {
			err = closeErr
		}
		return err
	})
}

// door is a loop by which something comes in or goes out until its context ends.
type door struct {
	name string
	run  func(context.Context) error
}

// doors are all of them.
func (a *App) doors() []door {
	return append(a.inputs(), door{"requests", a.answer}, door{"alerts", a.answerAlerts}, door{"rules", a.drive}, door{"links", a.link}, door{"room on the disk", a.room})
}

// run serves until ctx ends. Then those who follow lines are sent away, requests
// under way finish, and the store goes on working until the last of them has.
func (a *App) run(ctx context.Context) error {
	storeCtx, stopStore := context.WithCancel(context.WithoutCancel(ctx))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer a.ends.begin("seals and merges")()
		return a.store.Run(storeCtx)
	})
	var open sync.WaitGroup
	for _, d := range a.doors() {
		open.Add(1)
		group.Go(func() error {
			defer open.Done()
			defer a.ends.begin(d.name)()
			return d.run(ctx)
		})
	}
	group.Go(func() error {
		open.Wait()
		end := a.ends.begin("the last own lines")
		a.own.close()
		end()
		stopStore()
		return nil
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// answer serves HTTP until ctx ends and requests under way have finished.
func (a *App) answer(ctx context.Context) error {
	return a.answerOn(ctx, a.listener, func(w http.ResponseWriter, r *http.Request) { a.handler.Load().ServeHTTP(w, r) })
}

// answerAlerts serves what is below /alertmanager at the root of an address of its
// own, where Prometheus expects it when it is told nothing else.
func (a *App) answerAlerts(ctx context.Context) error {
	if a.alerts == nil {
		return nil
	}
	return a.answerOn(ctx, a.alerts, func(w http.ResponseWriter, r *http.Request) {
		below := r.Clone(r.Context())
		below.URL.Path, below.URL.RawPath = "/alertmanager"+r.URL.Path, ""
		if r.URL.Path == "/-/ready" || r.URL.Path == "/-/healthy" {
			below.URL.Path = "/readyz"
		}
		a.handler.Load().ServeHTTP(w, below)
	})
}

func (a *App) answerOn(ctx context.Context, on net.Listener, handle http.HandlerFunc) error {
	srv := &http.Server{
		Handler:           handle,
		ReadHeaderTimeout: 10 * time.Second, // a client that sends nothing holds a connection no longer
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(on) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", on.Addr(), err)
	case <-ctx.Done():
	}
	a.end()
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
	defer cancel()
	err := srv.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("requests took too long to end and were cut off", "after", drainWithin)
		err = srv.Close()
	}
	<-failed
	return err
}

// Close seals what was taken in and closes the folder.
func (a *App) Close() error {
	a.end()
	a.listener.Close()
	if a.alerts != nil {
		a.alerts.Close()
	}
	if a.gelf != nil {
		_ = a.gelf.Close() // run has closed it, unless it never ran
	}
	a.own.close() // the same
	end := a.ends.begin("the seal of what is buffered")
	err := a.store.Close()
	end()
	if a.state != nil {
		defer a.ends.begin("the state of rules and incidents")()
		err = errors.Join(err, a.state.Close())
	}
	return err
}

// URL is where the server answers.
func (a *App) URL() string {
	c := *a.config.Load()
	c.Listen = a.listener.Addr().String()
	return c.URL()
}
