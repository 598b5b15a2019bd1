package bench

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/sink"
)

// hung is a server that accepts lines and never answers.
func hung(b *testing.B) *sink.Queue {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	q := sink.Open(sink.Server{URL: "http://" + l.Addr().String()}, sink.Options{MaxBytes: 1 << 20})
	b.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		q.Close(ctx)
		l.Close()
	})
	return q
}

// How long a request takes over loopback, bare, with lines that are delivered, and
// with a server of lines that hangs. The three take turns, request by request, so
// that what else the machine does meets all alike.
func BenchmarkService(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line.UserID.Set(r.Context(), "usr_123")
		line.Database.Start(r.Context()).End()
		io.WriteString(w, "ok")
	})
	delivered := sink.Open(sink.Writer{To: io.Discard}, sink.Options{})
	b.Cleanup(func() { delivered.Close(context.Background()) })
	wrap := func(to plumbline.Sink) http.Handler {
		return plumbline.New(plumbline.Options{Service: "shop", Lines: to, Logs: nowhere{}}).HTTP(handler)
	}
	names := []string{"bare", "delivered", "hung"}
	var urls []string
	for _, h := range []http.Handler{handler, wrap(delivered), wrap(hung(b))} {
		s := httptest.NewServer(h)
		b.Cleanup(s.Close)
		urls = append(urls, s.URL)
	}
	took := make([][]time.Duration, len(urls))
	for b.Loop() {
		for i, url := range urls {
			start := time.Now()
			response, err := http.Get(url)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			took[i] = append(took[i], time.Since(start))
		}
	}
	for i, name := range names {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Microseconds()), name+"-p50-µs")
		b.ReportMetric(float64(took[i][len(took[i])*99/100].Microseconds()), name+"-p99-µs")
	}
}
