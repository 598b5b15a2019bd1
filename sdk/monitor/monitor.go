// Package monitor serves what a service tells of itself, on a listener of its own
// that only this machine reaches unless told otherwise:
//
//	/                    what there is
//	/metrics             Prometheus and OpenMetrics
//	/monitor/NAME        pages: status variables, delays, whatever is registered
//	/reload/NAME         callbacks that read configuration anew
//	/livez /readyz /startupz /healthz
//	/log/level           reads and sets the level of logging
//	/debug/requests      traces          /debug/events  logs of objects
//	/debug/pprof/NAME    profiles        /debug/build   what it was built from
//
//	m := monitor.New(monitor.Options{Name: "shop", Health: h, Tracer: tracer})
//	m.Status(set)
//	m.Page("routes", monitor.JSON(func() any { return routes.Load() }))
//	m.Reload(monitor.Reload{Name: "routes", Run: readRoutes})
//	err := m.Run(ctx)
//
// What a caller may do depends on where it comes from: see Level. Nothing is
// registered on http.DefaultServeMux, and links are relative, so that a proxy may
// serve all of it below a prefix.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/internal/page"
	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

// Options of a monitor; the zero value is ready for use. What is nil has no page.
type Options struct {
	Name    string // of the program
	Version string
	Address string // 127.0.0.1:8421, BFE's port; unix:/path is a socket of the file system; or Nowhere

	Access func(*http.Request) Level // decides instead of Tokens and the caller's address
	Tokens map[string]Level          // bearer tokens, for callers from elsewhere
	Hosts  []string                  // names it is called by, besides addresses and localhost; *: any, for who looks at them before

	ReloadByGet bool   // BFE's way: from this machine, by no browser
	Dir         string // where reloads may read files; none: nowhere

	Health   *health.Health
	Word     string // answer to ruok on the same port; health.OK or health.ImOK, empty: none
	Tracer   *trace.Tracer
	Level    http.Handler // of /log/level
	Profiles http.Handler // of /debug/pprof/, such as profile.Pages()
	Sources  []metric.Source
	Writer   *notice.Writer // is told of reloads
}

// Wanted is a monitor that is to be, such as &Options{}: With makes it, of what it says
// and of rest where it says nothing. It is an interface so that a program which wants
// no monitor does not contain one.
type Wanted interface {
	With(rest Options) Served
}

// Served is a *Monitor to who made it.
type Served interface {
	Listen() (net.Listener, error)
	Serve(ctx context.Context, l net.Listener) error
	Page(title string, f PageFunc) error
	Status(s *status.Set) error
	Delay(c *delay.Counter) error
}

// With implements Wanted. The sources of both are shown.
func (o *Options) With(rest Options) Served {
	all := Options{Address: Nowhere} // asked for by a nil pointer
	if o != nil {
		all = *o
	}
	if all.Name == "" {
		all.Name = rest.Name
	}
	if all.Version == "" {
		all.Version = rest.Version
	}
	if all.Health == nil {
		all.Health = rest.Health
	}
	if all.Tracer == nil {
		all.Tracer = rest.Tracer
	}
	if all.Level == nil {
		all.Level = rest.Level
	}
	if all.Writer == nil {
		all.Writer = rest.Writer
	}
	all.Sources = slices.Concat(rest.Sources, all.Sources)
	return New(all)
}

// Nowhere is the address of a monitor that has no listener of its own: somebody
// serves it, as an http.Handler, among other things.
const Nowhere = "nowhere"

// ErrNowhere says that a monitor is to listen nowhere.
var ErrNowhere = errors.New("monitor: it is to listen nowhere")

// defaultAddress is loopback: a monitor tells what attackers like to know.
const defaultAddress = "127.0.0.1:8421"

// PageFunc answers a page: its body, its content type, and an error, which is
// told as 500 unless it is a *Refusal.
type PageFunc func(query url.Values) (body []byte, contentType string, err error)

// Refusal is an error that is the caller's, with the status to say so.
type Refusal struct {
	Status int
	Err    error
}

func (r *Refusal) Error() string { return r.Err.Error() }
func (r *Refusal) Unwrap() error { return r.Err }

// Monitor is the monitor server of one program. It is safe for use by many
// goroutines at once; a nil one takes what it is given and shows nothing.
type Monitor struct {
	options Options
	mux     *http.ServeMux
	cross   *http.CrossOriginProtection
	history history

	mu      sync.RWMutex
	pages   map[string]PageFunc
	reloads map[string]*reload
	sources []metric.Source
	scrape  http.Handler // of the sources
}

// New makes a monitor; Run serves it.
func New(o Options) *Monitor {
	if o.Address == "" {
		o.Address = defaultAddress
	}
	m := &Monitor{options: o, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(),
		pages: map[string]PageFunc{}, reloads: map[string]*reload{}, sources: slices.Clone(o.Sources)}
	m.sources = append(m.sources, process{})
	m.routes()
	m.Metrics()
	return m
}

