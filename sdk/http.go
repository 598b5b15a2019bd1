package plumbline

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/metrics"
	"strings"

	"github.com/plumbline/plumbline/sdk/line"
)

// Headers that ids travel in.
const (
	requestIDHeader = "X-Request-Id"
	traceHeader     = "Traceparent"
	versionHeader   = "Api-Version"
)

// maxIDBytes is the length up to which a caller's request id is taken over.
const maxIDBytes = 128

// statusClientClosed is what nginx says of a client that left before the answer.
const statusClientClosed = 499

// request is one request under way: its line, its writer and what they learn. It
// is one allocation, and never recycled.
type request struct {
	answer
	line     line.Line
	observer *Observer
	http     *http.Request
	id       [1]string // the value of the answer's id header
	returned bool      // the handler returned, rather than panicked
	allocs   uint64
}

// HTTP wraps the outermost handler of a service: every request ends in exactly
// one canonical line. A panic is recorded and goes on to net/http.
func (b *Observer) HTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l := line.From(r.Context()); l != nil && l.Kind() == b.kinds.http.Name {
			next.ServeHTTP(w, r) // wrapped twice, written once
			return
		}
		u := &request{answer: answer{ResponseWriter: w}, observer: b}
		r = u.begin(r)
		defer u.end()
		next.ServeHTTP(u.view(), r)
		u.returned = true
	})
}

func (u *request) begin(r *http.Request) *http.Request {
	b := u.observer
	var origin line.Origin
	if header := r.Header.Get(traceHeader); header != "" {
		origin.Trace, _ = line.ParseTrace(header)
	}
	if id := r.Header.Get(requestIDHeader); takenOver(id) {
		origin.RequestID = id
	}
	b.source.Begin(&u.line, r.Context(), &b.kinds.http, origin)
	u.id[0] = u.line.RequestID()
	u.Header()[requestIDHeader] = u.id[:]

	l := &u.line
	line.HTTPMethod.Set(l, r.Method)
	line.HTTPPath.Set(l, r.URL.Path)
	line.HTTPStatus.Set(l, 0) // keeps its place, however many fields follow
	line.Int("in_flight").Set(l, b.inFlight.Add(1))
	setText(l, "remote_ip", remoteIP(r.RemoteAddr))
	setText(l, line.APIVersion, r.Header.Get(versionHeader))
	if agent := r.UserAgent(); agent != "" {
		line.Text("user_agent").Set(l, agent)
		language, version := clientLanguage(agent)
		setText(l, line.Language, language)
		setText(l, line.LanguageVersion, version)
	}
	if b.options.Allocs {
		u.allocs = allocatedObjects()
	}
	if b.options.Announce {
		b.logger.LogAttrs(l, slog.LevelInfo, "Request started",
			slog.String("http_method", r.Method), slog.String("http_path", r.URL.Path))
	}
	u.http = r.WithContext(l)
	return u.http
}

// end is deferred around the handler.
func (u *request) end() {
	recovered := recover()
	u.observer.inFlight.Add(-1)
	outcome := u.outcome(recovered)
	l := &u.line
	line.HTTPStatus.Set(l, int64(u.status))
	line.Int("bytes_out").Set(l, u.sent)
	if _, set := line.HTTPRoute.Value(l); !set {
		setText(l, line.HTTPRoute, route(u.http.Pattern))
	}
	if u.observer.options.Allocs {
		line.AllocCount.Set(l, int64(allocatedObjects()-u.allocs))
	}
	if u.observer.options.Announce {
		u.finished()
	}
	l.Finish(outcome)
	if recovered != nil {
		panic(recovered) // net/http decides what becomes of the connection
	}
}

// outcome names how the request ended, and settles the status of one that was
// not answered.
func (u *request) outcome(recovered any) string {
	left := u.http.Context().Err()
	switch {
	case recovered == http.ErrAbortHandler && left == nil, recovered == nil && !u.returned:
		u.unanswered(http.StatusInternalServerError)
		return "interrupted"
	case recovered != nil && recovered != http.ErrAbortHandler:
		u.unanswered(http.StatusInternalServerError)
		u.line.Panicked(recovered)
		return "panic"
	case u.hijacked:
		return "hijacked"
	case errors.Is(left, context.DeadlineExceeded):
		u.unanswered(http.StatusServiceUnavailable)
		return "timeout"
	case left != nil:
		u.unanswered(statusClientClosed)
		return "client_abort"
	}
	u.unanswered(http.StatusOK) // as net/http does after the handler
	switch {
	case u.status >= 500:
		return "server_error"
	case u.status >= 400:
		return "client_error"
	}
	return "ok"
}

func (u *request) unanswered(status int) {
	if u.status == 0 {
		u.status = status
	}
}

// finished writes the ordinary line at the end of a request.
func (u *request) finished() {
	l := &u.line
	queries, _ := line.Database.Calls.Value(l)
	attrs := make([]slog.Attr, 0, 4)
	if allocs, set := line.AllocCount.Value(l); set {
		attrs = append(attrs, slog.Int64("alloc_count", allocs))
	}
	attrs = append(attrs, slog.Int64("database_queries", queries),
		slog.Duration("duration", l.Age()), slog.Int("http_status", u.status))
	u.observer.logger.LogAttrs(l, slog.LevelInfo, "Request finished", attrs...)
}

func setText(l *line.Line, key line.Text, v string) {
	if v != "" {
		key.Set(l, v)
	}
}

// takenOver tells whether a caller's request id is fit to be ours: printable,
// without what would need quoting somewhere.
func takenOver(id string) bool {
	if id == "" || len(id) > maxIDBytes {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=' || c == ',' {
			return false
		}
	}
	return true
}

// route is the path of a pattern of http.ServeMux, "POST example.com/v1/charges/{id}".
func route(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return pattern
}

func remoteIP(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}

// allocatedObjects counts what the process has allocated so far. Go keeps no
// count of one request: what the rest of the process allocates meanwhile is in the
// difference, and small objects are counted late, by the span. So one line says
// little; the median of many says what a route costs.
func allocatedObjects() uint64 {
	sample := [1]metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample[:])
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
