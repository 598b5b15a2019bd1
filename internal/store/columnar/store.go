package columnar

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/journal"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// Options of a store; the zero value is good.
type Options struct {
	// Dataset says how a dataset is declared. It is asked again and again, so
	// that a reloaded configuration holds from then on. Nil: all have defaults.
	Dataset func(name string) dataset.Dataset
	// Now is the time for partitions, retention and named batches; time.Now
	// when nil.
	Now func() time.Time
	// SealRows is how many rows of a partition become a part at once: one row
	// group when 0.
	SealRows int
	// SealAge is how long a row waits at most until it is in a part.
	SealAge time.Duration
	// MemoryBytes bounds the rows that are in no part yet. Appends wait when it
	// is reached.
	MemoryBytes int64
	// CacheBytes bounds what is kept of parts: what was read, and what aggregates came to.
	CacheBytes int64
	// NamesBytes bounds the memory of the names of batches; beyond it the oldest
	// are forgotten before their day is over.
	NamesBytes int64
	// LogBytes is how large the log grows before the oldest of its rows are
	// sealed for its sake. When 0 it follows the volume: boundLog.
	LogBytes int64
	// LogSegmentBytes is the size of one file of the log. When 0 it follows the
	// volume.
	LogSegmentBytes int64
	// DiskShare is the share of the volume the store may take; the oldest
	// partitions of all datasets go first. Negative: no bound.
	DiskShare float64
	// ReserveBytes is how much of the volume stays free: with less, lines are
	// refused, and questions and retention go on.
	ReserveBytes int64
	// Busy says whether lines on their way in take a good part of the processors. Nil: never.
	Busy func() bool
	// Log gets what an operator should know; slog.Default when nil.
	Log *slog.Logger
}

// MostUnsealed is how many bytes of rows that are in no part yet a store opened with
// default options holds at most.
const MostUnsealed = defaultMemoryBytes

const (
	// Two minutes of rows are read back from the log in well under a second
	// at usual rates, and parts of less would only be merged again.
	defaultSealAge = 2 * time.Minute
	// Half a million buffered canonical lines take about 80 MB. More would only
	// be memory: seals that fall behind do not catch up while lines come in.
	defaultMemoryBytes = 128 << 20
	// Footers, dictionaries and hot pages of some hundred parts.
	defaultCacheBytes = 128 << 20
	// A log of this size is replayed in half a second. A dataset of few lines
	// holds up the log of all, and is sealed for it once in some hundred thousand
	// lines of the others; a larger log would be made of more files, each of which
	// costs more to make than to write again.
	defaultLogBytes = 64 << 20
	// Rolling over costs little beside writing a file, and it is soon free.
	defaultLogSegmentBytes = 16 << 20
	// logShare is how much of a small volume the log in use may take, and its
	// free files as much again: an eighth together, so that with the default
	// share of the disk five sixths of it are left for parts.
	logShare         = 1.0 / 16
	defaultDiskShare = 0.8
	// Room for a log segment, a seal and a manifest.
	defaultReserveBytes = 256 << 20
	// reserveShare bounds the reserve on small volumes.
	reserveShare = 1.0 / 64
	// bufferBytes of a partition are sealed although they are few rows: wide
	// lines.
	bufferBytes = 48 << 20
)

func (o *Options) defaults() {
	if o.Dataset == nil {
		o.Dataset = dataset.New
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.SealRows = or(o.SealRows, colfile.GroupRows)
	o.SealAge = or(o.SealAge, defaultSealAge)
	o.MemoryBytes = or(o.MemoryBytes, defaultMemoryBytes)
	o.CacheBytes = or(o.CacheBytes, defaultCacheBytes)
	o.NamesBytes = or(o.NamesBytes, defaultNamesBytes)
	o.ReserveBytes = or(o.ReserveBytes, defaultReserveBytes)
	o.DiskShare = or(o.DiskShare, defaultDiskShare)
}

func or[T int | int64 | float64 | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// ErrClosed is returned by every method after Close.
var ErrClosed = errors.New("the store is closed")

// Store is the engine over one folder. It is used by many goroutines.
type Store struct {
	fs   disk.FS
	dir  string
	opts Options
	lock io.Closer

	wal      *journal.Journal
	names    *names
	files    *files
	cache    *colfile.Cache
	partials *partials
	pace     pace
	queue    queue
	// encoded holds buffers for entries on their way into the log.
	encoded sync.Pool

	// sealing and merging are held by the one who does that; a merge takes
	// long and must not hold up seals.
	sealing sync.Mutex
	merging sync.Mutex
	tools   *colfile.Tools // of the one who seals; nil after a while without seals
	tidied  int64          // seals at the last tidy

	wake chan struct{} // something waits to be sealed

	mu        sync.RWMutex // guards what follows and all that hangs on it
	shelves   map[string]*shelf
	published journal.Position // rows of entries up to here are in buffers or parts
	logNext   journal.Position // while opening: the log may not give positions before it
	buffered  int64            // bytes of all buffers, frozen ones included
	appended  chan struct{}    // closed by the next append
	closed    bool

	largest atomic.Int64 // bytes of the largest manifest written
	clock   clock
	state   state
	counts  counts
}

// Open opens the store in dir, or makes one. What the log holds is in buffers
// when it returns. A folder in use and a folder of a newer format are refused;
// damage never is.
func Open(fs disk.FS, dir string, o Options) (*Store, error) {
	o.defaults()
	s := &Store{
		fs: fs, dir: dir, opts: o,
		cache:    colfile.NewCache(o.CacheBytes - o.CacheBytes/partialShare),
		partials: newPartials(o.CacheBytes / partialShare),
		pace:     pace{busy: o.Busy},
		wake:     make(chan struct{}, 1),
		shelves:  map[string]*shelf{},
		appended: make(chan struct{}),
	}
	s.files = newFiles(fs)
	s.queue.turn = make(chan struct{}, 1)
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.letGo())
	}
	return s, nil
}

// Close seals what is buffered and lets go of the folder. What could not be
// sealed stays in the log, so nothing is lost by an error.
func (s *Store) Close() error {
	s.queue.turn <- struct{}{} // no append is under way from here on
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	<-s.queue.turn
	if was {
		return ErrClosed
	}
	err := s.sealAll(context.Background())
	s.merging.Lock()
	defer s.merging.Unlock()
	disk.Point(s.fs, "columnar.closed")
	return errors.Join(err, s.letGo())
}

// letGo closes all that is open.
func (s *Store) letGo() error {
	var err error
	if s.wal != nil {
		err = s.wal.Close()
	}
	if s.names != nil {
		err = errors.Join(err, s.names.close())
	}
	err = errors.Join(err, s.files.close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Appended is closed when the next rows are appended.
func (s *Store) Appended() <-chan struct{} {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.appended
}

// lanes is how many streams a scan has when nobody says.
func lanes() int { return runtime.GOMAXPROCS(0) }

// shelfOf finds the shelf of a dataset, and makes one for its first line.
func (s *Store) shelfOf(name string) (*shelf, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.shelves[name]; f != nil {
		return f, nil
	}
	if err := dataset.CheckName(name); err != nil {
		return nil, err
	}
	if len(s.shelves) >= dataset.MaxDatasets {
		return nil, fault.New(fault.Invalid, "there are %d datasets already, and no more can be made by a line that names one: %q", len(s.shelves), name)
	}
	f := newShelf(s, name)
	s.shelves[name] = f
	return f, nil
}
