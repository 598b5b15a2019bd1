package api

import (
	"net/http"
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
	handle  http.HandlerFunc
}

// routes is the whole surface. openapi.yaml describes it; a test holds the two
// together.
func (s *Server) routes() []Route {
	return []Route{
		{"GET /api/v1/query", Read, s.query},
		{"POST /api/v1/query", Read, s.query},
		{"GET /api/v1/histogram", Read, s.histogram},
		{"GET /api/v1/fields", Read, s.fields},
		{"GET /api/v1/values", Read, s.values},
		{"GET /api/v1/tail", Read, s.tail},
		{"GET /api/v1/context", Read, s.context},
		{"GET /api/v1/datasets", Read, s.datasets},
		{"GET /api/v1/language", Open, s.language},
		{"GET /api/v1/openapi.yaml", Open, s.openapi},
		{"POST /api/v1/ingest/{format}", Write, s.ingest},
		{"POST /api/v1/flush", Write, s.flush},
		{"POST /api/v1/config/reload", Admin, s.reload},
		{"POST /gelf", Write, s.gelf},
		{"GET /healthz", Open, s.healthz},
		{"GET /readyz", Open, s.readyz},
		{"GET /metrics", Read, s.metrics},
		{"GET /", Open, s.page},
	}
}

// guard lets a request through that the route's rule allows, and counts it.
func (s *Server) guard(r Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		started := time.Now()
		who, err := s.admit(req, r.Access)
		if err != nil {
			fail(w, err)
		} else {
			r.handle(w, req.WithContext(withCaller(req.Context(), who)))
		}
		s.calls.add(r.Pattern, time.Since(started))
	})
}

// Patterns are the routes there are, method and path.
func Patterns() []string {
	var list []string
	for _, r := range (&Server{}).routes() {
		list = append(list, r.Pattern)
	}
	return list
}
