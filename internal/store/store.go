// Package store opens the store that the configuration chooses.
package store

import (
	"io"
	"log/slog"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/store/columnar"
)

// Options say which store it is and what all of them need.
type Options struct {
	Kind        string                            // "columnar", the embedded engine, when empty
	Dataset     func(name string) dataset.Dataset // how a dataset is declared now; nil: defaults
	Now         func() time.Time                  // time.Now when nil
	MemoryBytes int64                             // of rows that are not on their final place yet; 0: the store's default
	CacheBytes  int64                             // kept of what was read; 0: the store's default
	DiskShare   float64                           // of the volume, that the store may take; 0: the store's default
	Busy        func() bool                       // lines on their way in take a good part of the processors; nil: never
	Log         *slog.Logger                      // slog.Default when nil
}

// MostUnsealed is how many bytes of rows that are not on their final place yet a store
// with the default options holds at most.
const MostUnsealed = columnar.MostUnsealed

// Store is the chosen store.
type Store struct{ *columnar.Store }

// Open opens the store in dir. A folder in use, or written by a newer version,
// is an error of kind Conflict.
func Open(fs disk.FS, dir string, o Options) (*Store, error) {
	switch o.Kind {
	case "", "columnar":
		s, err := columnar.Open(fs, dir, columnar.Options{
			Dataset: o.Dataset, Now: o.Now, MemoryBytes: o.MemoryBytes, CacheBytes: o.CacheBytes, DiskShare: o.DiskShare, Busy: o.Busy, Log: o.Log,
		})
		if err != nil {
			return nil, err
		}
		return &Store{s}, nil
	}
	return nil, fault.New(fault.Invalid, "there is no store %q; the only one is columnar", o.Kind)
}

// Inspect writes what the folder of a store that is not running holds, and
// checks every byte of it.
func Inspect(fs disk.FS, dir string, out io.Writer) error { return columnar.Inspect(fs, dir, out) }
