package api

import (
	"encoding/json"
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
	shaped := &reshaped{ResponseWriter: w}
	s.opts.Monitor.ServeHTTP(shaped, r)
	shaped.end()
}

// reshaped gives the errors of the monitor the shape that all others here have.
type reshaped struct {
	http.ResponseWriter
	status int    // of an error that is to be said; else 0
	said   []byte // its body
}

func (w *reshaped) WriteHeader(status int) {
	if status >= http.StatusBadRequest && w.Header().Get("Content-Type") == "application/json" {
		w.status = status
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *reshaped) Write(b []byte) (int, error) {
	if w.status == 0 {
		return w.ResponseWriter.Write(b)
	}
	w.said = append(w.said, b...)
	return len(b), nil
}

// Unwrap is for http.ResponseController.
func (w *reshaped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end says the error, if there was one.
func (w *reshaped) end() {
	if w.status == 0 {
		return
	}
	var body struct{ Error string }
	if json.Unmarshal(w.said, &body) != nil {
		body.Error = string(w.said)
	}
	w.ResponseWriter.WriteHeader(w.status)
	enc := json.NewEncoder(w.ResponseWriter)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(errorBody{errorDetail{Code: faultOf(w.status).String(), Message: body.Error}}) // the client has gone; there is nobody to tell
}
