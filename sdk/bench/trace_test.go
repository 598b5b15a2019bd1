package bench

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	theirs "golang.org/x/net/trace"

	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/trace"
)

// A trace of three events, from start to end.
func BenchmarkTrace(b *testing.B) {
	tracer, ctx := trace.New(trace.Options{}), context.Background()
	sideBySide(b, map[string]func(){
		"plumbline": func() {
			_, t := tracer.Start(ctx, "store.set", "key")
			t.Event("decoded", slog.Int("bytes", 120))
			t.Event("submitted")
			t.Event("committed", slog.Int("index", 4711))
			t.End(nil)
		},
		"x_net_trace": func() {
			t := theirs.New("store.set", "key")
			t.LazyPrintf("decoded bytes=%d", 120)
			t.LazyPrintf("submitted")
			t.LazyPrintf("committed index=%d", 4711)
			t.Finish()
		},
	})
}

func BenchmarkEventLog(b *testing.B) {
	ours, other := trace.New(trace.Options{}).Log("raft", "node1"), theirs.NewEventLog("raft", "node1")
	defer other.Finish()
	sideBySide(b, map[string]func(){
		"plumbline":   func() { ours.Event("heartbeat", slog.Int("term", 7)) },
		"x_net_trace": func() { other.Printf("heartbeat term=%d", 7) },
	})
}

// A probe of readiness with one check that takes no time at all.
func BenchmarkReadyz(b *testing.B) {
	h := health.New(health.Options{})
	if err := h.Add(health.Check{Name: "db", Run: func(context.Context) error { return nil }}); err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/readyz", nil)
	w := &discard{header: http.Header{}}
	sideBySide(b, map[string]func(){"plumbline": func() { h.ServeHTTP(w, r) }})
}

type discard struct{ header http.Header }

func (w *discard) Header() http.Header         { return w.header }
func (w *discard) WriteHeader(int)             {}
func (w *discard) Write(b []byte) (int, error) { return len(b), nil }
