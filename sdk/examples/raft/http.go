package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
)

// Fields of a line beyond those that every request has.
var (
	lineOp    = line.Text("op", line.About("get, set or delete"))
	lineState = line.Text("raft_state", line.About("of the node, when it was asked"))
	lineKeys  = line.Int("key_count", line.About("keys held then"))
	lineValue = line.Int("value_bytes", line.Unit("bytes"))
)

// maxValueBytes bounds a value: every one is in the memory of every node.
const maxValueBytes = 64 << 10

// routes of a node. Reads are answered by whoever is asked, and may be old; writes
// are sent on to the leader.
func routes(s *Store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /keys/{key}", func(w http.ResponseWriter, r *http.Request) {
		note(r.Context(), s, "get")
		value, ok := s.Get(r.PathValue("key"))
		if !ok {
			http.Error(w, "no such key", http.StatusNotFound)
			return
		}
		lineValue.Set(r.Context(), int64(len(value)))
		io.WriteString(w, value)
	})
	mux.HandleFunc("PUT /keys/{key}", func(w http.ResponseWriter, r *http.Request) {
		note(r.Context(), s, "set")
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxValueBytes))
		if err != nil {
			plumbline.LineOf(w).Fail(err)
			http.Error(w, "a value has at most 64 KiB", http.StatusRequestEntityTooLarge)
			return
		}
		lineValue.Set(r.Context(), int64(len(body)))
		answer(w, r, s, s.Set(r.Context(), r.PathValue("key"), string(body)))
	})
	mux.HandleFunc("DELETE /keys/{key}", func(w http.ResponseWriter, r *http.Request) {
		note(r.Context(), s, "delete")
		answer(w, r, s, s.Delete(r.Context(), r.PathValue("key")))
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Status()) // who left does not read
	})
	return mux
}

func note(ctx context.Context, s *Store, op string) {
	lineOp.Set(ctx, op)
	lineState.Set(ctx, s.raft.State().String())
	lineKeys.Set(ctx, int64(s.machine.len()))
}

// answer tells how a write went. Not to lead is no failure: the client is sent to
// who does, and its line is an ordinary 307.
func answer(w http.ResponseWriter, r *http.Request, s *Store, err error) {
	switch leader, none := s.leader(); {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, errNotLeader) && none == nil:
		http.Redirect(w, r, "http://"+leader.http+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	default:
		plumbline.LineOf(w).Fail(err)
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}
