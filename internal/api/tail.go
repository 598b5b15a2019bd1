package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// heartbeat keeps proxies from closing a stream on which nothing happens.
const heartbeat = 15 * time.Second

// tail sends lines as they come, as server-sent events.
func (s *Server) tail(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		fail(w, fault.New(fault.Invalid, "this connection cannot stream"))
		return
	}
	req := s.request(r)
	if req.Text == "" {
		req.Text = "*"
	}
	if err := query.CheckTail(req.Text); err != nil {
		fail(w, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if s.opts.Ending != nil {
		defer context.AfterFunc(s.opts.Ending, cancel)()
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	e := &events{w: w, flusher: flusher}
	e.comment("following")
	var beats sync.WaitGroup
	beats.Go(func() { e.beat(ctx) })
	err := s.opts.Query.Tail(ctx, req, e.rows)
	cancel()
	beats.Wait()
	if err != nil && !errors.Is(err, context.Canceled) {
		e.fail(err)
	}
}

// events writes server-sent events. Rows and heartbeats come from two
// goroutines.
type events struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	flusher http.Flusher
	buf     []byte
}

func (e *events) rows(b *row.Batch) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range b.Len {
		e.buf = append(e.buf[:0], "event: row\ndata: "...)
		e.buf = append(b.AppendJSON(e.buf, i), "\n\n"...)
		if _, err := e.w.Write(e.buf); err != nil {
			return err
		}
	}
	e.flusher.Flush()
	return nil
}

func (e *events) comment(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	fmt.Fprintf(e.w, ": %s\n\n", text)
	e.flusher.Flush()
}

func (e *events) beat(ctx context.Context) {
	t := time.NewTicker(heartbeat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			e.comment("still here")
		}
	}
}

func (e *events) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text, _ := json.Marshal(errorDetail{Code: fault.KindOf(err).String(), Message: err.Error()})
	fmt.Fprintf(e.w, "event: error\ndata: %s\n\n", text)
	e.flusher.Flush()
}
