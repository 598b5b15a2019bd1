package trace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// FlightOptions of a recorder; only Dir has no default.
type FlightOptions struct {
	Dir      string        // where snapshots go; made where it is missing
	MaxBytes uint64        // held in memory; 16 MiB
	MinAge   time.Duration // how far back a snapshot reaches; 10 s
	Every    time.Duration // at most one snapshot in this time; 5 min
	Keep     int           // snapshots kept, older ones are removed; 8
	Report   func(error)   // told of failures; nil tells nobody
}

// Flight records what the scheduler, the collector and the goroutines of the
// process do, and writes the last seconds of it to a file when something went
// wrong: a panic, a slow trace, health that failed. `go tool trace` reads it.
// Go has one such recorder in a process.
type Flight struct {
	options  FlightOptions
	recorder *trace.FlightRecorder
	reasons  chan string
	dropped  atomic.Uint64

	mu   sync.Mutex
	last time.Time
	name string // of the last snapshot
}

const (
	flightBytes  = 16 << 20 // some seconds of a busy service
	flightAge    = 10 * time.Second
	flightEvery  = 5 * time.Minute // a bad hour makes a dozen files, not a full disk
	flightKeep   = 8
	flightPrefix = "flight-"
	flightSuffix = ".trace"
)

// OpenFlight starts recording. Close ends it.
func OpenFlight(o FlightOptions) (*Flight, error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = flightBytes
	}
	if o.MinAge <= 0 {
		o.MinAge = flightAge
	}
	if o.Every <= 0 {
		o.Every = flightEvery
	}
	if o.Keep <= 0 {
		o.Keep = flightKeep
	}
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("folder of flight recordings: %w", err)
	}
	f := &Flight{options: o, reasons: make(chan string, 1)}
	f.recorder = trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: o.MinAge, MaxBytes: o.MaxBytes})
	if err := f.recorder.Start(); err != nil {
		return nil, fmt.Errorf("start flight recorder: %w", err)
	}
	return f, nil
}

// Close stops recording.
func (f *Flight) Close() { f.recorder.Stop() }

// Trigger asks for a snapshot and does not wait for it: Run takes it. What comes
// while one is asked for is the same trouble, and dropped.
func (f *Flight) Trigger(reason string) {
	if f == nil {
		return
	}
	select {
	case f.reasons <- reason:
	default:
		f.dropped.Add(1)
	}
}

// Run takes the snapshots that are triggered, until ctx ends.
func (f *Flight) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case reason := <-f.reasons:
			if _, err := f.Snapshot(reason); err != nil && f.options.Report != nil {
				f.options.Report(err)
			}
		}
	}
}

// Last is the name of the newest snapshot, empty where there is none.
func (f *Flight) Last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.name
}

// Snapshot writes what is recorded to a file and tells its name; the name is empty
// where the last one is too young.
func (f *Flight) Snapshot(reason string) (name string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if !f.last.IsZero() && now.Sub(f.last) < f.options.Every {
		return "", nil
	}
	f.last = now // also where it fails: a full disk is not tried again at once
	name = flightPrefix + now.UTC().Format("20060102T150405.000Z") + "-" + fileText(reason) + flightSuffix
	if err := f.write(filepath.Join(f.options.Dir, name)); err != nil {
		return "", fmt.Errorf("flight recording %s: %w", name, err)
	}
	f.name = name
	return name, f.prune()
}

func (f *Flight) write(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	if _, err = f.recorder.WriteTo(file); err == nil {
		err = file.Close()
	} else {
		_ = file.Close()
	}
	if err != nil {
		_ = os.Remove(path) // half a recording cannot be read
	}
	return err
}

// prune removes all but the newest; their names sort by time.
func (f *Flight) prune() error {
	held, err := filepath.Glob(filepath.Join(f.options.Dir, flightPrefix+"*"+flightSuffix))
	if err != nil || len(held) <= f.options.Keep {
		return err
	}
	slices.Sort(held)
	for _, old := range held[:len(held)-f.options.Keep] {
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("remove an old flight recording: %w", err)
		}
	}
	return nil
}

// fileText makes a reason a part of a file's name.
func fileText(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, s)
	return s[:min(len(s), most)]
}