// routes is the whole surface, with who may see it beside each path.
func (m *Monitor) routes() {
	get := func(path string, level Level, h http.HandlerFunc) { m.Handle("GET "+path, level, h) }
	get("/{$}", View, m.index)
	get("/monitor", View, m.listPages)
	get("/monitor/{$}", View, m.listPages)
	get("/monitor/{name}", View, m.servePage)
	get("/reload", View, m.listReloads)
	get("/reload/{$}", View, m.listReloads)
	m.Handle("/reload/{name}", Write, http.HandlerFunc(m.serveReload))
	get("/metrics", View, m.serveMetrics)
	get("/debug/build", View, m.serveBuild)
	if h := m.options.Health; h != nil {
		for _, path := range []string{"/healthz", "/livez", "/readyz", "/startupz"} {
			m.Handle(path, View, h)
			m.Handle(path+"/", View, h)
		}
		m.sources = append(m.sources, h)
	}
	if t := m.options.Tracer; t != nil {
		sensitive := func(r *http.Request) bool { return m.level(r) >= Sensitive }
		get("/debug/requests", View, t.Pages(sensitive).ServeHTTP)
		get("/debug/events", View, t.LogPages(sensitive).ServeHTTP)
		m.sources = append(m.sources, t)
	}
	if p := m.options.Profiles; p != nil {
		get("/debug/pprof/", Write, p.ServeHTTP)
	}
	if l := m.options.Level; l != nil {
		get("/log/level", View, l.ServeHTTP)
		m.Handle("/log/level", Write, l)
	}
	m.pages["reload_history"] = m.history.page
	m.pages["mem_stat"] = memStat
}

// Handle serves a path of the program's own, for callers of at least that level.
// The pattern is one of http.ServeMux.
func (m *Monitor) Handle(pattern string, least Level, h http.Handler) {
	if m == nil {
		return
	}
	m.mux.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m.level(r) < least {
			refuse(w, http.StatusForbidden, "not from here, or not with this token")
			return
		}
		h.ServeHTTP(w, r)
	}))
}

// ServeHTTP implements http.Handler, for those who have a listener already.
func (m *Monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if m == nil {
		http.NotFound(w, r)
		return
	}
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			refuse(w, http.StatusInternalServerError, fmt.Sprint("panic: ", v)) // a page is no reason to end a service
		} else if v != nil {
			panic(v)
		}
	}()
	page.Guard(w.Header())
	if !m.knownHost(r.Host) {
		refuse(w, http.StatusForbidden, "not a name of this service") // a browser sent here by somebody's DNS
		return
	}
	if err := m.cross.Check(r); err != nil {
		refuse(w, http.StatusForbidden, "not from another site")
		return
	}
	m.mux.ServeHTTP(w, r)
}

var name = strings.NewReplacer(" ", "_", "/", "_", "?", "_", "#", "_", "%", "_")

// Page registers a page at /monitor/NAME. A name taken twice is an error.
func (m *Monitor) Page(title string, f PageFunc) error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	title = name.Replace(title)
	if _, held := m.pages[title]; held || title == "" {
		return fmt.Errorf("monitor: there is a page %q already", title)
	}
	m.pages[title] = f
	return nil
}

// Status shows a set at /monitor/NAME and its growth at /monitor/NAME_diff, the
// name being its prefix in lower case, and adds it to /metrics.
func (m *Monitor) Status(s *status.Set) error {
	if m == nil {
		return nil
	}
	title := strings.ToLower(s.Prefix())
	formatted := func(read func() status.Snapshot) PageFunc {
		return func(q url.Values) ([]byte, string, error) {
			return asked(read().Format(q.Get("format"), m.options.Name))
		}
	}
	if err := m.Page(title, formatted(s.All)); err != nil {
		return err
	}
	m.Metrics(s)
	return m.Page(title+"_diff", formatted(s.Diff))
}

// Delay shows a delay counter at /monitor/NAME, and adds it to /metrics.
func (m *Monitor) Delay(c *delay.Counter) error {
	if err := m.Page(c.Name(), func(q url.Values) ([]byte, string, error) { return asked(c.Format(q.Get("format"))) }); err != nil {
		return err
	}
	m.Metrics(c)
	return nil
}

// asked makes an error of a format one of who asked for it.
func asked(body []byte, contentType string, err error) ([]byte, string, error) {
	if err != nil {
		err = &Refusal{http.StatusBadRequest, err}
	}
	return body, contentType, err
}

// Metrics adds sources to /metrics.
func (m *Monitor) Metrics(sources ...metric.Source) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sources = append(m.sources[:len(m.sources):len(m.sources)], sources...)
	m.scrape = metric.Handler(m.sources...)
}

func (m *Monitor) serveMetrics(w http.ResponseWriter, r *http.Request) {
	m.mu.RLock()
	scrape := m.scrape
	m.mu.RUnlock()
	scrape.ServeHTTP(w, r)
}

// Listen opens the address of the options.
func (m *Monitor) Listen() (net.Listener, error) {
	if m == nil || m.options.Address == Nowhere {
		return nil, ErrNowhere
	}
	network, address := "tcp", m.options.Address
	if path, is := strings.CutPrefix(address, "unix:"); is {
		network, address = "unix", path
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() && m.options.Access == nil && len(m.options.Tokens) == 0 {
		l.Close()
		return nil, fmt.Errorf("monitor: %s is reached from elsewhere, from where nobody could be let in: set Tokens or Access, or listen on 127.0.0.1", a)
	}
	return l, nil
}

// Run listens and serves until ctx ends.
func (m *Monitor) Run(ctx context.Context) error {
	l, err := m.Listen()
	if err != nil {
		return err
	}
	return m.Serve(ctx, l)
}

// Serve serves a listener until ctx ends, and closes it.
func (m *Monitor) Serve(ctx context.Context, l net.Listener) error {
	const (
		headerTimeout = 5 * time.Second // of a caller on the same machine or network
		idleTimeout   = 2 * time.Minute // longer than scrapes are apart
		headerBytes   = 16 << 10
		grace         = time.Second // for answers under way; profiles are cut
	)
	if m.options.Word != "" && m.options.Health != nil {
		l = m.options.Health.Sniff(l, m.options.Word)
	}
	server := &http.Server{Handler: m, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		over, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if server.Shutdown(over) != nil {
			server.Close()
		}
	})
	err := server.Serve(l)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("monitor: %w", err)
}
