package status

import (
	"math"
	"sync/atomic"
)

// Gauge is a whole number that goes up and down, of 64 bits on every platform.
// The zero value is ready; a gauge must not be copied. A nil gauge holds nothing.
type Gauge struct{ n atomic.Int64 }

// Set makes it v.
func (g *Gauge) Set(v int64) {
	if g != nil {
		g.n.Store(v)
	}
}

// Add makes it n more, or less where n is negative.
func (g *Gauge) Add(n int64) {
	if g != nil {
		g.n.Add(n)
	}
}

// Inc makes it one more.
func (g *Gauge) Inc() { g.Add(1) }

// Dec makes it one less.
func (g *Gauge) Dec() { g.Add(-1) }

// Value is what it is now.
func (g *Gauge) Value() int64 {
	if g == nil {
		return 0
	}
	return g.n.Load()
}

// Level is a gauge of numbers with decimals. The zero value is ready; a level
// must not be copied. A nil level holds nothing.
type Level struct{ bits atomic.Uint64 }

// Set makes it v.
func (l *Level) Set(v float64) {
	if l != nil {
		l.bits.Store(math.Float64bits(v))
	}
}

// Value is what it is now.
func (l *Level) Value() float64 {
	if l == nil {
		return 0
	}
	return math.Float64frombits(l.bits.Load())
}

// State is a word that says how something is: a version, a role, a mode. The
// zero value is ready, and empty; a state must not be copied. A nil state holds
// nothing.
type State struct{ text atomic.Pointer[string] }

// Set makes it text. Setting what it is already costs no memory.
func (s *State) Set(text string) {
	if s == nil {
		return
	}
	if held := s.text.Load(); held == nil || *held != text {
		s.text.Store(&text)
	}
}

// Value is what it is now.
func (s *State) Value() string {
	if s == nil {
		return ""
	}
	if held := s.text.Load(); held != nil {
		return *held
	}
	return ""
}
