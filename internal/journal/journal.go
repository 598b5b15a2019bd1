// Package journal keeps frames of bytes in the order they came, durable before they are acknowledged: the write-ahead log, the agent's spool,
// the queue of rejects. A folder belongs to one Journal; whoever opens it holds the folder's lock.
//
// # Files
//
//	0000000000000007-00000000000a3f10.seg   segment 7, its first frame has position 0xa3f10
//	0000000000000005.free                   a segment no longer needed, kept to be written again
//	0000000000000008.new                    a segment being made; removed when found at opening
//
// A segment is written through with zeros (or taken over from a .free file), gets its header, is synced, and only then gets its name; so a
// sync of frames is a pure overwrite of allocated blocks, and a .seg without a good header is damaged, never unfinished.
//
//	    0 ┌───────────────────────────────┐
//	      │ header                        │
//	 4096 ├───────────────────────────────┤
//	      │ header again, for bad sectors │
//	 8192 ├───────────────────────────────┤
//	      │ group: frame, frame, … zeros  │  one write, one sync; begins on a page, so that no write
//	+4096k├───────────────────────────────┤  touches a sector that holds acknowledged bytes
//	      │ group …                       │
//	      │ zeros, or frames of a former  │
//	      │ life that do not verify       │
//	 size └───────────────────────────────┘
//
// All numbers are little-endian. Sums are xxh3, 64 bits.
//
//	header  0        8        16       24       32       40
//	        ┌────────┬────────┬────────┬────────┬────────┬────────┐
//	        │PLUMJNL1│ number │  salt  │ first  │ bytes  │  sum   │   sum of bytes 0–39
//	        └────────┴────────┴────────┴────────┴────────┴────────┘
//	        number of the segment · salt drawn for each life of the file · first position · bytes of the file
//
//	frame   0        8    12   16       24   28   32
//	        ┌────────┬────┬────┬────────┬────┬────┬─────────┬───────┐
//	        │  sum   │head│size│position│place kind│ payload │ zeros │   to a multiple of 8
//	        └────────┴────┴────┴────────┴────┴────┴─────────┴───────┘
//	        sum of all that follows it, zeros included · head: low half of the sum of bytes 12–31 · size of the payload
//	        position, one more for each frame · place within the group, from 0 · kind: 1 data, 2 closed
//
// Both sums of a frame are seeded with salt + offset: a frame of the file's former life, or one copied elsewhere, does not verify. The head
// has a sum of its own so that a damaged region is searched, at every multiple of 8, without trusting a length found in it, and without the
// payload (which strangers write) being able to pose as frames.
//
// # Recovery
//
// Positions decide everything. The frames of a segment count only below the first position of the next one; what lies beyond was never
// acknowledged there (a write or sync failed, and the frames were written again elsewhere under the same positions), and a position missing
// below is damage. In the last segment, all before the last group that is there was acknowledged, for no group is written before the one before
// is durable; of the last group the unbroken beginning counts, and the rest was torn by a crash. A kind-2 frame, written by Close, ends the
// doubt about the last group. It bears the position of the frame to come and uses none up.
package journal

import (
	"errors"
	"fmt"
	"math"
	"path"
	"sync"

	"github.com/plumbline/plumbline/internal/disk"
)

// MaxSpare is how many free files are kept: as many as are freed at once when seals have fallen behind. One made anew costs more than all that
// is written to it.
const MaxSpare = 8

const (
	// defaultSegmentBytes: rolling over costs little beside writing it, and a small one is soon free to be written again. Each new one is
	// written twice.
	defaultSegmentBytes = 16 << 20
	// maxPayload: a frame must fit in memory twice to be read back. Intake bodies are far smaller.
	maxPayload = 256 << 20
	// maxGroupBytes bounds how long the last of a group waits: 4 MiB are written and synced in about 2 ms.
	maxGroupBytes = 4 << 20
)

// ErrClosed is returned by every method after Close.
var ErrClosed = errors.New("journal is closed")

