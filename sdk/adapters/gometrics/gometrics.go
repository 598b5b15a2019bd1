// Package gometrics takes the metrics of libraries that use hashicorp/go-metrics –
// raft, serf, memberlist, Consul's and Nomad's clients – into the SDK.
//
//	sink := gometrics.New(0)
//	metrics.NewGlobal(metrics.DefaultConfig("shop"), sink)
//	monitor.Metrics(sink)
//
// A key of raft.fsm.apply is the family raft_fsm_apply. Counters are counters,
// gauges gauges, and samples, which these libraries give in milliseconds,
// histograms in seconds.
package gometrics

import (
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	metrics "github.com/hashicorp/go-metrics"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/metric"
)

// defaultMax is the number of series where New is given none: raft, serf and Consul
// together have some hundreds.
const defaultMax = 2000

// Sink is a sink of go-metrics and a source of the SDK. It is safe for use by many
// goroutines at once.
type Sink struct {
	max     int
	refused atomic.Uint64
	seed    maphash.Seed

	mu       sync.RWMutex
	byKey    map[uint64]*series // by a hash of kind, key and labels
	families []*family          // in the order they came
	byName   map[string]*family
}

type kind uint8

const (
	gauge kind = iota
	counter
	sample
)

// family is the series of one name and kind.
type family struct {
	metric.Family
	kind   kind
	series []*series
}

// series is one value under its labels.
type series struct {
	labels []metric.Label
	key    string        // kind, key and labels, to tell equal hashes apart
	bits   atomic.Uint64 // of a float64
	delay  *delay.Counter
}

var (
	_ metrics.MetricSink               = (*Sink)(nil)
	_ metrics.PrecisionGaugeMetricSink = (*Sink)(nil)
	_ metric.Source                    = (*Sink)(nil)
)

// New makes a sink of at most most series; 0 is 2000. What comes beyond is counted
// by Refused and dropped.
func New(most int) *Sink {
	if most <= 0 {
		most = defaultMax
	}
	return &Sink{max: most, seed: maphash.MakeSeed(), byKey: map[uint64]*series{}, byName: map[string]*family{}}
}

// Refused counts what found no place.
func (s *Sink) Refused() uint64 { return s.refused.Load() }

// SetGauge implements metrics.MetricSink, as do the others below.
func (s *Sink) SetGauge(key []string, v float32) { s.SetPrecisionGaugeWithLabels(key, float64(v), nil) }

func (s *Sink) SetGaugeWithLabels(key []string, v float32, labels []metrics.Label) {
	s.SetPrecisionGaugeWithLabels(key, float64(v), labels)
}

func (s *Sink) SetPrecisionGauge(key []string, v float64) { s.SetPrecisionGaugeWithLabels(key, v, nil) }

func (s *Sink) SetPrecisionGaugeWithLabels(key []string, v float64, labels []metrics.Label) {
	if one := s.at(gauge, key, labels); one != nil {
		one.bits.Store(math.Float64bits(v))
	}
}

// EmitKey keeps the last value.
func (s *Sink) EmitKey(key []string, v float32) { s.SetGauge(key, v) }

func (s *Sink) IncrCounter(key []string, v float32) { s.IncrCounterWithLabels(key, v, nil) }

// IncrCounterWithLabels adds as a float64, so that a counter goes on counting where
// a float32 stops, at 16 million.
func (s *Sink) IncrCounterWithLabels(key []string, v float32, labels []metrics.Label) {
	one := s.at(counter, key, labels)
	if one == nil || !(v >= 0) { // a counter never falls
		return
	}
	for {
		old := one.bits.Load()
		if one.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+float64(v))) {
			return
		}
	}
}

func (s *Sink) AddSample(key []string, v float32) { s.AddSampleWithLabels(key, v, nil) }

func (s *Sink) AddSampleWithLabels(key []string, v float32, labels []metrics.Label) {
	if one := s.at(sample, key, labels); one != nil {
		one.delay.Add(time.Duration(float64(v) * float64(time.Millisecond)))
	}
}

// at is the series of a key; nil where there is no place for it.
func (s *Sink) at(k kind, key []string, labels []metrics.Label) *series {
	var room [256]byte
	full := append(room[:0], byte(k))
	for _, part := range key {
		full = append(append(full, part...), 0)
	}
	for _, l := range labels {
		full = append(append(append(append(full, 1), l.Name...), 0), l.Value...)
	}
	hash := maphash.Bytes(s.seed, full)
	s.mu.RLock()
	one := s.byKey[hash]
	s.mu.RUnlock()
	switch {
	case one == nil:
		return s.add(hash, string(full), k, key, labels)
	case one.key != string(full): // one hash for two: the later one has no place
		s.refused.Add(1)
		return nil
	}
	return one
}

func (s *Sink) add(hash uint64, full string, k kind, key []string, labels []metrics.Label) *series {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.byKey[hash]; one != nil && one.key == full {
		return one
	}
	name := metric.Name(strings.Join(key, "_"))
	f := s.byName[name]
	if len(s.byKey) >= s.max || f != nil && f.kind != k {
		s.refused.Add(1)
		return nil
	}
	own := make([]metric.Label, 0, len(labels))
	for _, l := range labels {
		own = append(own, metric.Label{Name: metric.Name(l.Name), Value: strings.ToValidUTF8(l.Value, "\ufffd")})
	}
	slices.SortStableFunc(own, func(a, b metric.Label) int { return strings.Compare(a.Name, b.Name) })
	if f == nil {
		f = s.open(name, k)
	}
	for _, held := range f.series { // spelt in another way, told the same
		if slices.Equal(held.labels, own) {
			s.refused.Add(1)
			return nil
		}
	}
	one := &series{key: full, labels: own}
	if k == sample {
		one.delay = delay.New(name, delay.Options{Labels: own})
	}
	s.byKey[hash] = one
	f.series = append(f.series, one)
	return one
}

// open makes the family of a name; the caller holds the lock.
func (s *Sink) open(name string, k kind) *family {
	f := &family{kind: k, Family: metric.Family{Name: name}}
	switch k {
	case counter:
		f.Kind = metric.Counter
	case sample:
		f.Kind = metric.Buckets
		f.Name += "_seconds"
	}
	s.byName[name] = f
	s.families = append(s.families, f)
	return f
}

// Metrics implements metric.Source.
func (s *Sink) Metrics(to metric.Visitor) {
	s.mu.RLock()
	families := make([]family, len(s.families))
	for i, f := range s.families {
		families[i] = *f // its series are only ever appended to
	}
	s.mu.RUnlock()
	for i := range families {
		f := &families[i]
		if f.kind != sample {
			to.Family(f.Family)
		}
		for _, one := range f.series {
			if f.kind == sample {
				one.delay.Metrics(once{to, one == f.series[0]})
				continue
			}
			to.Sample(one.labels, math.Float64frombits(one.bits.Load()))
		}
	}
}

// once lets the first of several counters of one family name it.
type once struct {
	metric.Visitor
	first bool
}

func (o once) Family(f metric.Family) {
	if o.first {
		o.Visitor.Family(f)
	}
}
