package journal

import "fmt"

// TrimBefore says that frames before a position are no longer needed. Files that hold no others are freed, for the journal's own use again or
// for the system; so frames before it may still turn up in a Replay from 0. When it returns nil the freed ones are gone for good.
func (j *Journal) TrimBefore(p Position) error {
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
	if err := j.release(); err != nil {
		return fmt.Errorf("trim journal %s: %w", j.dir, err)
	}
	return nil
}

// release frees the dropped segments that nobody reads, oldest first and each one durably, so that no crash leaves a hole between two.
func (j *Journal) release() error {
	for len(j.dropped) > 0 && j.dropped[0].pins == 0 {
		if err := j.free(j.dropped[0]); err != nil {
			return err
		}
		j.dropped = j.dropped[1:]
	}
	return nil
}

func (j *Journal) free(s *segment) error {
	if s.suspect || s.size != j.segmentBytes || len(j.spare) >= maxSpare {
		if err := j.fs.RemoveAll(j.path(s.name())); err != nil {
			return err
		}
		if err := j.fs.SyncDir(j.dir); err != nil {
			return err
		}
		j.publish(-s.size)
		return nil
	}
	name := freeName(s.number)
	if err := j.fs.Rename(j.path(s.name()), j.path(name)); err != nil && !gone(err) { // gone: renamed before, SyncDir failed
		return err
	}
	if err := j.fs.SyncDir(j.dir); err != nil {
		return err
	}
	j.spare = append(j.spare, name)
	return nil
}
