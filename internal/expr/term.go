package expr

import (
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/row"
)

// termTest looks for a word, phrase or fragment in a text: its parts in order,
// the first beginning and the last ending where a word does, except on a side
// with a star and where the term's own end is no letter or digit.
type termTest struct {
	parts       []needle
	start, stop bool // the first part must begin, the last must end at a border
	fill        string
	holes       bool // a part may overlap a hole of a shape
	written
}

func newTermTest(p Pattern, exact bool) *termTest {
	t := &termTest{}
	last := len(p.Parts) - 1
	for i, part := range p.Parts {
		if part == "" {
			continue
		}
		t.parts = append(t.parts, newNeedle(part, exact))
		if i == 0 {
			r, _ := utf8.DecodeRuneInString(part)
			t.start = inWord(classOf(r))
		}
		if i == last {
			r, _ := utf8.DecodeLastRuneInString(part)
			t.stop = inWord(classOf(r))
		}
	}
	t.fill, t.holes = fillFor(t.parts), anyFitsHole(t.parts)
	return t
}

// newFragmentTest looks for a text anywhere.
func newFragmentTest(text string, exact bool) *termTest {
	t := &termTest{parts: []needle{newNeedle(text, exact)}}
	t.fill, t.holes = fillFor(t.parts), anyFitsHole(t.parts)
	return t
}

func (t *termTest) text(s string) bool {
	at := 0
	for i := range t.parts {
		if at = t.next(s, at, i); at < 0 {
			return false
		}
	}
	return true
}

// next is the end of the first place of part i in s at or after from, or -1.
func (t *termTest) next(s string, from, i int) int {
	start := t.start && i == 0
	stop := t.stop && i == len(t.parts)-1
	for {
		at, end := t.parts[i].find(s, from)
		if at < 0 || (!start || border(s, at)) && (!stop || border(s, end)) {
			return end
		}
		from = at + 1
	}
}

func (t *termTest) value(v row.Value) bool { return t.text(t.of(v)) }

// shape decides by the literal text of a shape, where that is enough.
func (t *termTest) shape(s *shape) verdict {
	if t.fill != "" && t.text(s.filled(t.fill)) {
		return always
	}
	if t.fill != "" && !t.holes {
		return never
	}
	at := 0
	for i := range t.parts {
		if at = s.next(&t.parts[i], at, t.start && i == 0, t.stop && i == len(t.parts)-1); at < 0 {
			return never
		}
	}
	return open
}
