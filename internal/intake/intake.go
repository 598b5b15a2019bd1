// Package intake takes lines in: over a body of any size, over sockets. What
// a format makes of a line goes through one door, where the same rules hold for
// every format – which field is the time, which the message, what is too long,
// what has the wrong type – and becomes rows in columns, which are handed to the
// store chunk by chunk.
//
//	bytes ─ unpack ─ frame ─ decode ─ door ─ row.Builder ─ Store.Append
//	        gzip      lines   jsonl    time    columns       on disk, then
//	        zstd              logfmt   limits                acknowledged
//	                          …        types
//
// Nothing vanishes: every line that is offered is stored, kept whole in the
// dataset _rejected, refused with a reason, or counted as dropped.
package intake

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/row"
)

// Sink takes rows; when it returns nil they are on disk.
type Sink interface {
	// Append makes all batches of one call durable together.
	Append(ctx context.Context, batches ...*row.Batch) error
}

// Store is a Sink that also knows batches by name.
type Store interface {
	Sink
	// AppendOnce is Append under a name. When the name was seen within a day it
	// stores nothing and returns the receipt of then, which is not nil. Name and
	// receipt are as durable as the rows; they are kept also when there are none.
	AppendOnce(ctx context.Context, name string, receipt []byte, batches ...*row.Batch) (earlier []byte, err error)
}

// Options of an Intake. Store is needed; the rest has defaults.
type Options struct {
	Store Store
	// Datasets says how a dataset is declared; it errs when there can be none of
	// that name. Without it every valid name gets defaults.
	Datasets func(name string) (dataset.Dataset, error)
	// Now is the receive time; time.Now when nil.
	Now func() time.Time
	// Log hears what no sender is told.
	Log *slog.Logger
	// MemoryBytes bounds what all requests together hold; 256 MiB when 0.
	MemoryBytes int64
	// ChunkRows (lines offered), ChunkBytes and ChunkWide (bytes of its columns: of a row in
	// all fields named × lines offered) end a chunk: whichever is reached first. They depend
	// on the body alone, so that a body sent again has the same chunks.
	ChunkRows, ChunkBytes, ChunkWide int
}

const (
	// Half of what a server of 512 MiB may use.
	defaultMemoryBytes = 256 << 20
	// A sync costs 48 ns a line at 20,000 rows and 185 at 1,000; more rows gain
	// little and lie longer before they are acknowledged.
	defaultChunkRows  = 20_000
	defaultChunkBytes = 4 << 20
	// A column has a place for every row. Columns of a full chunk of lines of two hundred
	// fields take a third of this; of lines that each name a field of their own there are
	// a thousand in a chunk.
	defaultChunkWide = 8 << 20
	placeBytes       = 8  // of a number; texts and truth values take less
	valueBytes       = 40 // of a list
	// columnRows is how many rows' places a column takes besides.
	columnRows = 128
)

// Intake takes lines in. It is used by many goroutines.
type Intake struct {
	options Options
	memory  *semaphore.Weighted
	ledger  ledger
	guard   guard

	turns *turns

	mu    sync.Mutex
	idle  []*door  // the one used last is the last
	spare []*lines // for their buffers
}

// New returns an Intake over a store.
func New(o Options) *Intake {
	if o.Datasets == nil {
		o.Datasets = func(name string) (dataset.Dataset, error) {
			return dataset.New(name), dataset.CheckName(name)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.MemoryBytes = or(o.MemoryBytes, defaultMemoryBytes)
	o.ChunkRows = or(o.ChunkRows, defaultChunkRows)
	o.ChunkBytes = or(o.ChunkBytes, defaultChunkBytes)
	o.ChunkWide = or(o.ChunkWide, defaultChunkWide)
	return &Intake{options: o, memory: semaphore.NewWeighted(o.MemoryBytes), guard: guard{log: o.Log}, turns: newTurns()}
}

// Busy reports whether making rows takes a good share of the processors, so that
// what else there is to do should leave room for it.
func (in *Intake) Busy() bool { return in.turns.isBusy(time.Now()) }

func or[T int | int64](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// idleMost is how many doors wait for the next request: they are worth keeping
// because their builders know the fields, but each holds the memory of a chunk.
const idleMost = 8

// enter takes an idle door of a dataset, or a new one.
func (in *Intake) enter(ds dataset.Dataset) *door {
	in.mu.Lock()
	defer in.mu.Unlock()
	for i, d := range slices.Backward(in.idle) {
		if d.dataset == ds.Name {
			in.idle = slices.Delete(in.idle, i, i+1)
			return d
		}
	}
	return newDoor(ds.Name, &in.guard)
}

// leave puts a door back for the next request, in place of the one that waited
// longest.
func (in *Intake) leave(d *door) {
	if d.broken != nil {
		return
	}
	d.discard()
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.idle) == idleMost {
		in.idle = slices.Delete(in.idle, 0, 1)
	}
	in.idle = append(in.idle, d)
}
