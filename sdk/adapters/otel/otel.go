// Package otel gives the ids of OpenTelemetry spans to the SDK, where there are
// some, so that lines, traces and exemplars are found by the id that a tracing
// backend shows. It needs the API of OpenTelemetry only.
//
//	trace.New(trace.Options{IDs: otel.IDs})
//	delay.New("wait", delay.Options{Trace: otel.Trace})
package otel

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// IDs are the trace and span that ctx belongs to; ok is false where to none.
func IDs(ctx context.Context) (id [16]byte, span [8]byte, ok bool) {
	c := trace.SpanContextFromContext(ctx)
	return c.TraceID(), c.SpanID(), c.IsValid()
}

// Trace is the trace that ctx belongs to, where it is sampled: an example that
// nobody kept is none.
func Trace(ctx context.Context) (id [16]byte) {
	if c := trace.SpanContextFromContext(ctx); c.IsValid() && c.IsSampled() {
		return c.TraceID()
	}
	return id
}
