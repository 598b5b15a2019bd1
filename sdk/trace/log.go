package trace

import (
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// A log is of one connection, one peer, one partition: what it did last fits.
	logEvents = 100
	// A leak of objects must not be one of logs.
	maxLogs = 4096
)

// Log is the log of one long-lived object: its last hundred events. It is safe for
// use by many goroutines at once; a nil one keeps nothing.
type Log struct {
	tracer *Tracer
	family string
	title  string
	opened time.Time
	caller string // where it was opened, as file.go:12

	mu      sync.Mutex
	held    [logEvents]entry
	events  int
	errors  int
	errored time.Time // when the last error was
}

type entry struct {
	at    time.Time
	flags byte
	text  []byte
}

// logs are those that are open.
type logs struct {
	mu   sync.Mutex
	open map[*Log]struct{}
	full uint64 // opened and not listed
}

// Log opens the log of one object of a family. It is to be closed with the object.
func (t *Tracer) Log(family, title string) *Log {
	if t == nil {
		return nil
	}
	l := &Log{tracer: t, family: family, title: title, opened: time.Now()}
	if _, file, at, ok := runtime.Caller(1); ok {
		l.caller = filepath.Base(file) + ":" + strconv.Itoa(at)
	}
	t.logs.mu.Lock()
	defer t.logs.mu.Unlock()
	if t.logs.open == nil {
		t.logs.open = map[*Log]struct{}{}
	}
	if len(t.logs.open) >= maxLogs {
		t.logs.full++
		return l
	}
	t.logs.open[l] = struct{}{}
	return l
}

// Event writes down that something happened, with what belongs to it.
func (l *Log) Event(msg string, attrs ...slog.Attr) { l.add(0, msg, attrs) }

// Sensitive writes down an event that only those may see who may see sensitive
// things.
func (l *Log) Sensitive(msg string, attrs ...slog.Attr) { l.add(flagSensitive, msg, attrs) }

// Printf writes down an event.
func (l *Log) Printf(format string, args ...any) {
	if l != nil {
		l.add(0, fmt.Sprintf(format, args...), nil)
	}
}

// Errorf writes down what went wrong.
func (l *Log) Errorf(format string, args ...any) {
	if l != nil {
		l.add(flagFailure, fmt.Sprintf(format, args...), nil)
	}
}

// Close takes the log off the page.
func (l *Log) Close() {
	if l == nil {
		return
	}
	l.tracer.logs.mu.Lock()
	delete(l.tracer.logs.open, l)
	l.tracer.logs.mu.Unlock()
}

func (l *Log) add(flags byte, msg string, attrs []slog.Attr) {
	if l == nil {
		return
	}
	var room [128]byte
	text := appendText(room[:0], msg, attrs)
	text = text[:min(len(text), maxEventBytes)]
	now := time.Now()
	l.mu.Lock()
	e := &l.held[l.events%logEvents]
	e.at, e.flags, e.text = now, flags, append(e.text[:0], text...)
	l.events++
	if flags&flagFailure != 0 {
		l.errors++
		l.errored = now
	}
	l.mu.Unlock()
}

// LogView is a log as it is shown: a copy, which does not change.
type LogView struct {
	Family, Title string
	Opened        time.Time
	Caller        string // where it was opened
	Events        []Event
	Missing       int // older ones, forgotten
	Errors        int
	Errored       time.Time // when the last error was
}

// Logs copies the logs that are open, by family and age. Without events where only
// they are counted.
func (t *Tracer) Logs(family string, events bool) (views []LogView) {
	if t == nil {
		return nil
	}
	t.logs.mu.Lock()
	open := slices.Collect(maps.Keys(t.logs.open))
	t.logs.mu.Unlock()
	slices.SortFunc(open, func(a, b *Log) int {
		if byFamily := strings.Compare(a.family, b.family); byFamily != 0 {
			return byFamily
		}
		return a.opened.Compare(b.opened)
	})
	for _, l := range open {
		if family == "" || family == l.family {
			views = append(views, l.view(events))
		}
	}
	return views
}

func (l *Log) view(events bool) LogView {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := LogView{Family: l.family, Title: l.title, Opened: l.opened, Caller: l.caller, Errors: l.errors, Errored: l.errored}
	first := max(0, l.events-logEvents)
	v.Missing = first
	for i := first; events && i < l.events; i++ {
		e := &l.held[i%logEvents]
		v.Events = append(v.Events, Event{Elapsed: e.at.Sub(l.opened), Text: strings.ToValidUTF8(string(e.text), "\ufffd"),
			Sensitive: e.flags&flagSensitive != 0, Failure: e.flags&flagFailure != 0})
	}
	return v
}
