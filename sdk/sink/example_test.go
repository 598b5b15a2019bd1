package sink_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/plumbline/plumbline/sdk/sink"
)

// Lines go into a queue, and from there to where they are kept.
func Example() {
	lines := sink.Open(sink.Writer{To: os.Stdout}, sink.Options{})
	lines.Put([]byte(`{"_msg":"hello"}`))
	_ = lines.Close(context.Background())
	// Output: {"_msg":"hello"}
}

// A Plumbline server: what it has no room for is sent again, what finds no room
// here is dropped and counted.
func ExampleServer() {
	lines := sink.Open(
		sink.Server{URL: "http://127.0.0.1:7420", Dataset: "canonical"},
		sink.Options{MaxBytes: 8 << 20, FlushEvery: 500 * time.Millisecond, Report: func(err error) { println(err.Error()) }})
	defer lines.Close(context.Background())
	_ = lines.Counts().Dropped
}

// A file, opened anew when it was rotated away.
func ExampleFile() {
	lines := sink.Open(&sink.File{Path: "/var/log/shop/lines"}, sink.Options{})
	defer lines.Close(context.Background())
}

// Graylog, or anything that reads GELF.
func ExampleGELF() {
	lines := sink.Open(&sink.GELF{Network: "udp", Address: "127.0.0.1:12201", Host: "web-1"}, sink.Options{})
	defer lines.Close(context.Background())
}

// A service whose lines all go through log/slog already.
func ExampleSlog() {
	quiet := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	lines := sink.Open(sink.Slog{Handler: slog.NewTextHandler(os.Stdout, quiet)}, sink.Options{})
	lines.Put([]byte(`{"_msg":"hello","http_status":200}`))
	_ = lines.Close(context.Background())
	// Output: level=INFO msg=hello http_status=200
}

// What became of lines, over several sinks.
func ExampleCounts() {
	a := sink.Open(sink.Writer{To: io.Discard}, sink.Options{})
	b := sink.Open(sink.Writer{To: io.Discard}, sink.Options{})
	a.Put([]byte("one"))
	b.Put([]byte("two"))
	_, _ = a.Close(context.Background()), b.Close(context.Background())
	fmt.Println(a.Counts().Plus(b.Counts()).Delivered)
	// Output: 2
}

func ExampleTo() {
	fmt.Printf("%+v\n", sink.To("http://127.0.0.1:7420"))
	fmt.Println(sink.To("")) // nowhere to send: standard output, for an Observer
	// Output:
	// {URL:http://127.0.0.1:7420 Dataset: Token: Client:<nil>}
	// <nil>
}

func ExampleServer_Into() {
	fmt.Println(sink.Server{URL: "http://127.0.0.1:7420"}.Into("canonical").(sink.Server).Dataset)
	// Output: canonical
}
