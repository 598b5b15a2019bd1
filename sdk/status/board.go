package status

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
)

// Member is what a Board keeps time for: a Set, or a delay counter. Roll closes
// the window that lies beyond, and tells when the next one closes; Notice says
// what the window held.
type Member interface {
	metric.Source
	Roll(now time.Time) (next time.Time, closed bool)
	Notice(w *notice.Writer)
}

// Board keeps the time of all sets of a service by one clock, and says their
// windows as notices. It is safe for use by many goroutines at once.
type Board struct {
	writer *notice.Writer
	now    func() time.Time
	joined chan struct{} // a member came: the next window may close sooner

	mu      sync.Mutex
	members []Member
	names   map[string]struct{}
}

// NewBoard makes a Board that says each window to w, which may be nil; a nil now
// is time.Now.
func NewBoard(w *notice.Writer, now func() time.Time) *Board {
	if now == nil {
		now = time.Now
	}
	return &Board{writer: w, now: now, joined: make(chan struct{}, 1), names: map[string]struct{}{}}
}

// Join takes a member in. A set with a variable that has the full name of
// another's is refused, for a page cannot tell both.
func (b *Board) Join(m Member) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s, ok := m.(*Set); ok {
		names := s.names()
		for _, name := range names {
			if _, held := b.names[name]; held {
				return fmt.Errorf("status %s: another set has a variable %s", s.prefix, name)
			}
		}
		for _, name := range names {
			b.names[name] = struct{}{}
		}
	}
	b.members = append(b.members, m)
	select {
	case b.joined <- struct{}{}:
	default: // told already
	}
	return nil
}

// Members are those who joined, in order.
func (b *Board) Members() []Member {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.members[:len(b.members):len(b.members)]
}

// Metrics implements metric.Source.
func (b *Board) Metrics(to metric.Visitor) {
	for _, m := range b.Members() {
		m.Metrics(to)
	}
}

// Run closes windows as they end, until ctx does.
func (b *Board) Run(ctx context.Context) {
	const idle = time.Hour // no member, nothing to close
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.joined:
		case <-timer.C:
		}
		now := b.now()
		wake := now.Add(idle)
		for _, m := range b.Members() {
			next, closed := m.Roll(now)
			if closed {
				m.Notice(b.writer)
			}
			if next.Before(wake) {
				wake = next
			}
		}
		timer.Reset(wake.Sub(now))
	}
}

// Notice implements Member: one notice of kind status with every variable, the
// counters also by how much they grew, and one of kind series for each set of
// labels whose counter grew or whose gauge is not zero.
func (s *Set) Notice(w *notice.Writer) {
	s.window.Lock()
	all, diff := s.last, s.diff
	s.window.Unlock()
	set := strings.ToLower(s.prefix)
	fields := []slog.Attr{slog.String("set", set), slog.Duration("window", diff.To.Sub(diff.From))}
	for i := range all.values {
		v, field := &all.values[i], all.variables[i].field
		switch all.variables[i].holds.(type) {
		case vec:
			noticeSeries(w, set, &all.variables[i], v, &diff.values[i])
		case *Counter:
			fields = append(fields, slog.Int64(field, v.n), slog.Int64(field+"_diff", diff.values[i].n))
		case *State:
			fields = append(fields, slog.String(field, v.text))
		case *Level:
			fields = append(fields, slog.Float64(field, v.level))
		default:
			fields = append(fields, slog.Int64(field, v.n))
		}
	}
	w.Say("status", "status "+set, fields...)
}

func noticeSeries(w *notice.Writer, set string, v *variable, all, diff *value) {
	for j, one := range all.series {
		counts := v.family.Kind == metric.Counter
		if grown := diff.series[j].n; counts && grown == 0 || one.n == 0 {
			continue
		}
		fields := []slog.Attr{slog.String("set", set)}
		for _, l := range one.labels {
			fields = append(fields, slog.String(l.Name, l.Value))
		}
		fields = append(fields, slog.Int64(v.field, one.n))
		if counts {
			fields = append(fields, slog.Int64(v.field+"_diff", diff.series[j].n))
		}
		w.Say("series", "series "+set+" "+v.field, fields...)
	}
}
