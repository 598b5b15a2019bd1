package delay_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/metric"
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

// What was counted so far in a cycle can be forgotten; what Prometheus is told, which
// may only grow, is not.
func ExampleCounter_Clear() {
	work := delay.New("work", delay.Options{Buckets: delay.Log()})
	work.Add(time.Second)
	work.Clear()
	fmt.Println(work.Read().Current.Count)
	// Output: 0
}

// Readings in BFE's forms, appended to what one has.
func ExampleReading() {
	work := delay.New("work", delay.Options{Buckets: delay.Bounds(time.Second)})
	r := work.Read()
	fmt.Println(len(r.AppendJSON(nil)) > 0, strings.Count(string(r.AppendPairs(nil, "shop")), "shop.") > 0)
	// Output: true true
}

// seconds tells a histogram among others of one family.
type seconds struct{ work, rest *delay.Counter }

// Metrics implements metric.Source.
func (s seconds) Metrics(to metric.Visitor) {
	to.Family(metric.Family{Name: "day_seconds", Kind: metric.Buckets})
	s.work.Tell([]metric.Label{{Name: "part", Value: "work"}}, to)
	s.rest.Tell([]metric.Label{{Name: "part", Value: "rest"}}, to)
}

func ExampleCounter_Tell() {
	s := seconds{delay.New("work", delay.Options{}), delay.New("rest", delay.Options{})}
	s.work.Add(time.Second)
	var text metric.Text
	text.Page(s)
	fmt.Println(strings.Contains(string(text.Bytes()), `day_seconds_count{part="work"} 1`))
	// Output: true
}
