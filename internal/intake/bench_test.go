package intake

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/plumbline/plumbline/internal/intake/jsonl"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// nowhere takes rows and forgets them.
type nowhere struct{}

func (nowhere) Append(context.Context, ...*row.Batch) error { return nil }
func (nowhere) AppendOnce(context.Context, string, []byte, ...*row.Batch) ([]byte, error) {
	return nil, nil
}

// canonicalLines are n wide events of 24 fields, about 560 bytes each.
func canonicalLines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		h := uint64(i+1) * 0x9e3779b97f4a7c15
		fmt.Fprintf(&b, `{"time":"2026-11-21T11:%02d:%02d.%06dZ","level":"info","msg":"canonical-log-line","service":"api-%d","host":"api-%02d.dc%d","dc":"dc%d",`+
			`"http_method":"%s","http_path":"/v1/charges/ch_%07x/capture","http_route":"/v1/charges/:id/capture","http_status":%d,`+
			`"duration":0.%06d,"alloc_count":%d,"database_queries":%d,"request_id":"req_%016x","trace_id":"%016x%016x",`+
			`"user_id":"usr_%d","key_id":"key_%d","rate_allowed":%t,"rate_quota":%d,"rate_remaining":%d,`+
			`"language":"go","team":"payments","permissions":"charges_write","api_version":"2026-10-01"}`+"\n",
			i/60%60, i%60, h%1000000, h%4, h%24, h%3, h%3, []string{"GET", "POST"}[h%2], h&0xfffffff, 200+h%5, h>>7%1000000,
			20000+h>>9%20000, h>>11%30, h, h, h*31, h%13800, h%13800, h%50 != 0, 100*(1+h%5), h%100)
	}
	return b.Bytes()
}

func BenchmarkJSONLines(b *testing.B) {
	const n = 20_000
	text := canonicalLines(n)
	perLine := func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/line")
	}
	b.Run("tokens", func(b *testing.B) {
		var d jsonl.Decoder
		var tokens []keyval.Token
		room := append(bytes.Clone(text), make([]byte, keyval.TokenSlack)...)
		for b.Loop() {
			for rest := room[:len(text)]; len(rest) > 0; {
				end := bytes.IndexByte(rest, '\n')
				var plain bool
				if tokens, plain = d.Tokens(rest[:end], tokens[:0]); !plain {
					b.Fatalf("not plain: %s", rest[:end])
				}
				rest = rest[end+1:]
			}
		}
		perLine(b)
	})
	b.Run("columns", func(b *testing.B) {
		in := New(Options{Store: nowhere{}})
		for b.Loop() {
			if r, err := in.Ingest(context.Background(), Request{Format: "jsonl", Body: bytes.NewReader(text)}); err != nil || r.Accepted != n {
				b.Fatal(r, err)
			}
		}
		perLine(b)
	})
}
