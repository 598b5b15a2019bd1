package api

import (
	"bufio"
	"encoding/json"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// metaTrailer carries, behind a streamed answer, what is to be said beside its
// rows.
const metaTrailer = "Plumbline-Meta"

// flushEvery is how long rows of a streamed answer wait to be sent together.
const flushEvery = 100 * time.Millisecond

// query answers a question. The status goes out with the first full buffer, so
// a question that fails before fails with an error; one that fails later has its
// body cut, which no client takes for a whole answer.
func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	enc, err := encoderOf(r.FormValue("format"))
	if err != nil {
		fail(w, err)
		return
	}
	req := s.request(r)
	if c := r.FormValue("cache"); c != "" && c != "no" {
		fail(w, fault.New(fault.Invalid, "cache= is no or left out, not %q", c))
		return
	}
	if req.Text == "" {
		fail(w, fault.New(fault.Invalid, "q= holds the question; * finds every line"))
		return
	}
	if req.Limit, err = number(r, "limit", 0, math.MaxInt32); err != nil {
		fail(w, err)
		return
	}
	a, err := s.opts.Query.Ask(r.Context(), req)
	if err != nil {
		fail(w, err)
		return
	}
	defer a.Close()
	defer tellAnswer(r.Context(), a)
	if table, ok := enc.(*csv); ok {
		table.prepare(a)
	}
	out := &response{w: w, answer: a, enc: enc, buffers: &s.buffers}
	defer out.rest()
	for b, err := range a.Rows() {
		if err == nil {
			err = out.rows(b)
		}
		if err != nil {
			out.fail(err)
			return
		}
	}
	if err := out.end(); err != nil {
		out.fail(err)
	}
}

// request is the question that an HTTP request asks.
func (s *Server) request(r *http.Request) query.Request {
	lineQuestion.Set(r.Context(), r.FormValue("q"))
	return query.Request{
		Text: r.FormValue("q"), From: r.FormValue("from"), To: r.FormValue("to"),
		Datasets: callerOf(r).datasets, Fresh: r.FormValue("cache") == "no",
	}
}

// response is an answer on its way out.
type response struct {
	w       http.ResponseWriter
	answer  *query.Answer
	enc     encoder
	buf     *bufio.Writer
	buffers *sync.Pool // where buf comes from
	sent    bool       // something has left buf
	flushed time.Time
}

// Write sends what buf gives; the first time the status goes before it.
func (o *response) Write(p []byte) (int, error) {
	o.sent = true
	return o.w.Write(p)
}

func (o *response) begin() {
	if o.buf != nil {
		return
	}
	h := o.w.Header()
	h.Set("Content-Type", o.enc.contentType())
	h.Set("Cache-Control", "no-store")
	h.Set("Trailer", metaTrailer)
	if o.buf, _ = o.buffers.Get().(*bufio.Writer); o.buf == nil {
		o.buf = bufio.NewWriterSize(nil, 64<<10)
	}
	o.buf.Reset(o)
	o.flushed = time.Now()
}

// rest gives the buffer back for the next answer.
func (o *response) rest() {
	if o.buf != nil {
		o.buf.Reset(nil)
		o.buffers.Put(o.buf)
	}
}

func (o *response) rows(b *row.Batch) error {
	o.begin()
	if err := o.enc.rows(o.buf, b); err != nil {
		return err
	}
	if time.Since(o.flushed) < flushEvery {
		return nil
	}
	if err := o.buf.Flush(); err != nil {
		return err
	}
	if f, ok := o.w.(http.Flusher); ok {
		f.Flush()
	}
	o.flushed = time.Now()
	return nil
}

func (o *response) end() error {
	o.begin()
	meta := metaOf(o.answer)
	if err := o.enc.end(o.buf, meta); err != nil {
		return err
	}
	if err := o.buf.Flush(); err != nil {
		return err
	}
	text, err := json.Marshal(meta.trailer())
	if err != nil {
		return err
	}
	o.w.Header().Set(metaTrailer, asciiJSON(text))
	return nil
}

// fail answers with the error, or cuts the body when a part of it was sent.
func (o *response) fail(err error) {
	if o.sent {
		panic(http.ErrAbortHandler) // net/http's way to cut a body
	}
	o.w.Header().Del("Trailer")
	fail(o.w, err)
}

// asciiJSON is JSON that can stand in a header.
func asciiJSON(text []byte) string {
	out := make([]byte, 0, len(text))
	for _, c := range string(text) {
		if c < 0x80 {
			out = append(out, byte(c))
			continue
		}
		for _, u := range utf16Of(c) {
			out = append(out, '\\', 'u', hexDigit(u>>12), hexDigit(u>>8), hexDigit(u>>4), hexDigit(u))
		}
	}
	return string(out)
}

func hexDigit(u uint16) byte { return "0123456789abcdef"[u&15] }

// flush seals what was taken in and merges it.
func (s *Server) flush(w http.ResponseWriter, r *http.Request) {
	if err := s.opts.Store.Flush(r.Context()); err != nil {
		fail(w, err)
		return
	}
	answer(w, map[string]bool{"flushed": true})
}

func (s *Server) reload(w http.ResponseWriter, _ *http.Request) {
	if s.opts.Reload == nil {
		fail(w, fault.New(fault.NotFound, "there is no configuration file to read again"))
		return
	}
	if err := s.opts.Reload(); err != nil {
		fail(w, err)
		return
	}
	answer(w, map[string]bool{"reloaded": true})
}

// answer writes a small JSON answer.
func answer(w http.ResponseWriter, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client has gone; there is nobody to tell
}
