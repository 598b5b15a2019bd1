// Package tail follows growing files, from the first line to the last, without
// losing or doubling one: through renaming, copying and truncating, deleting
// and making anew, and through its own restarts.
//
// What was read of a file is known by three things: where it ended, and marks of
// the bytes at its head and just before that end. A file in which the marks no
// longer stand is another one, whatever its name or inode.
//
//	0        head (≤ 1 KiB)      trail (≤ 256 B)  Offset     size
//	├──────────┤·····················├──────────────┤──────────┤
//	                 delivered                        to come
//
// The positions are saved before lines are handed on, together with how many
// are about to be, and again when they were taken. After a crash between the two
// the same bytes are handed on once more under the same name, so that a receiver
// that knows names stores them once.
package tail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
)

// Options of a Follower. Globs, StateFile and Deliver are needed.
type Options struct {
	Globs     []string // patterns of path/filepath; files that match later are followed too
	StateFile string   // where positions are kept; its folder must exist
	State     disk.FS  // the file system of StateFile; disk.Real() when nil

	// Deliver takes lines. While it errs the same chunk is offered again.
	Deliver func(ctx context.Context, c Chunk) error
	// Hold gives how many bytes of lines are whole records; the rest is handed on
	// with what follows, or when nothing does for a second. Nil: every line is one.
	Hold func(lines []byte) int

	Poll      time.Duration // how often files are looked at; 250 ms when 0
	LineBytes int           // a longer line goes on as another line; 1 MiB when 0
	FromEnd   bool          // without saved positions, files that are there already are followed from their end
	Now       func() time.Time
	Log       *slog.Logger
}

// Chunk is some lines of one file.
type Chunk struct {
	File   string // its path at present
	Offset int64  // of the first byte
	Lines  []byte // whole lines, each with its end; valid until Deliver returns
	Name   string // of just these bytes of this file: the same when offered again
}

const (
	defaultPoll      = 250 * time.Millisecond
	defaultLineBytes = 1 << 20
	// chunkBytes is what is handed on at once: a few thousand lines.
	chunkBytes = 1 << 20
	// roundBytes bounds what is in memory when many files have grown.
	roundBytes = 16 << 20
	// scanEvery is how often the globs are asked for new files.
	scanEvery = time.Second
	// heldFor is how long a record that may go on waits for more.
	heldFor = time.Second
	// goneFor is how long a file that has lost its name is still read: programs
	// write on until they are told to open the new one.
	goneFor = time.Minute
	// longestPause is between tries when the receiver refuses.
	longestPause = 5 * time.Second
	// filesMost is how many are followed: each takes a file descriptor.
	filesMost = 4096
)

// Follower follows files. It is made by New and run once.
type Follower struct {
	o       Options
	streams []*stream // older ones first: what a rotated file holds goes before its successor
	scanned time.Time
	turn    int  // whose turn it is to be read first
	crowded bool // filesMost was said
	first   bool // no positions were saved before
}

// New reads the saved positions. The error says why they cannot be read: it
// would be worse to begin anew and double every line.
func New(o Options) (*Follower, error) {
	if o.State == nil {
		o.State = disk.Real()
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if o.LineBytes <= 0 {
		o.LineBytes = defaultLineBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	for _, g := range o.Globs {
		if _, err := filepath.Match(g, ""); err != nil {
			return nil, fmt.Errorf("pattern %s: %w", g, err)
		}
	}
	f := &Follower{o: o}
	return f, f.load()
}

// Run follows until ctx ends; then it saves the positions. Its error is that of
// the last saving, or of one that failed while nothing could go on.
func (f *Follower) Run(ctx context.Context) error {
	defer f.close()
	f.resume()
	pause := f.o.Poll
	for {
		more, err := f.round(ctx)
		switch {
		case ctx.Err() != nil:
			return f.save()
		case err != nil:
			f.o.Log.Warn("lines of followed files wait", "error", err, "again", pause)
			pause = min(2*pause, longestPause)
		default:
			pause = f.o.Poll
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return f.save()
		case <-time.After(pause):
		}
	}
}

// round looks at every file once and hands on what it finds. more says that
// there is more to be had at once.
func (f *Follower) round(ctx context.Context) (more bool, err error) {
	now := f.o.Now()
	if now.Sub(f.scanned) >= min(scanEvery, f.o.Poll*4) || now.Before(f.scanned) {
		f.scanned = now
		f.scan(now)
	}
	chunks, more := f.collect(now)
	if len(chunks) == 0 {
		return false, nil
	}
	if err := f.save(); err != nil {
		return false, err
	}
	var errs []error
	taken := 0
	for _, c := range chunks {
		if err := f.o.Deliver(ctx, c.chunk()); err != nil {
			errs = append(errs, fmt.Errorf("hand on %s from byte %d: %w", c.s.Path, c.s.Offset, err))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		c.s.passed(c.bytes)
		taken++
	}
	if taken > 0 {
		errs = append(errs, f.save())
	}
	return more, errors.Join(errs...)
}

// collect reads the next chunk of every file, within the memory of a round.
func (f *Follower) collect(now time.Time) (chunks []reading, more bool) {
	size, full := 0, false
	for queue := f.inTurn(); len(queue) > 0 && !more; {
		s := queue[0]
		queue = queue[1:]
		r, err := f.look(s, now)
		switch {
		case err == errReplaced:
			queue = append(f.replaced(s, now), queue...)
		case err != nil:
			f.o.Log.Warn("read a followed file", "file", s.Path, "error", err)
		case len(r.bytes) > 0:
			chunks = append(chunks, r)
			size += len(r.bytes)
			full = full || r.more
			more = size >= roundBytes
		}
	}
	if more {
		f.turn++
	}
	f.retire(now)
	return chunks, more || full
}

// inTurn is all streams, beginning where the last round ended early.
func (f *Follower) inTurn() []*stream {
	if len(f.streams) == 0 {
		return nil
	}
	at := f.turn % len(f.streams)
	return slices.Concat(f.streams[at:], f.streams[:at])
}

func (f *Follower) close() {
	for _, s := range f.streams {
		s.close()
	}
}
