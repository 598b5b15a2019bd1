package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/plumbline/plumbline/internal/disk"
)

// restore finds the segments, and in the last one the end.
func (j *Journal) restore() error {
	if err := j.fs.MkdirAll(j.dir); err != nil {
		return err
	}
	infos, err := j.fs.List(j.dir)
	if err != nil {
		return err
	}
	for _, info := range infos { // by name, so segments come by number
		if err := j.adopt(info); err != nil {
			return err
		}
	}
	for _, s := range j.segments {
		j.next = max(j.next, s.first)
	}
	if n := len(j.segments); n > 0 {
		if err := j.recoverTail(j.segments[n-1]); err != nil {
			return fmt.Errorf("%s: %w", j.segments[n-1].name(), err)
		}
	}
	disk.Point(j.fs, "journal.restored")
	j.publish(0)
	return j.fs.SyncDir(j.dir) // a process killed before its own SyncDir leaves names that only memory knows
}

// adopt takes one file of the folder into the journal; names that are not ours are left alone.
func (j *Journal) adopt(info disk.Info) error {
	if number, first, ok := parseSegment(info.Name); ok {
		s := &segment{number: number, first: first, size: info.Size}
		if err := j.openHeader(s); err != nil {
			return err
		}
		j.segments = append(j.segments, s)
		j.number = max(j.number, number)
		j.bytes += info.Size
		return nil
	}
	stem, extension, _ := strings.Cut(info.Name, ".")
	number, ok := parseHex(stem)
	switch {
	case !ok || extension != "free" && extension != "new":
		return nil
	case extension == "free" && info.Size == j.segmentBytes && len(j.spare) < MaxSpare:
		j.spare = append(j.spare, info.Name)
		j.number = max(j.number, number)
		j.bytes += info.Size
		return nil
	}
	return j.fs.RemoveAll(j.path(info.Name))
}

// openHeader reads a segment's header. Only a failure that may pass is an error; damage makes the segment blind.
func (j *Journal) openHeader(s *segment) error {
	file, err := j.fs.Open(j.path(s.name()))
	if err != nil {
		return err
	}
	defer file.Close()
	whole := s.size
	if s.blind = s.readHeader(file); s.blind != nil {
		s.suspect = true
		return nil
	}
	if s.size != whole {
		s.suspect = true // cut or grown by somebody else
	}
	s.size = whole
	return nil
}

// recoverTail finds the end of the last segment, and makes it the tail when nothing in it is in doubt.
func (j *Journal) recoverTail(s *segment) error {
	// bound is more frames than the segment can hold. Where an unknown number of them cannot be read, the numbering leaps over them.
	bound := Position(max(s.size, j.segmentBytes) / frameHead)
	if s.blind != nil {
		j.next = max(j.next, s.first+bound)
		return nil
	}
	file, err := j.fs.Edit(j.path(s.name()))
	if err != nil {
		return err
	}
	end, err := findEnd(file, s)
	if err == nil && end.frames > end.from {
		err = rewrite(file, end.from, end.frames)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	disk.Point(j.fs, "journal.rewritten")
	leap := end.next < j.next
	j.next, j.torn = max(j.next, end.next), end.torn
	if end.failed != nil {
		j.next += bound
	}
	if leap || end.broken || end.failed != nil || s.suspect {
		s.suspect = true
		_ = file.Close() // what was written is synced
		return nil
	}
	j.tail, j.at, j.marked = file, pageUp(end.frames), end.marked
	return nil
}

// ending is what is known of the end of a segment.
type ending struct {
	next   Position // of the frame to come
	from   int64    // where the last group begins
	frames int64    // where its unbroken beginning ends
	marked bool     // the last frame is a kind-2 frame
	broken bool     // a frame is missing before another
	torn   int64    // bytes of unfinished frames behind the end
	failed error    // some pages could not be read
}

// findEnd walks all frames of a segment, over damage too.
func findEnd(file disk.File, s *segment) (ending, error) {
	size, err := file.Size()
	if err != nil {
		return ending{}, err
	}
	scan := scanner{file: file, salt: s.salt, size: size}
	e := ending{next: s.first, from: framesAt, frames: framesAt}
	due, group, seen := s.first, s.first, int64(framesAt)
	for f, ok := scan.next(framesAt); ok; f, ok = scan.next(f.end) {
		if f.position != due {
			e.broken = true
		}
		if f.place == 0 || f.group() != group { // all before this group was acknowledged
			begin := f.at
			if f.place > 0 { // its first frame is torn; it began on the page after the group before
				begin = pageUp(seen)
			}
			group, e.next, e.from, e.frames = f.group(), f.group(), begin, begin
		}
		due, seen = f.position, f.end
		if f.kind == kindData {
			due++
		}
		if f.position != e.next {
			continue // behind a torn frame of its own group
		}
		e.next, e.frames, e.marked = due, f.end, f.kind == kindClosed
		s.remember(f.position, f.at)
	}
	e.torn, e.failed = max(0, max(seen, scan.torn)-e.frames), scan.failed
	return e, nil
}

// rewrite writes the last group again before it counts as durable: had its sync failed and the process died, the system would show the pages
// as clean though they never reached the disk.
func rewrite(file disk.File, from, to int64) error {
	b := make([]byte, to-from)
	if n, err := file.ReadAt(b, from); n < len(b) {
		return err
	}
	if _, err := file.WriteAt(b, from); err != nil {
		return err
	}
	return file.Sync()
}

// gone tells whether a file is no longer there.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
