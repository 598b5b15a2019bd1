package intake

import (
	"bytes"
	"io"

	"github.com/plumbline/plumbline/internal/keyval"
)

// whole takes a body for one message when it is one, however many lines it is
// printed over, and else for a message a line.
type whole struct {
	lines *lines
	asked bool
}

// messages frames a body of GELF. Zero bytes end messages as line ends do.
func messages(_ *job, l *lines) (framer, error) {
	l.nul = true
	return &whole{lines: l}, nil
}

func (w *whole) next() (record, error) {
	if !w.asked {
		w.asked = true
		if text := w.lines.peekAll(); isObject(text) {
			w.lines.start, w.lines.looked = w.lines.end, w.lines.end
			return record{text: text, line: 1}, nil
		}
	}
	return w.lines.next()
}

// peekAll reads the body into the buffer as far as a line may be long, and gives
// it when that was all.
func (l *lines) peekAll() []byte {
	for l.err == nil && l.end <= l.most {
		l.fill()
	}
	if l.err != io.EOF {
		return nil
	}
	return bytes.Trim(l.buf[l.start:l.end], "\x00\r\n\t ")
}

// isObject reports whether text is one object of JSON over several lines.
func isObject(text []byte) bool {
	if bytes.IndexByte(text, '\n') < 0 {
		return false
	}
	var scan keyval.JSON
	scan.Reset(text)
	for scan.Next() {
	}
	return scan.Err() == nil
}
