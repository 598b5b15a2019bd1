package prometheus

import (
	"math"
	"strconv"

	dto "github.com/prometheus/client_model/go"

	"github.com/plumbline/plumbline/sdk/metric"
)

// total ends the names of counters; a metric.Family leaves it to its reader.
const total = "_total"

func labels(m *dto.Metric) []metric.Label {
	all := make([]metric.Label, 0, len(m.GetLabel())+1)
	for _, l := range m.GetLabel() {
		all = append(all, metric.Label{Name: l.GetName(), Value: l.GetValue()})
	}
	return all
}

// histogram takes the buckets of a classic one apart, which client_golang adds up.
func histogram(h *dto.Histogram) *metric.Histogram {
	own := &metric.Histogram{Sum: h.GetSampleSum()}
	var below uint64
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			break
		}
		own.Bounds = append(own.Bounds, b.GetUpperBound())
		own.Counts = append(own.Counts, b.GetCumulativeCount()-below)
		below = b.GetCumulativeCount()
	}
	own.Counts = append(own.Counts, h.GetSampleCount()-below)
	return own
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
