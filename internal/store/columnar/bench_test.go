package columnar

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// canonical makes lines like those a service writes once per request, 24
// fields each, 50 a millisecond.
type canonical struct {
	*rand.Rand
	at int64
	b  *row.Builder
}

func newCanonical() *canonical {
	return &canonical{Rand: rand.New(rand.NewPCG(1, 1)), at: testNow.UnixNano(), b: row.NewBuilder("app")}
}

func (c *canonical) batch(rows int) *row.Batch {
	routes := []string{"/v1/charges", "/v1/refunds", "/v1/customers", "/v1/messages", "/v1/balance"}
	methods := []string{"GET", "POST", "POST", "DELETE"}
	text := func(key, value string) { c.b.Text([]byte(key), []byte(value)) }
	number := func(key string, n int) { c.b.Number([]byte(key), fmt.Append(nil, n)) }
	for range rows {
		c.at += 20_000
		c.b.Begin(c.at)
		user, host, route := c.user(), c.IntN(24), routes[c.IntN(len(routes))]
		text("_msg", "canonical-log-line")
		text("service", "api-"+string(rune('a'+host%4)))
		text("host", fmt.Sprintf("host-%02d", host))
		text("dc", []string{"fra", "iad", "sin"}[host%3])
		text("level", []string{"info", "info", "info", "warn"}[c.IntN(4)])
		text("http_method", methods[c.IntN(4)])
		text("http_route", route+"/{id}")
		text("http_path", fmt.Sprintf("%s/%07x", route, c.Uint32()>>4))
		number("http_status", []int{200, 200, 200, 201, 404, 500}[c.IntN(6)])
		c.b.Number([]byte("duration"), fmt.Appendf(nil, "%.6f", c.ExpFloat64()/20))
		text("user_id", fmt.Sprintf("usr_%06d", user))
		text("key_id", fmt.Sprintf("key_%06d", user))
		text("team", fmt.Sprintf("team-%d", user%7))
		text("request_id", fmt.Sprintf("req_%016x", c.Uint64()))
		text("trace_id", fmt.Sprintf("%016x%016x", c.Uint64(), c.Uint64()))
		number("alloc_count", c.IntN(20000))
		number("database_queries", c.IntN(40))
		c.b.Bool([]byte("rate_allowed"), c.IntN(50) > 0)
		number("rate_quota", 1000)
		number("rate_remaining", c.IntN(1000))
	}
	return c.b.Batch()
}

func (c *canonical) user() int { return int(c.ExpFloat64() * 8000) }

func benchStore(b *testing.B) *Store {
	opts := Options{Now: func() time.Time { return testNow }, Log: slog.New(slog.DiscardHandler)}
	s, err := Open(disk.Real(), b.TempDir(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkAppend takes 5,000 lines a batch from their columns into the log
// and the buffer; seals happen beside it, as memory asks for them.
func BenchmarkAppend(b *testing.B) {
	const rows = 5000
	c := newCanonical()
	batches := make([]*row.Batch, 20)
	for i := range batches {
		batches[i] = c.batch(rows)
	}
	for _, seal := range []bool{false, true} {
		b.Run(fmt.Sprintf("sealed=%t", seal), func(b *testing.B) {
			s := benchStore(b)
			i := 0
			for b.Loop() {
				if err := s.Append(b.Context(), batches[i%len(batches)]); err != nil {
					b.Fatal(err)
				}
				if i++; seal && i%13 == 0 {
					if err := s.sealAll(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/line")
		})
	}
}

// BenchmarkRecovery opens a store with a million lines in its log.
func BenchmarkRecovery(b *testing.B) {
	const rows, batches = 5000, 200
	dir := b.TempDir()
	opts := Options{Now: func() time.Time { return testNow }, Log: slog.New(slog.DiscardHandler), MemoryBytes: 1 << 30}
	s, err := Open(disk.Real(), dir, opts)
	if err != nil {
		b.Fatal(err)
	}
	c := newCanonical()
	for range batches {
		if err := s.Append(b.Context(), c.batch(rows)); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("log of %d bytes", s.wal.Size())
	_ = s.letGo()
	for b.Loop() {
		s, err := Open(disk.Real(), dir, opts)
		if err != nil {
			b.Fatal(err)
		}
		if x := s.Extents(nil); x[0].Rows != rows*batches {
			b.Fatalf("%+v", x)
		}
		_ = s.letGo()
	}
}

// BenchmarkOpen opens a store of 5,000 almost empty partitions.
func BenchmarkOpen(b *testing.B) {
	dir, opts := b.TempDir(), small()
	opts.LogSegmentBytes = 1 << 20
	manyPartitions(b, disk.Real(), dir, opts, 5000)
	for b.Loop() {
		s, err := Open(disk.Real(), dir, opts)
		if err != nil {
			b.Fatal(err)
		}
		_ = s.letGo()
	}
}

// BenchmarkQuestions asks a store of a million lines.
func BenchmarkQuestions(b *testing.B) {
	s := benchStore(b)
	c := newCanonical()
	for range 200 {
		if err := s.Append(b.Context(), c.batch(5000)); err != nil {
			b.Fatal(err)
		}
		if err := s.sealDue(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	started := time.Now()
	if err := s.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	x := s.Extents(nil)[0]
	b.Logf("flush took %s; %.1f bytes a line", time.Since(started), float64(x.Bytes)/float64(x.Rows))
	count, _ := agg.Lookup("count")
	p99, _ := agg.Lookup("p99")
	group := func(where string, field string, calls ...scan.Agg) scan.Scan {
		w := scan.Scan{From: -1 << 63, To: 1<<63 - 1, Where: search(b, where), Group: &scan.Group{Aggs: calls}}
		if field != "" {
			w.Group.Keys = []expr.Expr{&expr.Field{Name: field}}
		}
		return w
	}
	counted := scan.Agg{Call: count}
	newest := scan.Scan{From: -1 << 63, To: 1<<63 - 1, All: true, Order: scan.NewestFirst, Limit: 100, Where: search(b, "http_status=500")}
	needle := scan.Scan{From: -1 << 63, To: 1<<63 - 1, All: true, Order: scan.NewestFirst, Where: search(b, "request_id=req_0123456789abcdef")}
	for _, q := range []struct {
		name string
		will scan.Scan
	}{
		{"count", group("*", "", counted)},
		{"count by http_status", group("*", "http_status", counted)},
		{"count by user_id", group("*", "user_id", counted)},
		{"rate_allowed=false by user_id", group("rate_allowed=false", "user_id", counted)},
		{"POST p99", group("http_method=POST", "", scan.Agg{Call: p99, Args: []expr.Expr{&expr.Field{Name: "duration"}}})},
		{"newest 100 errors", newest},
		{"request_id", needle},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				read := &scan.Read{}
				streams, err := s.Scan(b.Context(), q.will, read)
				if err != nil {
					b.Fatal(err)
				}
				for _, stream := range streams {
					for _, err := range stream {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			}
		})
	}
}
