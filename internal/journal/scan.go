package journal

import (
	"errors"
	"io"
	"slices"

	"github.com/plumbline/plumbline/internal/disk"
)

// windowBytes is read at once: past 1 MiB a larger read is no faster.
const windowBytes = 1 << 20

// scanner finds the frames of one segment, in any bytes.
type scanner struct {
	file   disk.File
	salt   uint64
	size   int64
	window []byte
	from   int64 // offset of the window

	torn   int64 // end of the farthest frame whose head verifies and whose body does not
	failed error // the first failure to read; pages that cannot be read count as zeros
}

// next returns the first frame at or after an offset.
func (s *scanner) next(at int64) (frame, bool) {
	for at = (at + frameAlign - 1) &^ (frameAlign - 1); at+frameHead <= s.size; {
		w := s.view(at, frameHead)
		for ; len(w) >= frameHead; w, at = w[frameAlign:], at+frameAlign {
			if !plausible(w) {
				continue
			}
			f, ok := readHead(w, at, s.salt)
			if !ok || f.end > s.size {
				continue
			}
			if f.readBody(s.view(at, int(f.end-at))[:f.end-at], s.salt) {
				return f, true
			}
			s.torn = max(s.torn, f.end)
			w = s.view(at, frameHead) // the look at the body may have moved the window
		}
	}
	return frame{}, false
}

// view returns the bytes from an offset on, at least n of them; the caller has checked that the file is so long.
func (s *scanner) view(at int64, n int) []byte {
	if at < s.from || at+int64(n) > s.from+int64(len(s.window)) {
		s.load(at, int(min(max(int64(n), windowBytes), s.size-at)))
	}
	return s.window[at-s.from:]
}

// load reads a window; when that fails, page by page, so that one bad sector costs one page.
func (s *scanner) load(at int64, n int) {
	s.from, s.window = at, slices.Grow(s.window[:0], n)[:n]
	if got, _ := s.file.ReadAt(s.window, at); got == n {
		return
	}
	for from := 0; from < n; {
		to := min(n, from+pageBytes-int((at+int64(from))%pageBytes))
		page := s.window[from:to]
		if got, err := s.file.ReadAt(page, at+int64(from)); got < len(page) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			if s.failed == nil {
				s.failed = err
			}
			clear(page)
		}
		from = to
	}
}
