package grpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	plumbline "github.com/plumbline/plumbline/sdk"
	plumb "github.com/plumbline/plumbline/sdk/adapters/grpc"
	"github.com/plumbline/plumbline/sdk/line"
)

// keep is a sink that gives its lines one by one.
type keep struct {
	lines chan map[string]any
}

func (k *keep) Put(b []byte) {
	fields := map[string]any{}
	if err := json.Unmarshal(b, &fields); err != nil {
		panic(err)
	}
	k.lines <- fields
}

func (k *keep) next(t *testing.T) map[string]any {
	t.Helper()
	select {
	case l := <-k.lines:
		return l
	case <-time.After(10 * time.Second):
		t.Fatal("no line")
		return nil
	}
}

// service answers as the name of what it is asked for says.
type service struct {
	healthpb.UnimplementedHealthServer
}

func (service) Check(ctx context.Context, r *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	line.UserID.Set(ctx, "usr_1")
	switch r.Service {
	case "nobody":
		return nil, status.Error(codes.NotFound, "nobody of that name")
	case "broken":
		return nil, errors.New("disk gone")
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case "panic":
		panic("nil map")
	}
	return &healthpb.HealthCheckResponse{}, nil
}

func (service) Watch(r *healthpb.HealthCheckRequest, s healthpb.Health_WatchServer) error {
	line.UserID.Set(s.Context(), "usr_2")
	for range 3 {
		if err := s.Send(&healthpb.HealthCheckResponse{}); err != nil {
			return err
		}
	}
	return nil
}

// serve starts the service, whose panics end the call and not the test.
func serve(t *testing.T) (healthpb.HealthClient, *plumbline.Observer, *keep) {
	t.Helper()
	k := &keep{lines: make(chan map[string]any, 100)}
	o := plumbline.New(plumbline.Options{Service: "shop", Lines: k, Logs: k})
	survive := func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (a any, err error) {
		defer func() {
			if recover() != nil {
				err = status.Error(codes.Internal, "panic")
			}
		}()
		return next(ctx, r)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(survive, plumb.Unary(o)), grpc.StreamInterceptor(plumb.Stream(o)))
	healthpb.RegisterHealthServer(server, service{})
	l := bufconn.Listen(1 << 20)
	go func() { _ = server.Serve(l) }() // ends by Stop
	conn, err := grpc.NewClient("passthrough:///buffer", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		grpc.WithUnaryInterceptor(plumb.UnaryClient()), grpc.WithStreamInterceptor(plumb.StreamClient()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		o.Close(context.Background())
	})
	return healthpb.NewHealthClient(conn), o, k
}

func TestEachCallHasItsLine(t *testing.T) {
	client, _, k := serve(t)
	for name, want := range map[string][2]string{
		"": {"ok", "OK"}, "nobody": {"client_error", "NotFound"}, "broken": {"server_error", "Unknown"},
		"slow": {"timeout", "DeadlineExceeded"}, "panic": {"panic", "Unknown"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: name})
		cancel()
		l := k.next(t)
		if l["outcome"] != want[0] && !(name == "slow" && l["outcome"] == "client_abort") { // as who is first
			t.Errorf("%q ends as %v, want %s: %v", name, l["outcome"], want[0], l)
		}
		if name != "slow" && l["rpc_code"] != want[1] {
			t.Errorf("%q has code %v, want %s", name, l["rpc_code"], want[1])
		}
		if l["kind"] != "rpc" || l["operation"] != "/grpc.health.v1.Health/Check" || l["user_id"] != "usr_1" || l["user_agent"] == nil {
			t.Errorf("%q: %v", name, l)
		}
		if (err == nil) != (name == "") {
			t.Errorf("%q is answered %v", name, err)
		}
	}
}

func TestStreamsAreCounted(t *testing.T) {
	client, _, k := serve(t)
	s, err := client.Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = s.Recv()
	}
	if l := k.next(t); l["messages_in"] != 1.0 || l["messages_out"] != 3.0 || l["outcome"] != "ok" || l["user_id"] != "usr_2" {
		t.Errorf("%v", l)
	}
}

// A call within a unit of work continues its trace, and is counted on its line.
func TestIdsAreCarried(t *testing.T) {
	client, o, k := serve(t)
	ctx, unit := o.Begin(t.Context(), "invoice.close")
	if _, err := client.Check(ctx, &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	called := k.next(t)
	unit.End(nil)
	caller := k.next(t)
	if called["trace_id"] != caller["trace_id"] || called["request_id"] != caller["request_id"] || called["parent_id"] != caller["span_id"] {
		t.Errorf("called %v by %v", called, caller)
	}
	if caller["rpc_client_calls"] != 1.0 {
		t.Errorf("caller %v", caller)
	}
}

func ExampleUnary() {
	o := plumbline.New(plumbline.Options{Service: "shop"})
	defer o.Close(context.Background())
	server := grpc.NewServer(grpc.UnaryInterceptor(plumb.Unary(o)), grpc.StreamInterceptor(plumb.Stream(o)))
	server.Stop()
	_, _ = grpc.NewClient("127.0.0.1:9000", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(plumb.UnaryClient()), grpc.WithStreamInterceptor(plumb.StreamClient()))
}
