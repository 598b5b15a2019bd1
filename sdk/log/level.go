package log

import (
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Levels are the levels of a program's loggers. A logger's name is a path,
// store.cache; where it has no level of its own it has that of store, and where
// that has none the program's.
type Levels struct {
	base slog.Leveler

	mu    sync.Mutex
	named map[string]*Level // "" is the program
}

// Level is that of one logger, read with one atomic load. It is a slog.Leveler.
type Level struct {
	base  slog.Leveler
	holds atomic.Int64 // what applies, unset where the program's own level does

	// Under the lock of Levels:
	set   int64     // by somebody, unset where nobody did
	until time.Time // the set level ends, zero where it does not
	timer *time.Timer
}

// maxLoggers bounds a program that names loggers after data; one beyond it keeps
// the level it found.
const maxLoggers = 4096

// unset is no level.
const unset = math.MinInt64

// NewLevels makes levels over the one a program starts with, which may change by
// itself, as a slog.LevelVar does.
func NewLevels(base slog.Leveler) *Levels {
	s := &Levels{base: base, named: map[string]*Level{}}
	s.Of("")
	return s
}

// Level implements slog.Leveler.
func (l *Level) Level() slog.Level {
	if v := l.holds.Load(); v != unset {
		return slog.Level(v)
	}
	return l.base.Level()
}

// Of is the level of a logger.
func (s *Levels) Of(name string) *Level {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of(name)
}

func (s *Levels) of(name string) *Level {
	if l := s.named[name]; l != nil {
		return l
	}
	l := &Level{base: s.base, set: unset}
	if len(s.named) < maxLoggers {
		s.named[name] = l
	}
	l.holds.Store(s.inherited(name))
	return l
}

// inherited is what applies to a name: its own level, or that of the nearest
// above it.
func (s *Levels) inherited(name string) int64 {
	for {
		if l := s.named[name]; l != nil && l.set != unset {
			return l.set
		}
		if name == "" {
			return unset
		}
		name = name[:max(strings.LastIndexByte(name, '.'), 0)]
	}
}

// Set gives a logger a level, "" the program; for a while, where that is not zero.
func (s *Levels) Set(name string, level slog.Level, while time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.of(name)
	l.stop()
	l.set = int64(level)
	if while > 0 {
		l.until = time.Now().Add(while)
		l.timer = time.AfterFunc(while, func() { s.expire(name, l) })
	}
	s.settle()
}

// Reset takes the level of a logger back.
func (s *Levels) Reset(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.named[name]; l != nil {
		l.stop()
		l.set = unset
		s.settle()
	}
}

// Level is what applies to a logger.
func (s *Levels) Level(name string) slog.Level {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.inherited(name); v != unset {
		return slog.Level(v)
	}
	return s.base.Level()
}

func (s *Levels) expire(name string, l *Level) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !l.until.IsZero() && !time.Now().Before(l.until) {
		l.stop()
		l.set = unset
		s.settle()
	}
}

func (l *Level) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer, l.until = nil, time.Time{}
}

// settle tells every logger what applies to it now.
func (s *Levels) settle() {
	for name, l := range s.named {
		l.holds.Store(s.inherited(name))
	}
}

// setting is a level that somebody set.
type setting struct {
	name  string
	level slog.Level
	left  time.Duration // 0: for good
}

// settings are the levels that were set, by name; the program's is not among
// them.
func (s *Levels) settings() (all []setting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.named)) {
		l := s.named[name]
		if l.set == unset || name == "" {
			continue
		}
		var left time.Duration
		if !l.until.IsZero() {
			left = max(time.Until(l.until), time.Second)
		}
		all = append(all, setting{name, slog.Level(l.set), left})
	}
	return all
}
