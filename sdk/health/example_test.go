package health_test

import (
	"context"
	"fmt"
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
