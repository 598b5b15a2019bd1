package health_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/plumbline/plumbline/sdk/health"
)

func Example() {
	h := health.New(health.Options{Service: "shop"})
	for _, c := range []health.Check{
		{Name: "db", Run: func(ctx context.Context) error { return nil }, Every: 5 * time.Second, Fails: 3},
		{Name: "cache", Run: func(ctx context.Context) error { return nil }, Warn: true},
	} {
		if err := h.Add(c); err != nil {
			fmt.Println(err)
		}
	}
	http.Handle("/readyz", h)
	http.Handle("/livez", h)
	// go h.Run(ctx)

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/livez?verbose", nil))
	fmt.Print(w.Code, " ", w.Body)
	fmt.Println(h.Up(health.Ready)) // nothing is known of the database yet
	// Output:
	// 200 livez check passed
	// false
}

// A loop that hangs is a reason to restart a service.
func ExampleHealth_Beat() {
	h := health.New(health.Options{})
	beat, err := h.Beat("consumer", 30*time.Second)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		beat.Tick() // each time around
	}
	fmt.Println(h.Up(health.Live))
	// Output: true
}

// Before a server stops, those who send it work are given time to notice.
func ExampleHealth_Drain() {
	h := health.New(health.Options{})
	if err := h.Drain(context.Background(), time.Millisecond); err != nil {
		fmt.Println(err)
	}
	fmt.Println(h.Up(health.Ready), h.Up(health.Live))
	// Output: false true
}

// The port of an HTTP server also answers the four letters ruok.
func ExampleHealth_Sniff() {
	h := health.New(health.Options{})
	server := httptest.NewUnstartedServer(h)
	server.Listener = h.Sniff(server.Listener, health.OK)
	server.Start()
	defer server.Close()
}

// Checks run in the background until ctx ends.
func ExampleHealth_Run() {
	h := health.New(health.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	passed := make(chan struct{})
	_ = h.Add(health.Check{Name: "db", Run: func(context.Context) error { close(passed); return nil }, Every: time.Hour})
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	<-passed
	cancel()
	<-done
	fmt.Println("over")
	// Output: over
}

// A port of its own for those who ask ruok.
func ExampleHealth_Serve() {
	h := health.New(health.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan error)
	go func() { done <- h.Serve(ctx, l, health.ImOK) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(conn, "ruok")
	answer, _ := io.ReadAll(conn)
	cancel()
	fmt.Println(string(answer), <-done)
	// Output: imok <nil>
}

// Reasons can hold addresses; by default they are for callers from this machine.
func ExampleFromHere() {
	r := httptest.NewRequest("GET", "/readyz", nil)
	r.RemoteAddr = "127.0.0.1:5000"
	fmt.Println(health.FromHere(r))
	r.Header.Set("X-Forwarded-For", "203.0.113.9") // by a proxy on this machine
	fmt.Println(health.FromHere(r))
	// Output:
	// true
	// false
}
