// Package metric is how the numbers of a service are told to whoever asks: a
// Source tells them to a Visitor, family by family. Text is the visitor that
// writes what Prometheus reads; adapters are others.
//
//	# HELP proxy_req_served_total Requests served.
//	# TYPE proxy_req_served_total counter
//	proxy_req_served_total 42
//	│     │                └ value
//	│     └ family, base unit or _total at its end
//	└ prefix
//
// Telling allocates nothing: what a visitor is given is valid until it returns.
package metric

import "strings"

// Source has numbers to tell. It may be asked by several goroutines at once.
type Source interface {
	Metrics(to Visitor)
}

// Visitor is told the numbers of sources: a family, then its samples. It keeps
// nothing it is given beyond the call.
type Visitor interface {
	Family(Family)
	Sample(labels []Label, value float64)
	Histogram(labels []Label, h *Histogram)
}

// Kind of a family.
type Kind uint8

const (
	Gauge   Kind = iota // may go up and down
	Counter             // only grows, from zero at the start of the process
	Buckets             // a histogram
)

func (k Kind) String() string {
	switch k {
	case Counter:
		return "counter"
	case Buckets:
		return "histogram"
	}
	return "gauge"
}

// Family is what samples of one name share. The name of a counter has no _total:
// whoever writes it adds that.
type Family struct {
	Name string
	Help string
	Kind Kind
}

// Label tells series of one family apart.
type Label struct{ Name, Value string }

// Histogram counts observations by size. Counts has one more than Bounds: the
// last counts what is beyond every bound.
type Histogram struct {
	Bounds    []float64 // upper bounds, each included, ascending
	Counts    []uint64  // in each bucket alone, not added up
	Sum       float64
	Exemplars []Exemplar // none, or one for each bucket; a zero one says nothing
}

// Count is the number of observations.
func (h *Histogram) Count() (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Exemplar is one observation of a bucket whose trace can be looked at.
type Exemplar struct {
	Trace [16]byte
	Value float64
	Unix  float64 // when, in seconds
}

// Name makes a text fit to be the name of a family or label: lower case, and an
// underscore for whatever may not stand there.
func Name(s string) string {
	fit := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		}
		return '_'
	}
	s = strings.Map(fit, s)
	if s == "" || s[0] <= '9' {
		return "_" + s
	}
	return s
}
