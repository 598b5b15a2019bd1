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
//
// What it has seen stays, for the next group and for other fields, up to
// mostSeen; only the numbers of shapes begin anew.
type splitter struct {
	shapes terms
	zeroed terms
	lines  []splitLine // by id of zeroed
	runs   []digitRun
	text   []byte // of the line at hand, zeroed
	shape  []byte

	seen  int      // bytes of all texts of shapes and zeroed
	codes []uint32 // by id of shapes: its number and one; 0 when it has none
	ids   []uint32 // by number: its id
}

// mostSeen is how much is remembered from group to group: some ten thousand
// lines, several times what programs print that are worth the look.
const mostSeen = 4 << 20

// splitLine is how all texts are split that are alike but for their digits.
type splitLine struct {
	shape    uint32 // its id
	from, to int    // its runs of digits
	digits   int    // in all of them
}

type digitRun struct{ from, to uint32 }

// begin turns to other texts.
func (p *splitter) begin() {
	for _, id := range p.ids {
		p.codes[id] = 0
	}
	p.ids = p.ids[:0]
	if 0 < p.seen && p.seen <= mostSeen {
		return
	}
	p.seen, p.codes, p.lines, p.runs = 0, p.codes[:0], p.lines[:0], p.runs[:0]
	for _, t := range [...]*terms{&p.shapes, &p.zeroed} {
		t.keep() // shapes are in dictionaries by now
		t.restart(shapeTrial)
	}
}

// split gives the number of a text's shape, and appends what fills its holes.
func (p *splitter) split(fill, text []byte) (shape uint32, newFill []byte) {
	p.text = row.AppendZeroed(p.text[:0], text)
	if id, ok := p.zeroed.find(view(p.text)); ok {
		line := &p.lines[id]
		return p.number(line.shape), appendDigits(fill, text, p.runs[line.from:line.to], line.digits)
	}
	at := len(fill)
	p.shape, fill = row.SplitShape(p.shape[:0], fill, text)
	id := p.shapes.id(p.shape)
	if int(id) == len(p.codes) {
		p.codes = append(p.codes, 0)
		p.seen += len(p.shape)
	}
	if onlyDigits(fill[at:]) {
		p.zeroed.id(p.text)
		p.seen += len(p.text)
		from := len(p.runs)
		p.runs = appendRuns(p.runs, text)
		p.lines = append(p.lines, splitLine{id, from, len(p.runs), len(fill) - at})
	}
	return p.number(id), fill
}

// number is the number of a shape among the texts at hand.
func (p *splitter) number(id uint32) uint32 {
	if p.codes[id] == 0 {
		p.ids = append(p.ids, id)
		p.codes[id] = uint32(len(p.ids))
	}
	return p.codes[id] - 1
}

// found are the shapes of the texts at hand, by number.
func (p *splitter) found() []string {
	out := make([]string, len(p.ids))
	for i, id := range p.ids {
		out[i] = p.shapes.texts[id]
	}
	return out
}

// size is the bytes of the shapes of the texts at hand.
func (p *splitter) size() int {
	n := 0
	for _, id := range p.ids {
		n += len(p.shapes.texts[id])
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
