package intake

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// lines cuts a stream at line ends, in memory that the longest line allowed
// bounds.
type lines struct {
	src  io.Reader
	most int  // a longer line is cut here
	nul  bool // a zero byte ends a line too

	buf        []byte
	start, end int // what was read and not handed out
	looked     int // up to here there is no line end
	number     int // lines handed out or passed
	skip       bool
	err        error // of src, once everything before it was handed out
}

const (
	// One read from the network brings 4 to 64 KiB.
	readBytes = 64 << 10
	// A reader that gives nothing this many times without an error is broken.
	emptyReadsMost = 100
	// Editors on Windows begin a file with it.
	byteOrderMark = "\ufeff"
)

func newLines(src io.Reader, most int) *lines {
	return &lines{src: src, most: most, buf: make([]byte, readBytes)}
}

// linesOf is newLines in a buffer that was used before.
func (in *Intake) linesOf(src io.Reader, most int) *lines {
	in.mu.Lock()
	defer in.mu.Unlock()
	last := len(in.spare) - 1
	if last < 0 {
		return newLines(src, most)
	}
	l := in.spare[last]
	in.spare = in.spare[:last]
	*l = lines{src: src, most: most, buf: l.buf}
	return l
}

// sparePerTurn buffers wait for the next body: for each processor one that is made
// rows of and one that is filled.
const sparePerTurn = 2

// keep puts the buffer of lines back for the next body: memory that is touched for
// the first time costs as much as what is read into it. That of one long line goes.
func (in *Intake) keep(l *lines) {
	l.src = nil
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(l.buf) <= max(readBytes, in.options.ChunkBytes) && len(in.spare) < sparePerTurn*cap(in.turns.free) {
		in.spare = append(in.spare, l)
	}
}

// ahead reads until n bytes are there that were not handed out, or all.
func (l *lines) ahead(n int) {
	for l.err == nil && l.end-l.start < n {
		l.fill()
	}
}

// next gives the next line that is not blank, without its end, valid until the
// next call.
func (l *lines) next() (record, error) {
	for {
		text, cut, err := l.line()
		if err != nil {
			return record{}, err
		}
		if l.number == 1 {
			text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		}
		if !blank(text) {
			return record{text: text, line: l.number, cut: cut}, nil
		}
	}
}

// line gives the next line, blank or not.
func (l *lines) line() (text []byte, cut bool, err error) {
	for {
		if at := l.lineEnd(); at >= 0 {
			text, cut = l.take(at, at+1)
			if text != nil {
				return text, cut, nil
			}
			continue // the rest of a line that was cut
		}
		if l.err != nil {
			return l.rest()
		}
		if l.end-l.start > l.most {
			text, _ = l.take(l.start+l.most+1, l.start+l.most)
			l.skip = true
			if text != nil {
				return text, true, nil
			}
			continue
		}
		l.fill()
	}
}

// lineEnd is the place of the next line end in the buffer, -1 when there is none.
func (l *lines) lineEnd() int {
	if l.looked < l.end {
		unseen := l.buf[l.looked:l.end]
		at := bytes.IndexByte(unseen, '\n')
		if l.nul {
			if at >= 0 {
				unseen = unseen[:at]
			}
			if nul := bytes.IndexByte(unseen, 0); nul >= 0 {
				at = nul
			}
		}
		if at >= 0 {
			return l.looked + at
		}
		l.looked = l.end
	}
	return -1
}

// take hands out the line that ends at end, cut where it is too long, and goes
// on at next. It is nil when the line is the rest of one that was cut.
func (l *lines) take(end, next int) (text []byte, cut bool) {
	text = l.buf[l.start:end]
	l.start, l.looked = next, next
	if l.skip {
		l.skip = false
		return nil, false
	}
	l.number++
	if len(text) > l.most {
		return cutText(text, l.most), true
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	return text, false
}

// rest hands out what stands behind the last line end. After a read error it
// may be a part of a line only, and is not handed out.
func (l *lines) rest() (text []byte, cut bool, err error) {
	if l.err == io.EOF && l.start < l.end {
		if text, cut = l.take(l.end, l.end); text != nil {
			return text, cut, nil
		}
	}
	return nil, false, l.err
}

// fill reads more, after what is there.
func (l *lines) fill() {
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.end, l.looked, l.start = l.end-l.start, l.looked-l.start, 0
	}
	if l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	for range emptyReadsMost {
		n, err := l.src.Read(l.buf[l.end:])
		l.end += n
		l.err = err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}

// cutText is the first most bytes of text, without a character that was cut
// in its middle. What is appended to it does not touch the rest.
func cutText(text []byte, most int) []byte {
	text = text[:most:most]
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if c := text[len(text)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-back:]) {
				return text[:len(text)-back]
			}
			break
		}
	}
	return text
}

func blank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
