package otel_test

import (
	"context"
	"fmt"
	"testing"

	api "go.opentelemetry.io/otel/trace"

	"github.com/plumbline/plumbline/sdk/adapters/otel"
	"github.com/plumbline/plumbline/sdk/trace"
)

// within is a context of that span.
func within(flags api.TraceFlags) context.Context {
	return api.ContextWithSpanContext(context.Background(), api.NewSpanContext(api.SpanContextConfig{
		TraceID: [16]byte{1}, SpanID: [8]byte{2}, TraceFlags: flags}))
}

func TestIDs(t *testing.T) {
	if id, span, ok := otel.IDs(within(0)); id != [16]byte{1} || span != [8]byte{2} || !ok {
		t.Errorf("%x %x %v", id, span, ok)
	}
	if _, _, ok := otel.IDs(context.Background()); ok {
		t.Error("ids out of nothing")
	}
	if otel.Trace(within(api.FlagsSampled)) != [16]byte{1} || otel.Trace(within(0)) != [16]byte{} || otel.Trace(context.Background()) != [16]byte{} {
		t.Error("an example nobody kept, or none that somebody did")
	}
}

func ExampleIDs() {
	tracer := trace.New(trace.Options{IDs: otel.IDs})
	_, t := tracer.Start(within(api.FlagsSampled), "store.set", "key")
	defer t.End(nil)
	fmt.Printf("%x\n", t.ID())
	// Output: 01000000000000000000000000000000
}
