package journal

import (
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
)

// Damage is one stretch of a segment whose acknowledged frames cannot be read.
type Damage struct {
	File  string
	At    int64  // offset where the good frames end
	Bytes int64  // skipped until the next good frame, or the end of the file
	Lost  uint64 // frames; an upper bound where the segment was the last one and nothing tells its end
	Cause string
}

// Corrupt says what could not be read back. All the rest was.
type Corrupt struct{ Damages []Damage }

func (c *Corrupt) Error() string {
	d := c.Damages[0]
	return fmt.Sprintf("journal is damaged in %d places, %d frames lost, first in %s at byte %d: %s",
		len(c.Damages), c.Lost(), d.File, d.At, d.Cause)
}

// Kind is Corrupt.
func (c *Corrupt) Kind() fault.Kind { return fault.Corrupt }

// Lost is the number of frames that cannot be read, at most.
func (c *Corrupt) Lost() uint64 {
	var lost uint64
	for _, d := range c.Damages {
		lost += d.Lost
	}
	return lost
}

// Replay hands every durable frame from a position on to each, in order, those appended meanwhile not included; 0 is from the oldest. The
// payload is each's only until it returns. An error of each ends the replay and is returned as it is. Damage does not end it: after the last
// frame a *Corrupt tells what was skipped. Append, TrimBefore and other Replays may be called meanwhile, by each too.
func (j *Journal) Replay(from Position, each func(Position, []byte) error) error {
	segments, until, err := j.pin(from)
	if err != nil {
		return err
	}
	defer j.unpin(segments)
	var damages []Damage
	if len(segments) > 0 && from != 0 && from < segments[0].first {
		damages = append(damages, Damage{
			File: segments[0].name(), Lost: uint64(segments[0].first - from), Cause: "no older segment is here",
		})
	}
	for i, s := range segments {
		limit := until
		if i+1 < len(segments) {
			limit = segments[i+1].first
		}
		r := reading{segment: s, from: max(from, s.first), limit: limit, each: each}
		if err := r.run(j); err != nil {
			return err
		}
		damages = append(damages, r.damages...)
	}
	if len(damages) > 0 {
		return &Corrupt{damages}
	}
	return nil
}

// pin returns the segments that may hold frames from a position on, and the end, and keeps them from being taken over.
func (j *Journal) pin(from Position) ([]*segment, Position, error) {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.closed {
		return nil, 0, ErrClosed
	}
	start := 0
	for i, s := range j.segments {
		if s.first <= from {
			start = i
		}
	}
	pinned := slices.Clone(j.segments[start:])
	for _, s := range pinned {
		s.pins++
	}
	return pinned, j.next, nil
}

func (j *Journal) unpin(segments []*segment) {
	j.turn <- struct{}{}
	for _, s := range segments {
		s.pins--
	}
	waiting := len(j.dropped) > 0
	<-j.turn
	if waiting {
		j.trimming.Lock()
		defer j.trimming.Unlock()
		_ = j.release() // what fails stays dropped and is tried again by the next TrimBefore
	}
}

// reading is the replay of one segment: the positions from, up to but without limit.
type reading struct {
	*segment
	from, limit Position
	each        func(Position, []byte) error
	damages     []Damage
}

func (r *reading) run(j *Journal) error {
	if r.from >= r.limit {
		return nil
	}
	if r.blind != nil {
		r.lose(r.from, r.limit, 0, r.size, r.blind)
		return nil
	}
	file, err := j.fs.Open(j.path(r.name()))
	if gone(err) {
		r.lose(r.from, r.limit, 0, r.size, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("replay journal %s: %w", j.dir, err)
	}
	defer file.Close()
	return r.walk(&scanner{file: file, salt: r.salt, size: r.size})
}

// walk stops at the limit and does not look behind it: there may be zeros, void frames, or a group being written.
func (r *reading) walk(scan *scanner) error {
	mark := r.near(r.from)
	due, at := mark.position, mark.at
	for due < r.limit {
		f, ok := scan.next(at)
		if !ok || f.position >= r.limit && f.kind == kindData || f.position > r.limit {
			r.lose(due, r.limit, at, scan.size-at, scan.failed)
			return nil
		}
		if f.position > due {
			r.lose(due, f.position, at, f.at-at, scan.failed)
		}
		at = f.end
		if f.position < due || f.kind == kindClosed {
			due = max(due, f.position)
			continue
		}
		if due = f.position + 1; f.position < r.from {
			continue
		}
		r.remember(f.position, f.at)
		if err := r.each(f.position, f.payload); err != nil {
			return err
		}
	}
	return nil
}

// lose notes that the frames from, up to but without until, are missing; those before the replay's own beginning nobody misses.
func (r *reading) lose(from, until Position, at, bytes int64, cause error) {
	if from = max(from, r.from); from >= until {
		return
	}
	if cause == nil {
		cause = errors.New("checksum does not match")
	}
	r.damages = append(r.damages, Damage{
		File: r.name(), At: at, Bytes: bytes, Lost: uint64(until - from), Cause: cause.Error(),
	})
}
