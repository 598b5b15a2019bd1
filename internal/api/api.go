// Package api is the whole HTTP surface of the server: one table of routes
// with the access rule beside each path, and one file per noun.
package api

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/watch"
	"github.com/plumbline/plumbline/sdk/metric"
)

// Store is what the API asks of the store beside questions and lines.
type Store interface {
	// Flush seals and merges, and returns when the store is at rest.
	Flush(ctx context.Context) error
	// Extents says where the rows of these datasets lie; nil: of all.
	Extents(datasets []string) []scan.Extent
	// FieldNames are the fields that rows of these datasets have; nil: of all.
	FieldNames(ctx context.Context, datasets []string) ([]string, error)
}

// Component is the state of one part of the server.
type Component struct {
	Name   string `json:"name"`
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"` // why it is not ready, and what to do
}

// Gauge is a reading of the server itself, for /metrics.
type Gauge struct {
	Name    string // without the prefix plumbline_
	Help    string
	Type    string // counter or gauge
	Dataset string // it is about; "" when about none
	Label   string // "" or a further label as name="value"
	Value   float64
}

// Options make a Server. All but Tokens, Hosts and the functions that may be
// nil are needed.
type Options struct {
	Query   *query.Engine
	Intake  *intake.Intake
	Store   Store
	Dataset func(name string) dataset.Dataset // how a dataset is declared; nil: all have defaults
	Expect  []dataset.Expect                  // what pictures of related ids are held against
	Tokens  []Token                           // none: whoever reaches the address may do all
	Hosts   []string                          // names beside loopback under which the server is known
	Rules   *watch.Watch                      // nil: no rules are driven
	Page    fs.FS                             // the built page
	Health  func() []Component
	Metrics metric.Source  // told beside Gauges; may be nil
	Gauges  func() []Gauge // may be nil
	Reload  func() error   // may be nil: nothing to reload
	Monitor http.Handler   // pages of the server's insides, reloads, levels; nil: there are none
	// Watch goes around each route whose requests have a canonical line; nil: none has.
	Watch   func(http.Handler) http.Handler
	Now     func() time.Time
	Ending  context.Context // done when the server is about to end: who follows lines must leave; nil: never
	Version string
}

// Server answers HTTP.
type Server struct {
	opts  Options
	mux   *http.ServeMux
	files map[string]pageFile
	calls calls

	expect  []expectation
	buffers sync.Pool // of *bufio.Writer: answers go out through them
}

// New returns the handler of the whole surface. Its error says which file of
// the page cannot be read.
func New(o Options) (*Server, error) {
	if o.Dataset == nil {
		o.Dataset = dataset.New
	}
	files, err := readPage(o.Page)
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	expect, err := readExpectations(o.Expect)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, mux: http.NewServeMux(), files: files, expect: expect}
	for _, r := range s.routes() {
		if r.Pattern == anyPath {
			s.mux.Handle("/", s.elsewhere(s.guard(r)))
			continue
		}
		s.mux.Handle(r.Pattern, s.guard(r))
	}
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	if reason := s.foreign(r); reason != "" {
		fail(w, denied(reason))
		return
	}
	// net/url leaves out what it cannot read; lines would go elsewhere, unsaid.
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		fail(w, fault.Wrap(fault.Invalid, err, "the parameters of the URL cannot be read"))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// anyPath is the pattern of the page, which answers for every path that nobody
// else does.
const anyPath = "GET /"

// elsewhere answers requests that no other route is for, with the page or an error: of a
// path that takes other methods it says which.
func (s *Server) elsewhere(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			if _, other := s.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); other != "/" {
				allowed = append(allowed, method)
			}
		}
		switch {
		case len(allowed) > 0:
			methods := strings.Join(allowed, ", ")
			w.Header().Set("Allow", methods)
			fail(w, fmt.Errorf("%w: %s takes %s, not %s", errMethod, r.URL.Path, methods, r.Method))
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			fail(w, fault.New(fault.NotFound, "there is nothing at %s", r.URL.Path))
		default:
			page.ServeHTTP(w, r)
		}
	}
}