// Position numbers the frames from 1, without gaps, for the life of the folder. 0 lies before all.
type Position uint64

// Options of a journal; the zero value is good.
type Options struct {
	// SegmentBytes is the size of a file, 16 MiB when 0, rounded up to pages of 4 KiB, 16 KiB at least. A larger group gets a larger file.
	SegmentBytes int64
	// Next is a position below which no new frame may come: one more than the last its owner has finished with. It matters when the folder
	// was lost, for its numbers would begin anew and new frames be taken for old ones.
	Next Position
}

// Journal is safe for concurrent use.
type Journal struct {
	fs           disk.FS
	dir          string
	segmentBytes int64

	// trimming is held by the one who frees files, and taken before the turn.
	trimming sync.Mutex
	// turn is held (by sending) by the one who works on the files and on all fields down to the blank line.
	turn     chan struct{}
	segments []*segment // by number; the last one is written to while tail is open
	dropped  []*segment // trimmed and not yet freed, oldest first
	spare    []string   // free files
	number   uint64     // the highest ever given
	tail     disk.File  // nil: the next group begins a new segment
	at       int64      // where the next group goes in tail
	marked   bool       // tail ends in a kind-2 frame
	group    []byte     // the bytes of one group, kept for the next
	torn     int64      // set by Open
	closed   bool

	mu    sync.Mutex // guards what follows
	queue []*request
	next  Position // of the next frame; written only by the holder of the turn
	first Position // of the oldest frame that may still be here
	bytes int64    // of all files
	idle  int64    // of those, in free ones
}

// Open makes or recovers the journal in dir. It never refuses a folder for damage: what is readable is kept, Replay tells what is not. It
// reads the last segment only.
func Open(fs disk.FS, dir string, o Options) (*Journal, error) {
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	j := &Journal{
		fs: fs, dir: dir, turn: make(chan struct{}, 1),
		segmentBytes: pageUp(max(o.SegmentBytes, minSegmentBytes)),
		next:         max(1, o.Next),
	}
	if err := j.restore(); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	return j, nil
}

// Span returns the first position that may still be here and the next to be given; they are equal when there is none.
func (j *Journal) Span() (first, next Position) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return min(j.first, j.next), j.next
}

// Size is the room all files of the journal take, in bytes, free ones included.
func (j *Journal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bytes
}

// Used is Size without the free files: the room of all that hold frames.
func (j *Journal) Used() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bytes - j.idle
}

// Torn is how many bytes of frames, unfinished when the process or the power went and so never acknowledged, Open has cut off.
func (j *Journal) Torn() int64 { return j.torn }

// Close waits for the group being written, marks the end and lets go. All that was acknowledged is durable without it. Later calls fail with
// ErrClosed, Appends still waiting too.
func (j *Journal) Close() error {
	j.trimming.Lock()
	defer j.trimming.Unlock()
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.closed {
		return ErrClosed
	}
	j.closed = true
	if j.tail == nil {
		return nil
	}
	err := j.mark()
	disk.Point(j.fs, "journal.marked")
	if err = errors.Join(err, j.tail.Close()); err != nil {
		return fmt.Errorf("close journal %s: %w", j.dir, err)
	}
	return nil
}

// mark writes the kind-2 frame into the page that every segment keeps free for it.
func (j *Journal) mark() error {
	if j.marked || j.at == framesAt {
		return nil
	}
	tail := j.segments[len(j.segments)-1]
	page := appendFrame(j.group[:0], frame{at: j.at, position: j.next, kind: kindClosed}, tail.salt)
	if _, err := j.tail.WriteAt(padPage(page), j.at); err != nil {
		return err
	}
	return j.tail.Sync()
}

// publish adds to the room taken, and shows the first position and the free files to those without the turn.
func (j *Journal) publish(bytes int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.bytes += bytes
	j.idle = int64(len(j.spare)) * j.segmentBytes
	j.first = math.MaxUint64
	if len(j.segments) > 0 {
		j.first = j.segments[0].first
	}
}

func (j *Journal) path(name string) string { return path.Join(j.dir, name) }
