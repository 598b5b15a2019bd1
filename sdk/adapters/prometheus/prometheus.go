// Package prometheus joins the numbers of the SDK with a registry of
// prometheus/client_golang, for programs that have one: a Collector tells the
// registry ours, a Source tells us those of the registry.
//
//	registry.MustRegister(prometheus.NewCollector(set, counter, tracer))
//	monitor.Metrics(prometheus.Source(registry))
package prometheus

import (
	"encoding/hex"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/plumbline/plumbline/sdk/metric"
)

// NewCollector makes a collector of the sources. Which families they tell is known
// when they are asked only, so the registry cannot check it beforehand.
func NewCollector(sources ...metric.Source) client.Collector { return collector(sources) }

type collector []metric.Source

// Describe tells nothing, which makes the collector an unchecked one.
func (c collector) Describe(chan<- *client.Desc) {}

// Collect implements client.Collector.
func (c collector) Collect(to chan<- client.Metric) {
	v := &visitor{to: to}
	for _, s := range c {
		s.Metrics(v)
	}
}

// visitor makes a Metric of each series.
type visitor struct {
	to     chan<- client.Metric
	family metric.Family
	desc   *client.Desc
	names  []string // of the labels of desc
}

func (v *visitor) Family(f metric.Family) {
	if f.Kind == metric.Counter {
		f.Name += "_total"
	}
	v.family, v.desc = f, nil
}

// describe gives the description for these labels, made anew where they differ
// from those before.
func (v *visitor) describe(labels []metric.Label) (values []string) {
	same := v.desc != nil && len(labels) == len(v.names)
	values = make([]string, len(labels))
	for i, l := range labels {
		values[i] = l.Value
		same = same && l.Name == v.names[i]
	}
	if !same {
		v.names = make([]string, len(labels))
		for i, l := range labels {
			v.names[i] = l.Name
		}
		v.desc = client.NewDesc(v.family.Name, v.family.Help, v.names, nil)
	}
	return values
}

func (v *visitor) Sample(labels []metric.Label, value float64) {
	kind := client.GaugeValue
	if v.family.Kind == metric.Counter {
		kind = client.CounterValue
	}
	values := v.describe(labels)
	one, err := client.NewConstMetric(v.desc, kind, value, values...)
	v.send(one, err)
}

func (v *visitor) Histogram(labels []metric.Label, h *metric.Histogram) {
	values := v.describe(labels)
	buckets, total := make(map[float64]uint64, len(h.Bounds)), uint64(0)
	for i, bound := range h.Bounds {
		total += h.Counts[i]
		buckets[bound] = total
	}
	one, err := client.NewConstHistogram(v.desc, h.Count(), h.Sum, buckets, values...)
	var exemplars []client.Exemplar
	for _, e := range h.Exemplars {
		if e.Trace != [16]byte{} {
			exemplars = append(exemplars, client.Exemplar{Value: e.Value, Timestamp: time.UnixMilli(int64(e.Unix * 1000)),
				Labels: client.Labels{"trace_id": hex.EncodeToString(e.Trace[:])}})
		}
	}
	if err == nil && len(exemplars) > 0 {
		one, err = client.NewMetricWithExemplars(one, exemplars...)
	}
	v.send(one, err)
}

// send hands a metric on; the registry says which one is wrong, and why.
func (v *visitor) send(one client.Metric, err error) {
	if err != nil {
		one = client.NewInvalidMetric(v.desc, err)
	}
	v.to <- one
}

// Source tells the families of a registry: counters, gauges, untyped ones and
// classic histograms. A summary is told as gauges by quantile, its sum and count.
func Source(from client.Gatherer) metric.Source { return source{from} }

type source struct{ from client.Gatherer }

// Metrics implements metric.Source. What could be gathered is told, though some
// could not.
func (s source) Metrics(to metric.Visitor) {
	families, _ := s.from.Gather()
	for _, f := range families {
		tell(f, to)
	}
}

func tell(f *dto.MetricFamily, to metric.Visitor) {
	name, help := f.GetName(), f.GetHelp()
	switch f.GetType() {
	case dto.MetricType_COUNTER:
		if len(name) > len(total) && name[len(name)-len(total):] == total {
			name = name[:len(name)-len(total)]
		}
		to.Family(metric.Family{Name: name, Help: help, Kind: metric.Counter})
		for _, m := range f.GetMetric() {
			to.Sample(labels(m), m.GetCounter().GetValue())
		}
	case dto.MetricType_HISTOGRAM:
		to.Family(metric.Family{Name: name, Help: help, Kind: metric.Buckets})
		for _, m := range f.GetMetric() {
			to.Histogram(labels(m), histogram(m.GetHistogram()))
		}
	case dto.MetricType_SUMMARY:
		to.Family(metric.Family{Name: name, Help: help})
		for _, m := range f.GetMetric() {
			for _, q := range m.GetSummary().GetQuantile() {
				to.Sample(append(labels(m), metric.Label{Name: "quantile", Value: number(q.GetQuantile())}), q.GetValue())
			}
		}
		to.Family(metric.Family{Name: name + "_sum"})
		for _, m := range f.GetMetric() {
			to.Sample(labels(m), m.GetSummary().GetSampleSum())
		}
		to.Family(metric.Family{Name: name + "_count"})
		for _, m := range f.GetMetric() {
			to.Sample(labels(m), float64(m.GetSummary().GetSampleCount()))
		}
	default:
		to.Family(metric.Family{Name: name, Help: help})
		for _, m := range f.GetMetric() {
			to.Sample(labels(m), m.GetGauge().GetValue()+m.GetUntyped().GetValue()) // one of them is nil, so zero
		}
	}
}
