package columnar

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
)

// state is how the store is: whether it takes lines, and what it has lost.
type state struct {
	mu       sync.Mutex
	looked   time.Time        // when the room on the volume was looked at
	full     error            // why no lines are taken
	log      error            // first damage of the log found at the start
	troubles map[string]error // by what is being tried, while it fails

	logHoles atomic.Int64 // damaged stretches of the log, which questions must tell
}

// What can be in trouble.
const (
	appending  = "append"
	sealing    = "seal"
	merging    = "merge"
	retaining  = "retain"
	preparing  = "make partitions ahead"
	ballasting = "lay its ballast"
	naming     = "forget names"
)

// note keeps how something went, and reports whether that has changed.
func (t *state) note(what string, err error) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.troubles == nil {
		t.troubles = map[string]error{}
	}
	before := text(t.troubles[what])
	if t.troubles[what] = err; err == nil {
		delete(t.troubles, what)
	}
	return before != text(err)
}

// lookEvery is how often the room on the volume is looked at: a disk that has
// room again is found within a second.
const lookEvery = time.Second

// admit says why no lines can be taken now, if that is so.
func (t *state) admit(s *Store) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.looked) >= lookEvery {
		t.looked = time.Now()
		t.full = s.roomFor()
	}
	return t.full
}

// roomFor says why there is no room for lines, if that is so.
func (s *Store) roomFor() error {
	space, err := s.fs.Free(s.dir)
	if err != nil || space.Total <= 0 {
		return nil // not to know is no reason to refuse
	}
	reserve := min(s.opts.ReserveBytes, int64(float64(space.Total)*reserveShare))
	if space.Free >= reserve {
		return nil
	}
	return fault.New(fault.Busy, "the disk that holds %s is full: %d bytes are free, and the last %d are kept for questions and clean-up", s.dir, space.Free, reserve)
}

// busy is what an append is told when rows cannot be sealed: when the store
// can seal again, it can take rows again.
func busy(err error) error {
	if disk.Full(err) {
		return fault.Wrap(fault.Busy, err, "the disk is full")
	}
	return fault.Wrap(fault.Busy, err, "rows wait to be sealed and cannot be")
}

func (t *state) logDamaged(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.log == nil {
		t.log = err
	}
	t.logHoles.Add(1)
}

// counts are what the store has done since it was opened.
type counts struct {
	seals, merges, drops, damaged, refused atomic.Int64
}

// Component is the state of one part of the store.
type Component struct {
	Name   string
	Ready  bool
	Reason string // why it is not ready, or what an operator should know
}

// Health says how the store is: its log, its parts, its disk.
func (s *Store) Health() []Component {
	t := &s.state
	full := t.admit(s)
	t.mu.Lock()
	defer t.mu.Unlock()
	trouble := t.troubles[appending]
	wal := Component{Name: "wal", Ready: trouble == nil, Reason: text(trouble)}
	if fault.Is(trouble, fault.Busy) && full == nil { // there was no room, now there is: whoever waits for ready may send
		wal = Component{Name: "wal", Ready: true}
	}
	if wal.Ready && t.log != nil {
		wal.Reason = fmt.Sprintf("some rows were lost when the log was read back: %v", t.log)
	}
	parts := Component{Name: "parts", Ready: t.troubles[sealing] == nil, Reason: text(t.troubles[sealing])}
	if n := s.counts.damaged.Load(); n > 0 && parts.Ready {
		parts.Reason = fmt.Sprintf("%d damaged row groups or parts were met; answers that would need them are marked partial", n)
	}
	return []Component{wal, parts, {Name: "disk", Ready: full == nil, Reason: text(full)}}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Reading is one number about the store.
type Reading struct {
	Name  string
	Help  string
	Type  string // counter or gauge
	Value float64
}

// Readings are the numbers about the store as a whole.
func (s *Store) Readings() []Reading {
	parts, partitions, buffered := 0, 0, int64(0)
	s.mu.RLock()
	for _, f := range s.shelves {
		partitions += len(f.partitions)
		for _, p := range f.partitions {
			parts += len(p.parts)
		}
	}
	buffered = s.buffered
	s.mu.RUnlock()
	return append(s.names.readings(s.opts.Now().UnixNano()), []Reading{
		{"parts", "parts on disk", "gauge", float64(parts)},
		{"partitions", "partitions, those without parts included", "gauge", float64(partitions)},
		{"buffered_bytes", "memory of rows that are in no part yet", "gauge", float64(buffered)},
		{"wal_bytes", "room the log takes", "gauge", float64(s.wal.Size())},
		{"cache_bytes", "memory of what was read of parts", "gauge", float64(s.cache.Bytes())},
		{"partials_bytes", "memory of what aggregates came to in parts", "gauge", float64(s.partials.size())},
		{"seals_total", "parts made of buffers", "counter", float64(s.counts.seals.Load())},
		{"merges_total", "parts made of smaller ones", "counter", float64(s.counts.merges.Load())},
		{"drops_total", "partitions dropped by retention", "counter", float64(s.counts.drops.Load())},
		{"refused_total", "appends refused because the disk, or the memory for rows, was full", "counter", float64(s.counts.refused.Load())},
		{"damaged_total", "damaged row groups and parts met", "counter", float64(s.counts.damaged.Load())},
	}...)
}
