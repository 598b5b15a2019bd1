package tail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"
)

// stream is one file that is followed, or was when positions were saved.
type stream struct {
	position
	file    *os.File
	id      identity
	size    int64     // when it was looked at last
	changed time.Time // its own time of change then
	quiet   time.Time // when it had changed last
	gone    bool      // no glob matches it any more
	shadow  bool      // a copy of another stream: read only if that one is truncated
}

// reading is what was read of a stream, yet to be handed on.
type reading struct {
	s     *stream
	bytes []byte
	more  bool
}

func (r reading) chunk() Chunk {
	return Chunk{File: r.s.Path, Offset: r.s.Offset, Lines: r.bytes, Name: fmt.Sprintf("%s@%d+%d", r.s.ID, r.s.Offset, len(r.bytes))}
}

// passed moves the position behind bytes that were taken.
func (s *stream) passed(taken []byte) {
	s.Offset += int64(len(taken))
	s.Pending = 0
	s.Marks.passed(taken)
}

func (s *stream) close() {
	if s.file != nil {
		s.file.Close() // it was only read
		s.file = nil
	}
}

// errReplaced says that the file no longer begins with what was read of it.
var errReplaced = errors.New("the file was replaced")

// look reads what is new in a stream.
func (f *Follower) look(s *stream, now time.Time) (reading, error) {
	if s.file == nil || s.shadow {
		return reading{}, nil
	}
	info, err := s.file.Stat()
	if err != nil {
		return reading{}, err
	}
	if info.Size() == s.size && info.ModTime().Equal(s.changed) && s.Pending == 0 && s.size == s.Offset {
		return reading{}, nil
	}
	if info.Size() != s.size || !info.ModTime().Equal(s.changed) {
		s.quiet = now
	}
	data, err := s.read(info.Size(), f.o.LineBytes)
	if err != nil {
		return reading{}, err
	}
	s.size, s.changed = info.Size(), info.ModTime()
	lines := data
	if s.Pending == 0 {
		lines = f.whole(s, data, now)
		s.Pending = int64(len(lines))
	}
	more := len(lines) > 0 && len(data) >= chunkBytes
	return reading{s, lines, more}, nil
}

// read gives the bytes behind the position, or just those that are pending, when
// the marks still stand. The marks are looked at after the reading: what was
// read before they were found in place belongs to them.
func (s *stream) read(size int64, lineBytes int) ([]byte, error) {
	want := min(size-s.Offset, max(chunkBytes, int64(lineBytes)))
	if s.Pending > 0 {
		want = s.Pending
	}
	if want < 0 || s.Offset+want > size {
		return nil, errReplaced
	}
	trail := int64(s.Marks.TrailBytes)
	data := make([]byte, trail+want)
	if n, err := s.file.ReadAt(data, s.Offset-trail); n < len(data) {
		if err == io.EOF {
			return nil, errReplaced // it became shorter meanwhile
		}
		return nil, err
	}
	head := make([]byte, headBytes)
	n, err := s.file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if !s.Marks.stand(head[:n], data[:trail]) {
		return nil, errReplaced
	}
	s.Marks.grow(head[:n], data[:trail])
	return data[trail:], nil
}

// whole is the part of data that can be handed on: whole lines, whole records
// if somebody knows them, and everything when nothing more will come.
func (f *Follower) whole(s *stream, data []byte, now time.Time) []byte {
	end := bytes.LastIndexByte(data, '\n') + 1
	if s.gone && now.Sub(s.quiet) >= goneFor {
		return data
	}
	if end == 0 {
		if len(data) < f.o.LineBytes {
			return nil
		}
		return data[:runeEnd(data, f.o.LineBytes)]
	}
	if f.o.Hold == nil || now.Sub(s.quiet) >= heldFor {
		return data[:end]
	}
	if held := f.o.Hold(data[:end]); held > 0 || end < chunkBytes/2 {
		return data[:held]
	}
	return data[:end] // a record that never ends
}

// runeEnd is the end of the last whole character within n bytes.
func runeEnd(data []byte, n int) int {
	for back := range min(n, utf8.UTFMax) {
		if utf8.RuneStart(data[n-back-1]) {
			if utf8.FullRune(data[n-back-1 : n]) {
				return n
			}
			if n-back-1 > 0 {
				return n - back - 1
			}
		}
	}
	return n
}
