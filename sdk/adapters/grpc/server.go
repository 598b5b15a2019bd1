// Package grpc gives every call of a gRPC server one canonical line, as the SDK's
// middleware does for HTTP: also when it panics, runs out of time or the client
// leaves. Ids come and go with the metadata.
//
//	server := grpc.NewServer(
//		grpc.UnaryInterceptor(plumb.Unary(o)),
//		grpc.StreamInterceptor(plumb.Stream(o)),
//	)
//	conn, err := grpc.NewClient(target, grpc.WithUnaryInterceptor(plumb.UnaryClient()))
package grpc

import (
	"context"
	"errors"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
)

// Fields of a line about a call, beside those that every unit of work has.
var (
	lineCode     = line.Text("rpc_code", line.About("of the answer, such as NotFound"))
	lineReceived = line.Int("messages_in", line.About("of the client's stream"))
	lineSent     = line.Int("messages_out", line.About("of the server's stream"))
)

// Unary is the interceptor of calls with one message each way.
func Unary(o *plumbline.Observer) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
		ctx, l := begin(ctx, o, info.FullMethod)
		defer func() { end(l, &err, recover()) }()
		return next(ctx, request)
	}
}

// Stream is the interceptor of calls with streams. The line comes when they end;
// Options.Interim has one told of meanwhile.
func Stream(o *plumbline.Observer) grpc.StreamServerInterceptor {
	return func(server any, s grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
		ctx, l := begin(s.Context(), o, info.FullMethod)
		told := &stream{ServerStream: s, ctx: ctx}
		defer func() {
			lineReceived.Set(l, told.in.Load())
			lineSent.Set(l, told.out.Load())
			end(l, &err, recover())
		}()
		return next(server, told)
	}
}

func begin(ctx context.Context, o *plumbline.Observer, method string) (context.Context, *line.Line) {
	sent, _ := metadata.FromIncomingContext(ctx)
	ctx, l := o.BeginWork(ctx, plumbline.Work{Operation: method, Kind: "rpc", Origin: line.Received(func(name string) string {
		if values := sent.Get(name); len(values) > 0 {
			return values[0]
		}
		return ""
	})})
	if p, ok := peer.FromContext(ctx); ok {
		line.RemoteIP.Set(l, p.Addr.String())
	}
	if agents := sent.Get("user-agent"); len(agents) > 0 {
		line.UserAgent.Set(l, agents[0])
	}
	return ctx, l
}

// end is deferred around a call, with what it recovered. A panic goes on: gRPC and
// those who recover for it decide what becomes of the process.
func end(l *line.Line, err *error, recovered any) {
	if recovered != nil {
		lineCode.Set(l, codes.Unknown.String())
		l.Panicked(recovered)
		l.Finish(line.Panic)
		panic(recovered)
	}
	code := codeOf(*err)
	lineCode.Set(l, code.String())
	if *err != nil {
		l.Fail(*err)
	}
	l.Finish(outcome(code))
}

// codeOf is the code that the client is told.
func codeOf(err error) codes.Code {
	switch {
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	}
	return status.Code(err)
}

// outcome is how a call ended that was answered so. What the client did wrong is not
// ours, as with 4xx.
func outcome(code codes.Code) line.Outcome {
	switch code {
	case codes.OK:
		return line.OK
	case codes.Canceled:
		return line.ClientAbort
	case codes.DeadlineExceeded:
		return line.Timeout
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied, codes.ResourceExhausted,
		codes.FailedPrecondition, codes.Aborted, codes.OutOfRange, codes.Unauthenticated:
		return line.ClientError
	}
	return line.ServerError
}

// stream counts messages, and runs under the line.
type stream struct {
	grpc.ServerStream
	ctx     context.Context
	in, out atomic.Int64
}

// Context implements grpc.ServerStream.
func (s *stream) Context() context.Context { return s.ctx }

// RecvMsg implements grpc.ServerStream.
func (s *stream) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil {
		s.in.Add(1)
	}
	return err
}

// SendMsg implements grpc.ServerStream.
func (s *stream) SendMsg(m any) error {
	err := s.ServerStream.SendMsg(m)
	if err == nil {
		s.out.Add(1)
	}
	return err
}
