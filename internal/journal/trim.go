package journal

import (
	"fmt"

	"github.com/plumbline/plumbline/internal/disk"
)

// TrimBefore says that frames before a position are no longer needed. Files that hold no others are freed, for the journal's own use again or
// for the system; so frames before it may still turn up in a Replay from 0. When it returns nil the freed ones are gone for good, but for those
// that a Replay is reading, which go when it ends. Appends go on meanwhile.
func (j *Journal) TrimBefore(p Position) error {
	j.trimming.Lock()
	defer j.trimming.Unlock()
	if err := j.drop(p); err != nil {
		return err
	}
	if err := j.release(); err != nil {
		return fmt.Errorf("trim journal %s: %w", j.dir, err)
	}
	return nil
}

// drop takes the segments before a position out of the journal.
func (j *Journal) drop(p Position) error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.closed {
		return ErrClosed
	}
	n := 0
	for n+1 < len(j.segments) && j.segments[n+1].first <= p { // the last one stays, for it carries the numbering on
		n++
	}
	j.dropped = append(j.dropped, j.segments[:n]...)
	j.segments = j.segments[n:]
	j.publish(0)
	return nil
}

// release frees the dropped segments that nobody reads, oldest first and each one durably, so that no crash leaves a hole between two. The
// caller holds trimming; the turn is held only between the operations, for syncing a folder can take as long as many appends.
func (j *Journal) release() error {
	for {
		s, reuse := j.nextDropped()
		if s == nil {
			return nil
		}
		var err error
		if reuse {
			err = j.fs.Rename(j.path(s.name()), j.path(freeName(s.number)))
			if gone(err) { // renamed by an earlier attempt, whose SyncDir failed
				err = nil
			}
		} else {
			err = j.fs.RemoveAll(j.path(s.name()))
		}
		disk.Point(j.fs, "journal.unnamed")
		if err == nil {
			err = j.fs.SyncDir(j.dir)
		}
		if err != nil {
			return err
		}
		disk.Point(j.fs, "journal.freed")
		j.freed(s, reuse)
	}
}

// nextDropped returns the oldest dropped segment, and whether its file is to be used again; nil when it is being read or there is none.
func (j *Journal) nextDropped() (s *segment, reuse bool) {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.closed || len(j.dropped) == 0 || j.dropped[0].pins > 0 {
		return nil, false
	}
	s = j.dropped[0]
	return s, !s.suspect && s.size == j.segmentBytes && len(j.spare) < MaxSpare
}

func (j *Journal) freed(s *segment, reuse bool) {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	j.dropped = j.dropped[1:]
	if reuse {
		j.spare = append(j.spare, freeName(s.number))
		j.publish(0)
	} else {
		j.publish(-s.size)
	}
}

// Shed removes the free files, for an owner who needs their room more than the journal does. Those that cannot be removed stay free files.
func (j *Journal) Shed() error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.closed {
		return ErrClosed
	}
	for len(j.spare) > 0 {
		if err := j.fs.RemoveAll(j.path(j.spare[0])); err != nil {
			return fmt.Errorf("shed free files of journal %s: %w", j.dir, err)
		}
		j.spare = j.spare[1:]
		j.publish(-j.segmentBytes)
	}
	return nil
}
