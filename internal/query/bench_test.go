package query_test

import (
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
)

// BenchmarkQuestions asks 100,000 lines in memory.
func BenchmarkQuestions(b *testing.B) {
	const lines = 100_000
	src := manyLines(b, lines)
	e := query.New(query.Options{Source: src, Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }})
	for _, q := range []string{
		"* | stats count",
		"* | head 10",
		"97 | stats count",
		"user=user-77777",
		"route=/v1/r3 | stats count p50(duration) p95(duration) p99(duration)",
		"* | stats count p99(duration) by route",
		"* | stats dc(user)",
		"* | timechart span=10s count by route",
		"* | top user",
		"* | patterns",
		"* | sort -duration | head 10",
		"* | sort -duration | stats count",
		"* | dedup user | stats count",
		"* | eventstats p95(duration) as usual by route | where duration > usual | stats count",
		"* | streamstats window=10 avg(duration) by route | stats count",
		"* | streamstats count sum(duration) by route | stats count",
		"* | streamstats p99(duration) | stats count",
		"* | transaction route maxpause=1s | stats count",
		"* | eval ms = duration * 1000, slow = if(ms > 50, \"slow\", \"ok\") | stats count by slow",
		"* | rex \"request (?<id>\\d+)\" | stats max(id)",
		"* | format \"<route>: <_msg>\" as line | stats count by route",
		"* | replace \"request\" with \"question\" | stats count",
		"* | eval words = split(_msg, \" \") | unroll words | stats count by route",
		"* | join route [ * | dedup route | table route, n ] | stats count",
		"* | facets",
	} {
		b.Run(q, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := exhaust(b.Context(), e, q); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
		})
	}
}
