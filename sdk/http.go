package plumbline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/plumbline/plumbline/sdk/line"
)

// versionHeader is where a client says which version of an API it speaks.
const versionHeader = "Api-Version"

// statusClientClosed is what nginx says of a client that left before the answer.
const statusClientClosed = 499

// request is one request under way: its line, its writer and what they learn. It
// is one allocation, and never recycled.
type request struct {
	answer
	line  line.Line
	front *front
	http  *http.Request
	body  io.ReadCloser
	read  atomic.Int64 // of the body; a proxy reads on while its handler returns
}

// front is what requests have to know of their service. They know no more, for the
// linker keeps of a program what its requests could reach.
type front struct {
	source     *line.Source
	logger     *slog.Logger
	kind       line.Kind
	announce   bool
	trustProxy func(ip string) bool
	inFlight   atomic.Int64
}

// HTTP wraps the outermost handler of a service: every request ends in exactly
// one canonical line. A panic is recorded and goes on to net/http.
func (b *Observer) HTTP(next http.Handler) http.Handler {
	f := &b.front
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l := line.From(r.Context()); l != nil && l.Source() == f.source && l.Kind() == f.kind.Name {
			next.ServeHTTP(w, r) // wrapped twice, written once
			return
		}
		u := &request{answer: answer{ResponseWriter: w}, front: f}
		r = u.begin(r)
		defer u.end()
		next.ServeHTTP(u.view(), r)
		u.returned = true
	})
}

func (u *request) begin(r *http.Request) *http.Request {
	f := u.front
	agent := first(r.Header, "User-Agent")
	language, version := clientLanguage(agent)
	fields := [...]line.Field{
		line.HTTPMethod.Of(r.Method),
		line.HTTPPath.Of(r.URL.Path),
		line.HTTPStatus.Of(0), // keeps its place, however many fields follow
		line.InFlight.Of(f.inFlight.Add(1)),
		line.RemoteIP.Of(f.remoteIP(r)),
		line.APIVersion.Of(first(r.Header, versionHeader)),
		line.UserAgent.Of(agent),
		line.Language.Of(language),
		line.LanguageVersion.Of(version),
	}
	f.source.Begin(&u.line, r.Context(), &f.kind, received(r.Header), fields[:]...)
	u.Header()[line.RequestIDHeader] = u.line.RequestIDValues()
	if f.announce {
		f.logger.LogAttrs(&u.line, slog.LevelInfo, "Request started",
			slog.String("http_method", r.Method), slog.String("http_path", r.URL.Path))
	}
	u.http = r.WithContext(&u.line)
	if r.Body != nil && r.Body != http.NoBody {
		u.body = r.Body
		u.http.Body = (*requestBody)(u)
	}
	return u.http
}

// first is Header.Get for a name known to be canonical.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func received(h http.Header) line.Origin {
	if h[line.TraceHeader] == nil && h[line.RequestIDHeader] == nil {
		return line.Origin{}
	}
	return line.Received(func(name string) string {
		if name == line.StateHeader {
			return strings.Join(h[name], ",") // which may come in parts
		}
		return first(h, name)
	})
}

// end is deferred around the handler.
func (u *request) end() {
	recovered := recover()
	u.front.inFlight.Add(-1)
	outcome := u.outcome(recovered)
	known := [...]line.Field{
		line.HTTPStatus.Of(int64(u.status)),
		line.BytesOut.Of(u.sent),
		line.HTTPRoute.Else(route(u.http.Pattern)), // a router of its own has said better
		line.BytesIn.Of(u.read.Load()),
	}
	fields := known[:]
	if u.read.Load() == 0 {
		fields = known[:3]
	}
	if u.front.announce {
		u.finished()
	}
	u.line.Finish(outcome, fields...)
	if recovered != nil {
		panic(recovered) // net/http decides what becomes of the connection
	}
}

// outcome names how the request ended, and settles the status of one that was
// not answered.
func (u *request) outcome(recovered any) line.Outcome {
	left := u.http.Context().Err()
	switch {
	case recovered == http.ErrAbortHandler && left == nil, recovered == nil && !u.returned:
		u.unanswered(http.StatusInternalServerError)
		return line.Interrupted
	case recovered != nil && recovered != http.ErrAbortHandler:
		u.unanswered(http.StatusInternalServerError)
		u.line.Panicked(recovered)
		return line.Panic
	case u.hijacked:
		return line.Hijacked
	case errors.Is(left, context.DeadlineExceeded):
		u.unanswered(http.StatusServiceUnavailable)
		return line.Timeout
	case left != nil:
		u.unanswered(statusClientClosed)
		return line.ClientAbort
	}
	u.unanswered(http.StatusOK) // as net/http does after the handler
	switch {
	case u.status >= 500:
		return line.ServerError
	case u.status >= 400:
		return line.ClientError
	}
	return line.OK
}

func (u *request) unanswered(status int32) {
	if u.status == 0 {
		u.status = status
	}
}

// finished writes the ordinary line at the end of a request.
func (u *request) finished() {
	l := &u.line
	queries, _ := line.Database.Calls.Value(l)
	attrs := make([]slog.Attr, 0, 4)
	if allocs, counted := l.Allocs(); counted {
		attrs = append(attrs, slog.Int64("alloc_count", allocs))
	}
	attrs = append(attrs, slog.Int64("database_queries", queries),
		slog.Duration("duration", l.Age()), slog.Int("http_status", int(u.status)))
	u.front.logger.LogAttrs(l, slog.LevelInfo, "Request finished", attrs...)
}

// requestBody is a request seen as its body: it counts what is read.
type requestBody request

// Read implements io.Reader.
func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.read.Add(int64(n))
	if err != nil && err != io.EOF {
		line.BodyError.Set(&b.line, err.Error())
	}
	return n, err
}

// Close implements io.Closer.
func (b *requestBody) Close() error { return b.body.Close() }

// route is the path of a pattern of http.ServeMux, "POST example.com/v1/charges/{id}".
func route(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return pattern
}

// remoteIP is the address a request came from: that of the connection, or the one
// a trusted proxy names.
func (f *front) remoteIP(r *http.Request) string {
	address := r.RemoteAddr
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		address = address[:i]
	}
	if strings.HasPrefix(address, "[") { // of IPv6
		address = strings.Trim(address, "[]")
	}
	if f.trustProxy == nil || !f.trustProxy(address) {
		return address
	}
	if forwarded := r.Header["X-Forwarded-For"]; len(forwarded) > 0 {
		last := forwarded[len(forwarded)-1] // what the trusted proxy added itself
		return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	}
	return address
}
