package grpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/plumbline/plumbline/sdk/line"
)

// lineCalls counts calls to other services on the line of the work at hand.
var lineCalls = line.Timed("rpc_client")

// UnaryClient hands trace and request id on to the service that is called, and counts
// the call.
func UnaryClient() grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, answer any, conn *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error {
		start := time.Now()
		defer func() { lineCalls.Observe(ctx, time.Since(start)) }()
		return call(carried(ctx), method, request, answer, conn, options...)
	}
}

// StreamClient is UnaryClient for streams; what it counts is how long they take to
// open.
func StreamClient() grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
		start := time.Now()
		defer func() { lineCalls.Observe(ctx, time.Since(start)) }()
		return open(carried(ctx), desc, conn, method, options...)
	}
}

func carried(ctx context.Context) context.Context {
	line.From(ctx).Carry(func(name, value string) {
		ctx = metadata.AppendToOutgoingContext(ctx, strings.ToLower(name), value)
	})
	return ctx
}
