package query_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar"
)

// specStages are all the ways in which the specification must hold.
func specStages() []specStage {
	return []specStage{
		memoryStage(),
		columnarStage("columnar, in the buffer", func(t *testing.T, s *columnarStore) {}),
		columnarStage("columnar, sealed batch by batch", func(t *testing.T, s *columnarStore) { s.sealEach = true }),
		columnarStage("columnar, merged", func(t *testing.T, s *columnarStore) { s.atRest = s.flush }),
		columnarStage("columnar, restarted", func(t *testing.T, s *columnarStore) { s.atRest = s.restart }),
	}
}

// columnarStore is the embedded engine on a disk in memory.
type columnarStore struct {
	*columnar.Store
	disk     *disk.Mem
	sealEach bool             // each batch becomes a part of its own
	atRest   func(*testing.T) // is done when all batches are in
}

func columnarStage(name string, set func(*testing.T, *columnarStore)) specStage {
	return specStage{name, func(t *testing.T, batches []*row.Batch) specStore {
		s := &columnarStore{disk: disk.Memory()}
		set(t, s)
		s.open(t)
		for _, b := range batches {
			if err := s.Append(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if s.sealEach {
				s.flush(t)
			}
		}
		if s.atRest != nil {
			s.atRest(t)
		}
		t.Cleanup(func() { _ = s.Store.Close() })
		return s
	}}
}

func (s *columnarStore) open(t *testing.T) {
	t.Helper()
	var err error
	s.Store, err = columnar.Open(s.disk, "data", columnar.Options{
		Dataset: specDataset, Now: func() time.Time { return specNow }, LogSegmentBytes: 16 << 10, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *columnarStore) flush(t *testing.T) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *columnarStore) restart(t *testing.T) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.open(t)
}

// Append takes one batch, as the specification gives them.
func (s *columnarStore) Append(ctx context.Context, b *row.Batch) error {
	return s.Store.Append(ctx, b)
}
