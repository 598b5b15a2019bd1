package status

import (
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
)

// Kinds of snapshot.
const (
	Total = "total" // what every variable is
	Delta = "delta" // by how much the counters grew
)

// Snapshot is the variables of a set at one moment, or their growth over one
// window. It does not change.
type Snapshot struct {
	Prefix   string
	Kind     string // Total or Delta
	From, To time.Time

	variables []variable
	values    []value // as many, or fewer where variables came later
}

// value is what one variable was.
type value struct {
	n      int64
	level  float64
	text   string
	series []labelled
}

type labelled struct {
	labels []metric.Label
	n      int64
}

func read(holds any) (v value) {
	switch h := holds.(type) {
	case *Counter:
		v.n = int64(h.Value())
	case *Gauge:
		v.n = h.Value()
	case *Level:
		v.level = h.Value()
	case Func:
		v.n = h()
	case *State:
		v.text = h.Value()
	case vec:
		v.series = h.read()
	}
	return v
}

// minus is the growth since an earlier snapshot of the same set: counters only,
// as gauges and states have none.
func (s Snapshot) minus(earlier Snapshot) Snapshot {
	diff := Snapshot{Prefix: s.Prefix + "_diff", Kind: Delta, From: earlier.To, To: s.To,
		variables: s.variables, values: make([]value, len(s.values))}
	for i := range s.values {
		var before value // zero for what came since
		if i < len(earlier.values) {
			before = earlier.values[i]
		}
		diff.values[i] = s.values[i].minus(before)
	}
	return diff
}

func (v value) minus(before value) value {
	d := value{n: v.n - before.n}
	for i, s := range v.series { // series, too, are only ever appended to
		if i < len(before.series) {
			s.n -= before.series[i].n
		}
		d.series = append(d.series, s)
	}
	return d
}

// Counter is the value of a counter by its name, such as REQ_SERVED: its total,
// or its growth.
func (s Snapshot) Counter(name string) (int64, bool) {
	v, ok := s.find(name, metric.Counter)
	return v.n, ok
}

// Gauge is the value of a gauge by its name.
func (s Snapshot) Gauge(name string) (int64, bool) {
	v, ok := s.find(name, metric.Gauge)
	return v.n, ok
}

// State is the value of a state by its name.
func (s Snapshot) State(name string) (string, bool) {
	v, ok := s.find(name, metric.Gauge)
	return v.text, ok
}

func (s Snapshot) find(name string, kind metric.Kind) (value, bool) {
	for i := range s.values {
		if s.variables[i].name == name && s.variables[i].family.Kind == kind && s.tells(i) {
			return s.values[i], true
		}
	}
	return value{}, false
}

// tells whether the snapshot has something to say of its i-th variable: a Delta
// has not of what is no counter.
func (s Snapshot) tells(i int) bool {
	return s.Kind == Total || s.variables[i].family.Kind == metric.Counter
}
