package status

import (
	"github.com/plumbline/plumbline/sdk/internal/series"
	"github.com/plumbline/plumbline/sdk/metric"
)

// CounterVec is one counter for each set of labels. L is a struct of texts, whole
// numbers and truths, whose fields are the labels:
//
//	type Answer struct{ Proto, Class string }
//	var answers status.CounterVec[Answer]
//	answers.With(Answer{"h2", "5xx"}).Inc()
//
// Beyond its cap – 1000, or the field's tag `max:"…"` – all sets share one
// counter, whose labels say other. The zero value is ready; it must not be
// copied.
type CounterVec[L comparable] struct{ series series.Map[L, Counter] }

// With is the counter for l. Whoever counts often keeps it.
func (v *CounterVec[L]) With(l L) *Counter { return v.series.At(l) }

// Refused counts the lookups that the cap sent to other.
func (v *CounterVec[L]) Refused() uint64 { return v.series.Refused() }

// GaugeVec is one gauge for each set of labels, as CounterVec is of counters.
type GaugeVec[L comparable] struct{ series series.Map[L, Gauge] }

// With is the gauge for l.
func (v *GaugeVec[L]) With(l L) *Gauge { return v.series.At(l) }

// Refused counts the lookups that the cap sent to other.
func (v *GaugeVec[L]) Refused() uint64 { return v.series.Refused() }

// vec is a labelled variable as a Set holds it.
type vec interface {
	check() error
	limit(most int)
	counts() bool
	tell(to metric.Visitor)
	read() []labelled
}

func (v *CounterVec[L]) check() error   { return series.Check[L]() }
func (v *CounterVec[L]) limit(most int) { v.series.Max = most }
func (v *CounterVec[L]) counts() bool   { return true }

func (v *CounterVec[L]) tell(to metric.Visitor) {
	for _, s := range v.series.All() {
		to.Sample(s.Labels, float64(s.Value.Value()))
	}
}

func (v *CounterVec[L]) read() (all []labelled) {
	for _, s := range v.series.All() {
		all = append(all, labelled{s.Labels, int64(s.Value.Value())})
	}
	return all
}

func (v *GaugeVec[L]) check() error   { return series.Check[L]() }
func (v *GaugeVec[L]) limit(most int) { v.series.Max = most }
func (v *GaugeVec[L]) counts() bool   { return false }

func (v *GaugeVec[L]) tell(to metric.Visitor) {
	for _, s := range v.series.All() {
		to.Sample(s.Labels, float64(s.Value.Value()))
	}
}

func (v *GaugeVec[L]) read() (all []labelled) {
	for _, s := range v.series.All() {
		all = append(all, labelled{s.Labels, s.Value.Value()})
	}
	return all
}
