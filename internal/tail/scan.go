package tail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// scan asks the globs for files: new ones are followed, known ones get their
// present name, and those that no name leads to any more are gone.
func (f *Follower) scan(now time.Time) {
	seen := map[identity]bool{}
	for _, path := range f.paths() {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue // removed meanwhile, or a folder, a pipe, a device
		}
		id := identityOf(info, path)
		if seen[id] {
			continue // a second name of the same file
		}
		seen[id] = true
		if s := f.known(id); s != nil {
			s.Path, s.gone = path, false
			continue
		}
		if err := f.follow(path, now); err != nil {
			f.o.Log.Warn("follow a file", "file", path, "error", err)
		}
	}
	f.first = false
	for _, s := range f.streams {
		if !seen[s.id] && !s.gone {
			s.gone = true
			s.quiet = now
		}
	}
}

// paths are the files that match, each once, in the order of their names.
func (f *Follower) paths() (paths []string) {
	for _, g := range f.o.Globs {
		found, err := filepath.Glob(g)
		if err != nil { // New has read the patterns
			continue
		}
		for _, path := range found {
			if !packed(path) {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// packed says whether a file is a log that was put away: its lines were read
// before.
func packed(path string) bool {
	switch filepath.Ext(path) {
	case ".gz", ".zst", ".xz", ".bz2", ".zip", ".lz4":
		return true
	}
	return false
}

// known is the stream of an open file.
func (f *Follower) known(id identity) *stream {
	for _, s := range f.streams {
		if s.file != nil && s.id == id {
			return s
		}
	}
	return nil
}

// follow begins with a file that was not known.
func (f *Follower) follow(path string, now time.Time) error {
	if len(f.streams) >= filesMost {
		if !f.crowded {
			f.crowded = true
			return fmt.Errorf("%d files are followed, which is the most", filesMost)
		}
		return nil
	}
	s := &stream{position: position{Path: path, Marks: noMarks()}, quiet: now}
	if err := s.open(path); err != nil {
		return err
	}
	f.name(s, now)
	if original := f.originalOf(s); original != nil {
		s.shadow = true
	} else if f.first && f.o.FromEnd {
		if err := s.toEnd(); err != nil {
			s.close()
			return err
		}
	}
	f.streams = append(f.streams, s)
	return nil
}

// name gives a stream an id that no other ever had: the time it was met, and
// the inode against others met in the same instant.
func (f *Follower) name(s *stream, now time.Time) {
	s.ID = fmt.Sprintf("%x-%x-%x", now.UnixNano(), s.id.Dev, s.id.Ino)
}

func (s *stream) open(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	s.close()
	s.file, s.Path, s.id = file, path, identityOf(info, path)
	s.size = -1 // look at it
	return nil
}

// toEnd moves the position of a new stream to the end of its file.
func (s *stream) toEnd() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	trail := make([]byte, min(info.Size(), trailBytes))
	if _, err := s.file.ReadAt(trail, info.Size()-int64(len(trail))); err != nil {
		return err
	}
	s.Marks.passed(trail)
	s.Offset = info.Size()
	return nil
}

// originalOf is the stream that a new file is a copy of: one whose name its own
// begins with, as app.log.1 does with app.log, and that has the same head.
func (f *Follower) originalOf(copied *stream) *stream {
	head := make([]byte, headBytes)
	n, _ := copied.file.ReadAt(head, 0)
	for _, s := range f.streams {
		base := filepath.Base(s.Path)
		rest, ok := strings.CutPrefix(filepath.Base(copied.Path), base)
		if !ok || rest == "" || filepath.Dir(s.Path) != filepath.Dir(copied.Path) || strings.IndexByte(".-_~", rest[0]) < 0 {
			continue
		}
		if s.file != nil && !s.shadow && s.Marks.HeadBytes > 0 && n >= s.Marks.HeadBytes && s.Marks.headIs(head) {
			return s
		}
	}
	return nil
}

// replaced begins anew with a file that no longer begins with what was read of
// it: it was truncated, after a copy was made of it. What was not yet read goes
// on under another name. It gives the streams to be looked at, in their order.
func (f *Follower) replaced(s *stream, now time.Time) []*stream {
	old := f.moved(s)
	if old == nil && s.Offset > 0 {
		f.o.Log.Info("a followed file was truncated", "file", s.Path, "offset", s.Offset)
	}
	s.position = position{Path: s.Path, Marks: noMarks()}
	s.size = -1
	f.name(s, now)
	if old == nil {
		return []*stream{s}
	}
	old.quiet = now
	f.streams = slices.Insert(f.streams, slices.Index(f.streams, s), old)
	return []*stream{old, s}
}

// moved seeks the bytes of a stream under other names in its folder, and gives a
// stream that goes on there: the same file if it was renamed, else a copy.
func (f *Follower) moved(s *stream) *stream {
	entries, err := os.ReadDir(filepath.Dir(s.Path))
	if err != nil || s.Offset+s.Pending == 0 { // nothing was taken: nothing to go on from
		return nil
	}
	var copied *stream
	for _, e := range entries {
		path := filepath.Join(filepath.Dir(s.Path), e.Name())
		if path == s.Path || !e.Type().IsRegular() || packed(path) {
			continue
		}
		other := &stream{position: s.position, gone: true}
		if other.open(path) != nil {
			continue
		}
		switch same := other.id == s.id; {
		case !f.free(other.id, s) || !other.holds() || copied != nil && !same:
			other.close()
		case same:
			if copied != nil {
				copied.close()
			}
			return other
		default:
			copied = other
		}
	}
	if copied != nil {
		if met := f.known(copied.id); met != nil { // before the original was truncated
			copied.gone = met.gone
			f.drop(met)
		}
	}
	return copied
}

// free says whether no stream but s, or one that stands by as a copy, has a file.
func (f *Follower) free(id identity, s *stream) bool {
	for _, other := range f.streams {
		if other != s && other.id == id && !other.shadow {
			return false
		}
	}
	return true
}

// holds says whether the marks stand in the file.
func (s *stream) holds() bool {
	info, err := s.file.Stat()
	if err != nil {
		return false
	}
	_, err = s.read(info.Size(), 0)
	return err == nil
}

func (f *Follower) drop(s *stream) {
	s.close()
	f.streams = slices.DeleteFunc(f.streams, func(o *stream) bool { return o == s })
}

// retire lets go of files that are gone and silent.
func (f *Follower) retire(now time.Time) {
	for _, s := range slices.Clone(f.streams) {
		if s.gone && s.Pending == 0 && now.Sub(s.quiet) >= goneFor && (s.shadow || s.file == nil || s.size == s.Offset) {
			f.drop(s)
		}
	}
}
