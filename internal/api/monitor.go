package api

import (
	"net/http"

	"github.com/plumbline/plumbline/internal/fault"
)

// monitoring are the routes that show the server's insides and turn its knobs. All
// of them lead to one handler, which knows what to do by the path.
func (s *Server) monitoring() []Route {
	return []Route{
		{"GET /livez", Open, anyParams, s.monitor},
		{"GET /startupz", Open, anyParams, s.monitor},
		{"GET /monitor", Admin, anyParams, s.monitor},
		{"GET /monitor/{name}", Admin, anyParams, s.monitor},
		{"GET /reload", Admin, anyParams, s.monitor},
		{"POST /reload/{name}", Admin, anyParams, s.monitor},
		{"GET /log/level", Admin, anyParams, s.monitor},
		{"PUT /log/level", Admin, anyParams, s.monitor},
		{"GET /debug/requests", Admin, anyParams, s.monitor},
		{"GET /debug/events", Admin, anyParams, s.monitor},
		{"GET /debug/build", Admin, anyParams, s.monitor},
		{"GET /debug/pprof/", Admin, anyParams, s.monitor},
		{"GET /debug/pprof/{name}", Admin, anyParams, s.monitor},
	}
}

func (s *Server) monitor(w http.ResponseWriter, r *http.Request) {
	if s.opts.Monitor == nil {
		fail(w, fault.New(fault.NotFound, "this server has no monitor"))
		return
	}
	s.opts.Monitor.ServeHTTP(w, r)
}
