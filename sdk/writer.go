package plumbline

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/plumbline/plumbline/sdk/line"
)

// answer is the writer that handlers see, and what it learns from them. A wrapper
// must not hide what the writer beneath can do, nor claim what it cannot, for
// handlers ask by type assertion. So there is one view for each of the writers of
// net/http and one for a writer that can flush and nothing else; http.Response-
// Controller finds the rest by Unwrap.
type answer struct {
	http.ResponseWriter
	sent     int64
	status   int32 // 0 until the header is written
	hijacked bool
	returned bool // the handler returned, rather than panicked
}

// Views of a request's answer. Each is one pointer, so that making one allocates
// nothing.
type (
	flushWriter struct{ *request }    // + Flusher
	http1Writer struct{ flushWriter } // + StringWriter, ReaderFrom, Hijacker
	http2Writer struct{ flushWriter } // + StringWriter, Pusher
)

// view picks the view that tells the truth.
func (u *request) view() http.ResponseWriter {
	_, flushes := u.ResponseWriter.(http.Flusher)
	_, strings := u.ResponseWriter.(io.StringWriter)
	_, reads := u.ResponseWriter.(io.ReaderFrom)
	_, hijacks := u.ResponseWriter.(http.Hijacker)
	_, pushes := u.ResponseWriter.(http.Pusher)
	switch {
	case flushes && strings && reads && hijacks:
		return http1Writer{flushWriter{u}}
	case flushes && strings && pushes:
		return http2Writer{flushWriter{u}}
	case flushes:
		return flushWriter{u}
	}
	return u
}

// LineOf is the line of the request that w answers, nil where there is none. It is
// for whoever answers errors and holds no request:
//
//	func fail(w http.ResponseWriter, err error) {
//		plumbline.LineOf(w).Fail(err)
func LineOf(w http.ResponseWriter) *line.Line {
	for w != nil {
		if of, ok := w.(interface{ canonical() *line.Line }); ok {
			return of.canonical()
		}
		beneath, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = beneath.Unwrap()
	}
	return nil
}

func (u *request) canonical() *line.Line { return &u.line }

// note keeps the status of the answer: the first that is not informational, for
// those precede an answer.
func (a *answer) note(status int) {
	if a.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		a.status = int32(status)
	}
}

func (a *answer) WriteHeader(status int) {
	a.note(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.note(http.StatusOK)
	n, err := a.ResponseWriter.Write(b)
	a.sent += int64(n)
	return n, err
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) writeString(s string) (int, error) {
	a.note(http.StatusOK)
	n, err := a.ResponseWriter.(io.StringWriter).WriteString(s)
	a.sent += int64(n)
	return n, err
}

func (w flushWriter) Flush() {
	w.note(http.StatusOK)
	w.ResponseWriter.(http.Flusher).Flush()
}

func (w flushWriter) FlushError() error {
	if f, ok := w.ResponseWriter.(interface{ FlushError() error }); ok {
		w.note(http.StatusOK)
		return f.FlushError()
	}
	w.Flush()
	return nil
}

func (w http1Writer) WriteString(s string) (int, error) { return w.writeString(s) }

func (w http1Writer) ReadFrom(r io.Reader) (int64, error) {
	w.note(http.StatusOK)
	n, err := w.ResponseWriter.(io.ReaderFrom).ReadFrom(r)
	w.sent += n
	return n, err
}

func (w http1Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := w.ResponseWriter.(http.Hijacker).Hijack()
	if err == nil {
		w.hijacked = true
		w.note(http.StatusSwitchingProtocols)
	}
	return conn, buffered, err
}

func (w http2Writer) WriteString(s string) (int, error) { return w.writeString(s) }

func (w http2Writer) Push(target string, o *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, o)
}
