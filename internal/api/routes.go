package api

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Access says who may use a route.
type Access uint8

// The access rules.
const (
	Open  Access = iota // anybody who reaches the address
	Read                // a token that may read
	Write               // a token that may write
	Admin               // a token that may do everything
)

// Route is a row of the table.
type Route struct {
	Pattern string // as http.ServeMux reads it
	Access  Access
	Params  string // names of the parameters it takes, with blanks between; anyParams
	handle  http.HandlerFunc
}

// anyParams is said of routes that take none and mind none: a page keeps its
// state in its URL, and those who watch whether a server lives add what they
// like.
const anyParams = "*"

// routes is the whole surface. openapi.yaml describes it; a test holds the two
// together.
func (s *Server) routes() []Route {
	const asked = "q from to"
	return slices.Concat(s.monitoring(), s.watched(), []Route{
		{"GET /api/v1/query", Read, asked + " format limit cache", s.query},
		{"POST /api/v1/query", Read, asked + " format limit cache", s.query},
		{"GET /api/v1/histogram", Read, asked + " buckets cache", s.histogram},
		{"GET /api/v1/fields", Read, asked + " cache", s.fields},
		{"GET /api/v1/values", Read, asked + " field prefix limit cache", s.values},
		{"GET /api/v1/tail", Read, "q", s.tail},
		{"GET /api/v1/context", Read, "dataset seq before after field", s.context},
		{"GET /api/v1/related", Read, "id kind from to " + relatedOptions, s.related},
		{"GET /api/v1/datasets", Read, "", s.datasets},
		{"GET /api/v1/language", Open, "", s.language},
		{"GET /api/v1/openapi.yaml", Open, "", s.openapi},
		{"POST /api/v1/ingest/{format}", Write, "dataset batch time_field msg_field time_format multiline", s.ingest},
		{"POST /api/v1/links", Write, "batch", s.links},
		{"POST /api/v1/flush", Write, "", s.flush},
		{"POST /api/v1/config/reload", Admin, "", s.reload},
		{"POST /gelf", Write, "dataset", s.gelf},
		{"GET /healthz", Open, anyParams, s.healthz},
		{"GET /readyz", Open, anyParams, s.readyz},
		{"GET /metrics", Read, anyParams, s.metrics},
		{"GET /", Open, anyParams, s.page},
	})
}

// guard lets a request through that the route's rule allows, counts it, and has it
// told where requests of the route are.
func (s *Server) guard(r Route) http.Handler {
	h := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		started := time.Now()
		who, err := s.admit(req, r.Access)
		if err == nil {
			err = abroad(req, r.Access)
		}
		if err == nil {
			err = r.check(req)
		}
		if err != nil {
			fail(w, err)
		} else {
			r.handle(w, req.WithContext(withCaller(req.Context(), who)))
		}
		s.calls.add(r.Pattern, time.Since(started))
	})
	if s.opts.Watch != nil && r.told() {
		return s.opts.Watch(h)
	}
	return h
}

// Patterns are the routes there are, method and path.
func Patterns() []string {
	var list []string
	for _, r := range (&Server{}).routes() {
		list = append(list, r.Pattern)
	}
	return list
}

// Params are the parameters that each route takes, by pattern; those of routes
// that mind none are left out.
func Params() map[string][]string {
	list := map[string][]string{}
	for _, r := range (&Server{}).routes() {
		if r.Params != anyParams {
			list[r.Pattern] = strings.Fields(r.Params)
		}
	}
	return list
}
