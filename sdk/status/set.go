package status

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
)

// Set is the variables of one part of a service, under one prefix. It is safe for
// use by many goroutines at once.
type Set struct {
	prefix string
	spell  func(string) string
	every  time.Duration
	now    func() time.Time

	mu     sync.RWMutex
	held   []variable     // only ever appended to
	byName map[string]int // its places

	window sync.Mutex
	last   Snapshot // at the start of the window that is open
	diff   Snapshot // of the last one that closed

	reading sync.Mutex // one visitor at a time, for the label below
	state   [1]metric.Label
}

// Options of a set; the zero value is ready for use.
type Options struct {
	Every time.Duration             // length of the windows that Diff tells of; 20 s
	Spell func(field string) string // Words, or Capitals as BFE spells
	Now   func() time.Time          // time.Now
}

// defaultEvery is BFE's: long enough for a rate to mean something, short enough
// that a graph shows a spike.
const defaultEvery = 20 * time.Second

// New makes a set of the variables that are fields of vars, a pointer to a
// struct. A nil vars makes one whose variables are all made by name. The prefix
// stands before the names: PROXY_STATE_CON_ACTIVE. What is neither a variable nor
// a struct of variables is an error.
func New(prefix string, vars any, o Options) (*Set, error) {
	s := &Set{prefix: prefix, spell: o.Spell, every: o.Every, now: o.Now, byName: map[string]int{}}
	s.state[0].Name = "state"
	if s.spell == nil {
		s.spell = Words
	}
	if s.every <= 0 {
		s.every = defaultEvery
	}
	if s.now == nil {
		s.now = time.Now
	}
	if vars != nil {
		found, err := variables(vars, s.spell)
		if err != nil {
			return nil, fmt.Errorf("status %s: %w", prefix, err)
		}
		for _, v := range found {
			if _, twice := s.byName[v.name]; twice {
				return nil, fmt.Errorf("status %s: two variables are named %s", prefix, v.name)
			}
			s.hold(v)
		}
	}
	s.last = s.All()
	s.diff = s.last.minus(s.last) // nothing grew yet
	return s, nil
}

// Prefix of the set.
func (s *Set) Prefix() string { return s.prefix }

// hold takes v in; the caller holds the lock, or is New.
func (s *Set) hold(v variable) {
	v.field = metric.Name(v.name)
	v.family.Name = metric.Name(v.name)
	if s.prefix != "" {
		v.family.Name = metric.Name(s.prefix) + "_" + v.field
	}
	v.family.Kind = kindOf(v.holds)
	s.byName[v.name] = len(s.held)
	s.held = append(s.held, v)
}

// Counter is the counter of that name, spelt like a field, and made where there
// is none. Where a variable of another kind has the name it is nil, and counts
// nothing.
func (s *Set) Counter(name string) *Counter {
	return named(s, name, func() *Counter { return new(Counter) })
}

// Gauge is the gauge of that name, as Counter is the counter.
func (s *Set) Gauge(name string) *Gauge { return named(s, name, func() *Gauge { return new(Gauge) }) }

// State is the state of that name, as Counter is the counter.
func (s *Set) State(name string) *State { return named(s, name, func() *State { return new(State) }) }

// Func adds a gauge that is asked for when it is read. It tells whether the name
// was free.
func (s *Set) Func(name string, read Func) bool {
	added := false
	named(s, name, func() Func { added = true; return read })
	return added
}

func named[T any](s *Set, name string, make func() T) T {
	key := s.spell(name)
	s.mu.RLock()
	at, held := s.byName[key]
	if held {
		one, _ := s.held[at].holds.(T)
		s.mu.RUnlock()
		return one
	}
	s.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, held := s.byName[key]; held {
		one, _ := s.held[at].holds.(T)
		return one
	}
	one := make()
	s.hold(variable{name: key, holds: one})
	return one
}

// All is every variable as it is now.
func (s *Set) All() Snapshot {
	s.mu.RLock()
	held := s.held[:len(s.held):len(s.held)]
	s.mu.RUnlock()
	snapshot := Snapshot{Prefix: s.prefix, Kind: Total, To: s.now(), variables: held, values: make([]value, len(held))}
	for i := range held {
		snapshot.values[i] = read(held[i].holds)
	}
	return snapshot
}

// Diff is by how much the counters grew in the last whole window.
func (s *Set) Diff() Snapshot {
	s.Roll(s.now()) // where nobody runs a Board, windows close when they are asked for
	s.window.Lock()
	defer s.window.Unlock()
	return s.diff
}

// Roll implements Member: it closes the window that now lies beyond, and tells when
// the next one closes.
func (s *Set) Roll(now time.Time) (next time.Time, closed bool) {
	s.window.Lock()
	defer s.window.Unlock()
	ends := s.last.To.Truncate(s.every).Add(s.every)
	if now.Before(ends) {
		return ends, false
	}
	all := s.All()
	s.diff = all.minus(s.last)
	s.last = all
	return now.Truncate(s.every).Add(s.every), true
}

// Metrics implements metric.Source.
func (s *Set) Metrics(to metric.Visitor) {
	s.mu.RLock()
	held := s.held[:len(s.held):len(s.held)]
	s.mu.RUnlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	for i := range held {
		s.tell(&held[i], to)
	}
}

func (s *Set) tell(v *variable, to metric.Visitor) {
	to.Family(v.family)
	switch h := v.holds.(type) {
	case *Counter:
		to.Sample(nil, float64(h.Value()))
	case *Gauge:
		to.Sample(nil, float64(h.Value()))
	case *Level:
		to.Sample(nil, h.Value())
	case Func:
		to.Sample(nil, float64(h()))
	case *State:
		s.state[0].Value = h.Value()
		to.Sample(s.state[:], 1)
	case vec:
		h.tell(to)
	}
}

// names are those of the families a set tells.
func (s *Set) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.held))
	for i := range s.held {
		names = append(names, s.held[i].family.Name)
	}
	return slices.Clip(names)
}
