package colfile

import (
	"encoding/binary"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// splitter splits texts into shapes and numbers these in order of first sight. A
// program prints the same line again with other digits: what a text is with all
// its digits made zero says its shape and its holes, and is looked up in a fifth
// of the time that splitting takes. The letters of hex tokens differ from line to
// line, so texts with such are split each time.
type splitter struct {
	shapes terms
	zeroed terms
	lines  []splitLine // by id of zeroed
	runs   []digitRun
	text   []byte // of the line at hand, zeroed
	shape  []byte
}

// splitLine is how all texts are split that are alike but for their digits.
type splitLine struct {
	shape    uint32
	from, to int // its runs of digits
	digits   int // in all of them
}

type digitRun struct{ from, to uint32 }

// restart forgets all shapes and makes room for about n others.
func (p *splitter) restart(n int) {
	p.shapes.restart(n)
	p.zeroed.restart(n)
	p.lines, p.runs = p.lines[:0], p.runs[:0]
}

// split gives the number of a text's shape, and appends what fills its holes.
func (p *splitter) split(fill, text []byte) (shape uint32, newFill []byte) {
	p.text = row.AppendZeroed(p.text[:0], text)
	if id, ok := p.zeroed.find(view(p.text)); ok {
		line := &p.lines[id]
		return line.shape, appendDigits(fill, text, p.runs[line.from:line.to], line.digits)
	}
	at := len(fill)
	p.shape, fill = row.SplitShape(p.shape[:0], fill, text)
	shape = p.shapes.id(p.shape)
	if onlyDigits(fill[at:]) {
		p.zeroed.id(p.text)
		from := len(p.runs)
		p.runs = appendRuns(p.runs, text)
		p.lines = append(p.lines, splitLine{shape, from, len(p.runs), len(fill) - at})
	}
	return shape, fill
}

// size is the bytes of all shapes.
func (p *splitter) size() int {
	n := 0
	for _, s := range p.shapes.texts {
		n += len(s)
	}
	return n
}

// appendDigits appends runs of a text, n digits in all, the short ones in one step.
func appendDigits(fill, text []byte, runs []digitRun, n int) []byte {
	const step = 8
	at := len(fill)
	fill = slices.Grow(fill, n+step)[:at+n+step]
	for _, run := range runs {
		if run.to-run.from <= step && int(run.from)+step <= len(text) {
			binary.LittleEndian.PutUint64(fill[at:], binary.LittleEndian.Uint64(text[run.from:]))
		} else {
			copy(fill[at:], text[run.from:run.to])
		}
		at += int(run.to - run.from)
	}
	return fill[:at]
}

func onlyDigits(text []byte) bool {
	for _, c := range text {
		if c > '9' {
			return false
		}
	}
	return true
}

// appendRuns appends the runs of digits of a text.
func appendRuns(dst []digitRun, text []byte) []digitRun {
	for i := 0; i < len(text); i++ {
		from := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		if i > from {
			dst = append(dst, digitRun{uint32(from), uint32(i)})
		}
	}
	return dst
}
