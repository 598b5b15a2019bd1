package delay_test

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
)

func Example() {
	handshake := delay.New("proxy_handshake_delay", delay.Options{Buckets: delay.Linear(time.Millisecond, 10)})
	handshake.Add(1500 * time.Microsecond)
	handshake.Add(2500 * time.Microsecond)

	current := handshake.Read().Current
	fmt.Println(current.Count, current.Average(), current.Quantile(1), current.Bound(1))
	// Output: 2 2ms 3ms 2ms
}

func ExampleCounter_Since() {
	work := delay.New("work", delay.Options{}) // logarithmic buckets
	func() {
		defer work.Since(time.Now())
	}()
	fmt.Println(work.Name(), work.Read().Current.Count, work.Refused())
	// Output: work 1 0
}

// Now and then Observe keeps the trace as the example of its bucket.
func ExampleCounter_Observe() {
	trace := func(ctx context.Context) [16]byte { return [16]byte{0xab} }
	work := delay.New("work", delay.Options{Buckets: delay.Bounds(time.Second), Trace: trace})
	work.Observe(context.Background(), 300*time.Millisecond)
	body, _, _ := work.Format("kv")
	fmt.Println(string(body[:len("work_Current_BucketSize:0")]))
	// Output: work_Current_BucketSize:0
}

func ExampleVec() {
	type Route struct{ Method, Path string }
	routes, err := delay.NewVec[Route]("route", 200, delay.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	routes.Since(Route{"GET", "/"}, time.Now())
	routes.With(Route{"GET", "/"}).Add(time.Second)
	fmt.Println(routes.With(Route{"GET", "/"}).Read().Current.Count, routes.Refused())
	// Output: 2 0
}
