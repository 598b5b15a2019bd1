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
	start, stop bool   // the first part must begin, the last must end at a border
	longest     int    // the part that fewest texts have
	fill        string // for the holes of shapes, see fillers
	holes       bool   // a part may overlap a hole of a shape
	literal     *needle
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
	t.prepare()
	return t
}

// newSequenceTest looks for needles anywhere, one after the other.
func newSequenceTest(parts []needle) *termTest {
	t := &termTest{parts: parts}
	t.prepare()
	return t
}

func (t *termTest) prepare() {
	t.fill, t.holes, t.literal = fillFor(t.parts), anyFitsHole(t.parts), coreOf(t.parts)
	for i := range t.parts {
		if len(t.parts[i].text) > len(t.parts[t.longest].text) {
			t.longest = i
		}
	}
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
	c := cursor{from: from}
	for {
		at, end := t.parts[i].next(s, &c)
		if at < 0 || (!start || border(s, at)) && (!stop || border(s, end)) {
			return end
		}
	}
}

func (t *termTest) value(v row.Value) bool { return t.text(t.of(v)) }

func (t *termTest) core() *needle { return t.literal }

// shape decides by the literal text of a shape, where that is enough.
func (t *termTest) shape(s *shape) verdict {
	if t.fill != "" && s.mayHave(t.parts) && t.text(s.filled(t.fill)) {
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

// fragment is the part that texts are put aside by.
func (t *termTest) fragment() *needle {
	if len(t.parts) == 0 {
		return nil
	}
	n := &t.parts[t.longest]
	if n.text == "" || !n.ascii && !n.exact {
		return nil
	}
	return n
}

func (t *termTest) places(s *shape) Places {
	n := t.fragment()
	if n == nil {
		return nil
	}
	first, last := t.longest == 0, t.longest == len(t.parts)-1
	return s.places(n, t.start && first, t.stop && last, first && last)
}
