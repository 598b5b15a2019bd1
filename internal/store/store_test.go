package store_test

import (
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store"
)

// The chosen store serves whoever takes lines and whoever asks.
var (
	_ intake.Store = (*store.Store)(nil)
	_ query.Source = (*store.Store)(nil)
)

func TestOpen(t *testing.T) {
	if _, err := store.Open(disk.Memory(), "data", store.Options{Kind: "paper"}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("an unknown store: %v", err)
	}
	s, err := store.Open(disk.Memory(), "data", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := row.NewBuilder("app")
	b.Begin(1)
	if err := s.Append(t.Context(), b.Batch()); err != nil {
		t.Fatal(err)
	}
	if x := s.Extents(nil); len(x) != 1 || x[0].Rows != 1 {
		t.Fatalf("%+v", x)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
