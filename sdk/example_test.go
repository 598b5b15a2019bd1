package plumbline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/status"
)

// The lines of a service that names nothing but itself go to standard output.
func Example() {
	o := plumbline.New(plumbline.Options{Service: "shop"})
	defer o.Close(context.Background())

	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/charges", func(w http.ResponseWriter, r *http.Request) {
		line.UserID.Set(r.Context(), "usr_123")
		query(r.Context())
		o.Logger().InfoContext(r.Context(), "Charge created", "charge_id", "ch_123")
	})
	server := httptest.NewServer(o.HTTP(mux)) // or http.ListenAndServe(":8080", o.HTTP(mux))
	defer server.Close()
}

func query(ctx context.Context) {
	defer line.Database.Start(ctx).End()
}

// A job has a line of its own; its error decides how it ended.
func ExampleObserver_Begin() {
	o := plumbline.New(plumbline.Options{Service: "invoices"})
	defer o.Close(context.Background())

	closeMonth := func(ctx context.Context) (err error) {
		ctx, unit := o.Begin(ctx, "invoice.close")
		defer unit.End(&err)
		line.UserID.Set(ctx, "usr_123")
		return nil
	}
	_ = closeMonth(context.Background())
}

// A message brings its trace along; what consumes it, and whom that calls, go on
// with it.
func ExampleObserver_BeginWork() {
	o := plumbline.New(plumbline.Options{Service: "billing"})
	defer o.Close(context.Background())

	consume := func(properties http.Header) (err error) {
		ctx, unit := o.BeginWork(context.Background(), plumbline.Work{
			Operation: "charge.consume", Kind: "consumer", Origin: line.Received(properties.Get),
		})
		defer unit.End(&err)
		client := &http.Client{Transport: o.Transport(nil)}
		request, err := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1:1/", nil)
		if err != nil {
			return err
		}
		_, err = client.Do(request)
		return err
	}
	_ = consume(http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}})
}

// Names of OpenTelemetry, one line in ten of what went well, spans, debug records
// of requests that failed, and lines of streams while they last.
func ExampleNew() {
	o := plumbline.New(plumbline.Options{
		Service:  "shop",
		Naming:   line.OTel(),
		Sampling: line.Sampling{OneIn: 10},
		Slow:     500 * time.Millisecond,
		Recall:   true,
		Interim:  time.Minute,
		Traces:   true,
	})
	defer o.Close(context.Background())
	http.Handle("/log/level", o.LogHandler().Levels())
	store := slog.New(o.LogHandler().Named("store"))
	store.Debug("only heard once somebody asks")
	_ = o.Counts().Delivery.Dropped
}

// Variables of a struct: on a page, among the metrics, and each 20 s as a line of
// kind=status.
func ExampleObserver_Status() {
	o := plumbline.New(plumbline.Options{Service: "proxy", Monitor: &monitor.Options{Address: "127.0.0.1:0"}})
	defer o.Close(context.Background())
	var proxy struct {
		ReqServed status.Counter
		ConActive status.Gauge
	}
	set, err := o.Status("PROXY", &proxy)
	if err != nil {
		fmt.Println(err)
		return
	}
	proxy.ReqServed.Inc()
	body, _, _ := set.All().Format("kv", "")
	fmt.Print(string(body))
	// Output:
	// PROXY_REQ_SERVED: 1
	// PROXY_CON_ACTIVE: 0
}

func ExampleObserver_Delay() {
	o := plumbline.New(plumbline.Options{Service: "proxy"})
	defer o.Close(context.Background())
	handshake, err := o.Delay("handshake_delay", delay.Options{Buckets: delay.Linear(time.Millisecond, 10)})
	if err != nil {
		fmt.Println(err)
		return
	}
	handshake.Add(3 * time.Millisecond)
	fmt.Println(handshake.Read().Current.Average())
	// Output: 3ms
}

func ExampleObserver_Health() {
	o := plumbline.New(plumbline.Options{Service: "shop"})
	defer o.Close(context.Background())
	ping := func(context.Context) error { return nil } // or db.PingContext
	if err := o.Health().Add(health.Check{Name: "db", Run: ping}); err != nil {
		fmt.Println(err)
	}
	http.Handle("/readyz", o.Health()) // on the monitor it is there already
}

// Requests and jobs are traced by themselves; functions and long-lived objects are
// added.
func ExampleObserver_Tracer() {
	o := plumbline.New(plumbline.Options{Service: "store"})
	defer o.Close(context.Background())
	peers := o.Tracer().Log("raft", "node2")
	defer peers.Close()
	peers.Printf("joined in term %d", 7)

	set := func(ctx context.Context, key string) (err error) {
		_, t := o.Tracer().Start(ctx, "store.set", key)
		defer t.End(&err)
		t.Event("decoded")
		return nil
	}
	fmt.Println(set(context.Background(), "a"))
	// Output: <nil>
}

func ExampleObserver_Monitor() {
	o := plumbline.New(plumbline.Options{Service: "shop", Monitor: &monitor.Options{Address: monitor.Nowhere}}) // the service's own mux serves it
	defer o.Close(context.Background())
	m := o.Monitor()
	err := errors.Join(
		m.Page("routes", monitor.JSON(func() any { return []string{"/v1/charges"} })),
		m.Reload(monitor.Reload{Name: "rules", Run: func(context.Context, *monitor.Call) (string, error) { return "7", nil }}),
	)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleObserver_Notices() {
	o := plumbline.New(plumbline.Options{Service: "shop"})
	defer o.Close(context.Background())
	o.Notices().Say("deploy", "release 7", slog.String("by", "ci")) // kind=deploy | head
}

// A helper that answers errors rarely holds the request.
func ExampleLineOf() {
	fail := func(w http.ResponseWriter, err error) {
		plumbline.LineOf(w).Fail(err)
		http.Error(w, "not possible", http.StatusConflict)
	}
	o := plumbline.New(plumbline.Options{Service: "shop"})
	defer o.Close(context.Background())
	http.Handle("/", o.HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fail(w, errors.New("no stock")) })))
}

// begins prints what begins.
type begins struct{}

func (begins) Began(l *line.Line)                            { fmt.Println(l.Kind(), "begins") }
func (begins) Ended(*line.Line, line.Outcome, time.Duration) {}

// A watcher is told of all work; lines under way are listed by their source.
func ExampleObserver_Watch() {
	o := plumbline.New(plumbline.Options{Service: "shop", Lines: quiet{}})
	defer o.Close(context.Background())
	o.Watch(begins{})
	_, unit := o.Begin(context.Background(), "invoice.close")
	fmt.Println(len(o.Source().UnderWay()))
	unit.End(nil)
	// Output:
	// job begins
	// 1
}

type quiet struct{}

func (quiet) Put([]byte) {}

// printed is a sink for an example.
type printed struct{}

func (printed) Put(line []byte) { fmt.Println(len(line) > 0) }

// Lines of one kind may go into a dataset with rules of its own.
func ExampleObserver_LogHandlerTo() {
	o := plumbline.New(plumbline.Options{Service: "mail", Lines: quiet{}, Logs: quiet{}})
	defer o.Close(context.Background())
	comm := slog.New(o.LogHandlerTo(printed{}))
	comm.Info("Message sent", "message_id", "msg_1")
	// Output: true
}
