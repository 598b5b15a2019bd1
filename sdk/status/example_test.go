package status_test

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
	"github.com/plumbline/plumbline/sdk/status"
)

type Proxy struct {
	ReqServed status.Counter `help:"Requests served."`
	ConActive status.Gauge
	Load      status.Level
	Mode      status.State
	Answers   status.CounterVec[Answer]
	Open      status.GaugeVec[Answer] `max:"200"`
}

type Answer struct{ Proto, Class string }

func Example() {
	var proxy Proxy
	set, err := status.New("PROXY", &proxy, status.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	proxy.ReqServed.Inc()
	proxy.ReqServed.Add(2)
	proxy.ConActive.Set(5)
	proxy.ConActive.Dec()
	proxy.Load.Set(0.5)
	proxy.Mode.Set("leader")
	proxy.Answers.With(Answer{"h2", "5xx"}).Inc()
	proxy.Open.With(Answer{"h2", ""}).Inc()

	body, _, _ := set.All().Format("kv", "")
	os.Stdout.Write(body)
	// Output:
	// PROXY_REQ_SERVED: 3
	// PROXY_CON_ACTIVE: 4
	// PROXY_LOAD: 0.5
	// PROXY_MODE: leader
	// PROXY_ANSWERS.h2.5xx: 1
	// PROXY_OPEN.h2.: 1
}

// Variables can also be made by name.
func ExampleSet_Counter() {
	set, _ := status.New("JOBS", nil, status.Options{Spell: status.Words})
	set.Counter("MailSent").Inc()
	set.Gauge("Queued").Set(4)
	set.State("Version").Set("7")
	set.Func("Workers", func() int64 { return 8 })
	fmt.Println(string(set.All().AppendPairs(nil, "", ": ")))
	// Output:
	// JOBS_MAIL_SENT: 1
	// JOBS_QUEUED: 4
	// JOBS_VERSION: 7
	// JOBS_WORKERS: 8
}

// Diff tells by how much the counters grew in the last whole window.
func ExampleSet_Diff() {
	set, _ := status.New("JOBS", nil, status.Options{})
	set.Counter("Sent").Inc()
	grown, _ := set.Diff().Counter("SENT")
	total, _ := set.All().Counter("SENT")
	fmt.Println(grown, total) // the first window is open
	// Output: 0 1
}

func ExampleSet_Metrics() {
	set, _ := status.New("JOBS", nil, status.Options{})
	set.Counter("Sent").Inc()
	http.Handle("GET /metrics", metric.Handler(set))
	fmt.Print(string(new(metric.Text).Page(set)))
	// Output:
	// # TYPE jobs_sent_total counter
	// jobs_sent_total 1
}

func ExampleBoard() {
	var proxy Proxy
	set, _ := status.New("PROXY", &proxy, status.Options{})
	board := status.NewBoard(notice.New(func(line []byte) {}, nil), nil)
	if err := board.Join(set); err != nil {
		fmt.Println(err)
	}
	// go board.Run(ctx)
	fmt.Println(len(board.Members()))
	// Output: 1
}

// Everything can be read back; the zero values are ready.
func ExampleCounter() {
	var v struct {
		Sent    status.Counter
		Open    status.Gauge
		Load    status.Level
		Mode    status.State
		Answers status.CounterVec[Answer] `max:"1"`
		Held    status.GaugeVec[Answer]   `max:"1"`
	}
	if _, err := status.New("MAIL", &v, status.Options{}); err != nil { // which also reads the tags
		fmt.Println(err)
	}
	v.Sent.Add(2)
	v.Open.Dec()
	v.Load.Set(0.25)
	v.Mode.Set("leader")
	for range 2 {
		v.Answers.With(Answer{"h2", "5xx"}).Inc()
		v.Held.With(Answer{"h2", "5xx"}).Inc()
	}
	v.Answers.With(Answer{"h3", "2xx"}).Inc() // one too many: it is counted under other
	fmt.Println(v.Sent.Value(), v.Open.Value(), v.Load.Value(), v.Mode.Value(), v.Answers.Refused(), v.Held.Refused())
	// Output: 2 -1 0.25 leader 1 0
}

// The spelling of BFE's library, for dashboards that know it.
func ExampleCapitals() {
	set, _ := status.New("OLD", nil, status.Options{Spell: status.Capitals})
	set.Counter("HTTPServed").Inc()
	fmt.Println(set.Prefix(), string(set.All().AppendJSON(nil)))
	// Output: OLD {"Prefix":"OLD","Kind":"total","GaugeData":{},"CounterData":{"H_T_T_P_SERVED":1},"StateData":{}}
}

// A board closes windows until ctx ends.
func ExampleBoard_Run() {
	board := status.NewBoard(nil, nil)
	set, _ := status.New("JOBS", nil, status.Options{})
	fmt.Println(board.Join(set))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	board.Run(ctx)
	// Output: <nil>
}
