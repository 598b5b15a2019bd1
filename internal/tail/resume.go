package tail

import (
	"slices"
)

// resume opens the files whose positions were saved. Meanwhile they may have
// been renamed, truncated or deleted, and after a restart of the machine even
// their devices may have other numbers: the marks decide, and inodes only where
// the marks are short.
func (f *Follower) resume() {
	now := f.o.Now()
	f.first = f.first && len(f.streams) == 0
	for _, s := range slices.Clone(f.streams) {
		s.quiet = now
		if s.reopen() {
			continue
		}
		if old := f.moved(s); old != nil {
			old.quiet = now
			f.streams[slices.Index(f.streams, s)] = old
			continue
		}
		f.o.Log.Warn("a followed file is not there any more", "file", s.Path, "offset", s.Offset)
		f.drop(s)
	}
}

// reopen opens the file under the name it had, if it is still the same.
func (s *stream) reopen() bool {
	saved := s.id
	if s.open(s.Path) != nil {
		return false
	}
	// A new file may begin with the same few bytes as the old one did.
	same := s.id == saved || s.id.Dev != saved.Dev || s.Marks.HeadBytes == headBytes
	if same && s.holds() {
		return true
	}
	s.close()
	return false
}
