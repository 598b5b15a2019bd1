package bench

import (
	"context"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/plumbline/plumbline/sdk/line"
)

var (
	ratio  = line.Float("bench_ratio", line.Unit("%"))
	render = line.Stage("render")
)

// The .proto file compiles, and the official implementation reads by it what we
// write, and leaves no field unknown.
func TestProtobuf(t *testing.T) {
	compiler := protocompile.Compiler{Resolver: &protocompile.SourceResolver{Accessor: func(name string) (io.ReadCloser, error) {
		if name != "line.proto" {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(string(line.Proto()))), nil
	}}}
	files, err := compiler.Compile(context.Background(), "line.proto")
	if err != nil {
		t.Fatal(err)
	}
	m := dynamicpb.NewMessage(files[0].Messages().ByName("CanonicalLine"))
	var written []byte
	s := line.NewSource(line.Options{Put: func(b []byte) { written = append([]byte(nil), b...) }, Format: line.Protobuf})
	l := new(line.Line)
	s.Begin(l, context.Background(), &line.Kind{Name: "http", Digest: []line.Key{line.HTTPMethod}}, line.Origin{RequestID: "req_1"})
	line.HTTPMethod.Set(l, "POST\xff")
	line.HTTPStatus.Set(l, 200)
	line.RateRemaining.Set(l, -1)
	line.RateAllowed.Set(l, true)
	ratio.Set(l, 0.25)
	render.Start(l).End()
	l.Finish(line.OK)
	if err := proto.Unmarshal(written, m); err != nil {
		t.Fatal(err)
	}
	if unknown := m.GetUnknown(); len(unknown) > 0 {
		t.Errorf("unknown fields % x", unknown)
	}
	value := func(name string) any {
		return m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(name))).Interface()
	}
	for name, want := range map[string]any{
		"_msg": "canonical-log-line POST\ufffd", "http_method": "POST\ufffd", "http_status": int64(200), "rate_remaining": int64(-1),
		"rate_allowed": true, "bench_ratio": 0.25, "request_id": "req_1", "outcome": "ok",
	} {
		if got := value(name); got != want {
			t.Errorf("%s is %#v, want %#v", name, got, want)
		}
	}
	if n := m.Get(m.Descriptor().Fields().ByName("stages")).List().Len(); n != 1 {
		t.Errorf("%d stages", n)
	}
}
