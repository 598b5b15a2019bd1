package trace

import (
	"slices"

	"github.com/plumbline/plumbline/sdk/metric"
)

// Metrics implements metric.Source: calls, errors, those in flight and durations,
// by family. Work that was timed elsewhere is told there.
func (t *Tracer) Metrics(to metric.Visitor) {
	families := slices.DeleteFunc(t.Families(), (*Family).timedElsewhere)
	counts := make([]Summary, len(families))
	label := func(i int) []metric.Label { return []metric.Label{{Name: "family", Value: families[i].name}} }
	for i, f := range families {
		counts[i] = f.Summary()
	}
	to.Family(metric.Family{Name: "trace_calls", Help: "Units of work that ended.", Kind: metric.Counter})
	for i := range counts {
		to.Sample(label(i), float64(counts[i].Calls))
	}
	to.Family(metric.Family{Name: "trace_errors", Help: "Units of work that failed.", Kind: metric.Counter})
	for i := range counts {
		to.Sample(label(i), float64(counts[i].Failures))
	}
	to.Family(metric.Family{Name: "trace_in_flight", Help: "Units of work under way."})
	for i := range counts {
		to.Sample(label(i), float64(counts[i].Active))
	}
	to.Family(metric.Family{Name: "trace_seconds", Help: "How long units of work took.", Kind: metric.Buckets})
	h := metric.Histogram{Counts: make([]uint64, histogramBuckets+1)}
	for i := range histogramBuckets {
		h.Bounds = append(h.Bounds, float64(uint64(1)<<i)/1e6)
	}
	for i, f := range families {
		f.histogram(&h)
		to.Histogram(label(i), &h)
	}
}

func (f *Family) histogram(h *metric.Histogram) {
	f.mu.Lock()
	defer f.mu.Unlock()
	copy(h.Counts, f.counts[:])
	h.Sum = f.total.Seconds()
}

func (f *Family) timedElsewhere() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.timed
}
