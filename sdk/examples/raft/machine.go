package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

// command is what the log replicates.
type command struct {
	Op    string `json:"op"` // set or delete
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

type opLabel struct{ Op string }

// machine is the state that every node makes of the log, in the same order.
type machine struct {
	log     *trace.Log
	applied *status.CounterVec[opLabel]
	persist *delay.Counter // snapshots

	mu   sync.RWMutex
	keys map[string]string
}

func (m *machine) get(key string) (string, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.keys[key]
	return v, ok
}

func (m *machine) len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.keys)
}

// Apply implements raft.FSM.
func (m *machine) Apply(entry *raft.Log) any {
	var c command
	if err := json.Unmarshal(entry.Data, &c); err != nil {
		m.log.Errorf("entry %d is no command: %v", entry.Index, err)
		return fmt.Errorf("entry %d: %w", entry.Index, err)
	}
	m.applied.With(opLabel{c.Op}).Inc()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch c.Op {
	case "set":
		m.keys[c.Key] = c.Value
	case "delete":
		delete(m.keys, c.Key)
	default:
		return fmt.Errorf("entry %d: nobody knows how to %s", entry.Index, c.Op)
	}
	return nil
}

// Snapshot implements raft.FSM.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	m.log.Printf("snapshot of %d keys", len(m.keys))
	return &snapshot{keys: maps.Clone(m.keys), took: m.persist}, nil
}

// Restore implements raft.FSM.
func (m *machine) Restore(from io.ReadCloser) error {
	defer from.Close()
	keys := map[string]string{}
	if err := json.NewDecoder(from).Decode(&keys); err != nil {
		m.log.Errorf("restore: %v", err)
		return fmt.Errorf("restore: %w", err)
	}
	m.log.Printf("restored %d keys", len(keys))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys = keys
	return nil
}

// snapshot is the state at one moment.
type snapshot struct {
	keys map[string]string
	took *delay.Counter
}

// Persist implements raft.FSMSnapshot.
func (s *snapshot) Persist(to raft.SnapshotSink) error {
	defer s.took.Since(time.Now())
	if err := json.NewEncoder(to).Encode(s.keys); err != nil {
		return errors.Join(fmt.Errorf("persist: %w", err), to.Cancel())
	}
	return to.Close()
}

// Release implements raft.FSMSnapshot.
func (s *snapshot) Release() {}
