package trace

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

func BenchmarkTrace(b *testing.B) {
	tracer, ctx := New(Options{}), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		one(tracer, ctx)
	}
}

func one(tracer *Tracer, ctx context.Context) (err error) {
	_, t := tracer.Start(ctx, "store.set", "key")
	defer t.End(&err)
	t.Event("decoded", slog.Int("bytes", 120))
	t.Event("submitted")
	t.Event("committed", slog.Int("index", 4711))
	return nil
}

func BenchmarkLogEvent(b *testing.B) {
	l := New(Options{}).Log("raft", "node1")
	b.ReportAllocs()
	for b.Loop() {
		l.Event("heartbeat", slog.Int("term", 7))
	}
}

func BenchmarkClock(b *testing.B) {
	base := time.Now()
	for b.Loop() {
		_ = time.Since(base)
	}
}
