package trace_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/plumbline/plumbline/sdk/trace"
)

func Example() {
	tracer := trace.New(trace.Options{})
	set := func(ctx context.Context, key string) (err error) {
		ctx, t := tracer.Start(ctx, "store.set", key)
		defer t.End(&err)
		t.Event("decoded", slog.Int("bytes", 120))
		trace.From(ctx).Sensitive("value", slog.String("value", "s3cret"))
		return errors.New("not the leader")
	}
	_ = set(context.Background(), "color")

	for _, v := range tracer.Family("store.set").Traces(trace.Failed) {
		fmt.Println(v.Title, v.Failure, v.Events[0].Text, v.Events[1].Sensitive)
	}
	// Output: color not the leader decoded bytes=120 true
}

// A long-lived object has a log of what it did last.
func ExampleTracer_Log() {
	tracer := trace.New(trace.Options{})
	peer := tracer.Log("raft", "node2")
	defer peer.Close()
	peer.Event("joined", slog.Int("term", 7))
	peer.Printf("at %s", "10.0.0.2")
	peer.Errorf("lost the leader")
	for _, v := range tracer.Logs("raft", true) {
		fmt.Println(v.Title, v.Errors, v.Events[0].Text)
	}
	// Output: node2 1 joined term=7
}

func ExampleTracer_Pages() {
	tracer := trace.New(trace.Options{})
	everybody := func(*http.Request) bool { return false } // is shown nothing sensitive
	http.Handle("/debug/requests", tracer.Pages(everybody))
	http.Handle("/debug/events", tracer.LogPages(everybody))
}

// The seconds before something went wrong are kept as a runtime trace.
func ExampleOpenFlight() {
	flight, err := trace.OpenFlight(trace.FlightOptions{Dir: "/no/such\x00folder"})
	if err != nil {
		fmt.Println("no flight recorder")
		return
	}
	defer flight.Close()
	// go flight.Run(ctx)
	flight.Trigger("health failed")
	// Output: no flight recorder
}
