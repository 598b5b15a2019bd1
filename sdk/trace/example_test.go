package trace_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

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

// Work that somebody else timed is filed beside what was traced.
func ExampleFamily_Add() {
	tracer := trace.New(trace.Options{})
	f := tracer.Family("GET /orders/{id}")
	f.Add(trace.Work{Title: "/orders/ord_1", Start: time.Now(), Took: 60 * time.Millisecond, Failed: true, Failure: "no stock"})
	s := f.Summary()
	fmt.Println(f.Name(), s.Calls, s.Failures, len(f.Traces(trace.Slow(1))), len(tracer.Families()))
	// Output: GET /orders/{id} 1 1 1 1
}

// All parts of a trace are found by its id, also while it lasts.
func ExampleTracer_Find() {
	tracer := trace.New(trace.Options{})
	ctx, t := tracer.Start(context.Background(), "store.set", "key")
	_, below := tracer.Start(ctx, "disk.write", "key")
	below.Fail(errors.New("one replica of three")) // and goes on
	id := t.ID()
	fmt.Println(below.ID() == id, len(tracer.Find(hex.EncodeToString(id[:]))))
	below.End(nil)
	t.End(nil)
	below.Printf("too late")
	fmt.Println(tracer.Late())
	// Output:
	// true 2
	// 1
}

// Go has one flight recorder in a process; Run takes the snapshots that are triggered.
func ExampleFlight() {
	dir, err := os.MkdirTemp("", "flight")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	flight, err := trace.OpenFlight(trace.FlightOptions{Dir: dir, MaxBytes: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer flight.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { flight.Run(ctx); close(done) }()
	name, err := flight.Snapshot("asked for") // at once, and waited for
	cancel()
	<-done
	fmt.Println(name == flight.Last(), err)
	// Output: true <nil>
}
