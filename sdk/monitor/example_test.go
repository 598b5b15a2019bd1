package monitor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

type Proxy struct{ ReqServed status.Counter }

func Example() {
	var proxy Proxy
	set, err := status.New("PROXY", &proxy, status.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := monitor.New(monitor.Options{Name: "shop", Health: health.New(health.Options{}), Tracer: trace.New(trace.Options{})})
	for _, err := range []error{
		m.Status(set),
		m.Delay(delay.New("proxy_delay", delay.Options{})),
		m.Page("hosts", monitor.JSON(func() any { return []string{"a", "b"} })),
		m.Page("motto", monitor.Text(func() string { return "straight" })),
	} {
		if err != nil {
			fmt.Println(err)
		}
	}
	// err = m.Run(ctx)

	fmt.Println(ask(m, "GET", "/monitor/proxy?format=kv"))
	fmt.Println(ask(m, "GET", "/monitor/hosts"))
	// Output:
	// PROXY_REQ_SERVED: 0
	//
	// ["a","b"]
}

// A file is parsed first and swapped in at once.
func ExampleFile() {
	type Rules struct{ Blocked []string }
	var rules atomic.Pointer[Rules]
	parse := func(b []byte) (*Rules, error) { r := new(Rules); return r, json.Unmarshal(b, r) }

	m := monitor.New(monitor.Options{Dir: "conf"})
	if err := m.Reload(monitor.File("rules", "rules.json", parse, &rules)); err != nil {
		fmt.Println(err)
	}
	// curl -X POST 'http://127.0.0.1:8421/reload/rules?dry_run=1'
}

func ExampleMonitor_Reload() {
	m := monitor.New(monitor.Options{})
	err := m.Reload(monitor.Reload{Name: "names", Run: func(ctx context.Context, c *monitor.Call) (string, error) {
		return "7", nil // the version it now has
	}})
	fmt.Println(err, ask(m, "POST", "/reload/names")[:28])
	// Output: <nil> {"error":null,"version":"7",
}

func ExampleMonitor_Handle() {
	m := monitor.New(monitor.Options{})
	m.Handle("POST /cache/flush", monitor.Write, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "flushed")
	}))
	fmt.Println(ask(m, "POST", "/cache/flush"))
	// Output: flushed
}

func ask(m *monitor.Monitor, method, target string) string {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Body.String()
}

// A monitor is told of more sources, and serves a listener until ctx ends; Run opens
// its own.
func ExampleMonitor_Serve() {
	m := monitor.New(monitor.Options{Address: "127.0.0.1:0"})
	m.Metrics(health.New(health.Options{}))
	l, err := m.Listen()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error)
	go func() { done <- m.Serve(ctx, l) }()
	response, err := http.Get("http://" + l.Addr().String() + "/metrics")
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	cancel()
	fmt.Println(response.StatusCode, <-done)
	fmt.Println(monitor.New(monitor.Options{Address: monitor.Nowhere}).Run(context.Background()))
	// Output:
	// 200 <nil>
	// monitor: it is to listen nowhere
}

// A reload that reads a file itself stays within the folder of the options.
func ExampleCall_ReadFile() {
	m := monitor.New(monitor.Options{Dir: "."})
	_ = m.Reload(monitor.Reload{Name: "hosts", Run: func(_ context.Context, c *monitor.Call) (string, error) {
		_, err := c.ReadFile("hosts.txt")
		return "", err
	}})
	fmt.Println(ask(m, "POST", "/reload/hosts?path=../../etc/passwd")[:20])
	// Output: {"error":"reload fro
}

func ExampleOptions_With() {
	served := (&monitor.Options{Address: monitor.Nowhere}).With(monitor.Options{Name: "shop"})
	_, err := served.Listen()
	fmt.Println(errors.Is(err, monitor.ErrNowhere))
	// Output: true
}
