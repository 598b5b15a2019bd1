package delay

import (
	"time"

	"github.com/plumbline/plumbline/sdk/internal/series"
	"github.com/plumbline/plumbline/sdk/metric"
)

// Vec is one histogram for each set of labels, a struct of texts, whole numbers
// and truths. Its cycles are not kept: ask the store that scrapes it.
//
//	type Route struct{ Method, Path string }
//	routes, err := delay.NewVec[Route]("route", 0, delay.Options{})
//	routes.With(Route{"GET", "/"}).Since(start)
type Vec[L comparable] struct {
	options Options
	family  metric.Family
	name    string
	series  series.Map[L, series.Once[Counter]]
}

// NewVec makes a Vec of at most most series, or 1000 where most is 0; all others
// share one, whose labels say other. Labels that cannot be told are an error.
func NewVec[L comparable](name string, most int, o Options) (*Vec[L], error) {
	if err := series.Check[L](); err != nil {
		return nil, err
	}
	v := &Vec[L]{name: name, options: o, family: metric.Family{Name: metric.Name(name) + "_seconds", Help: o.Help, Kind: metric.Buckets}}
	v.series.Max = most
	return v, nil
}

// With is the counter for l. Whoever counts often keeps it.
func (v *Vec[L]) With(l L) *Counter {
	return v.series.At(l).Do(func() *Counter { return New(v.name, v.options) })
}

// Since counts the time since start for l.
func (v *Vec[L]) Since(l L, start time.Time) { v.With(l).Add(time.Since(start)) }

// Refused counts the lookups that the cap sent to other.
func (v *Vec[L]) Refused() uint64 { return v.series.Refused() }

// Metrics implements metric.Source.
func (v *Vec[L]) Metrics(to metric.Visitor) {
	to.Family(v.family)
	for _, s := range v.series.All() {
		if c := s.Value.Load(); c != nil {
			c.Tell(s.Labels, to)
		}
	}
}
