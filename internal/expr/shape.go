package expr

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/row"
)

// shape is the text that all messages of one row.Shape entry share: literal
// bytes, and holes of known width whose bytes are known to be digits, or hex
// digits. Columns of ids (Hex, UUID) have one shape for all rows.
type shape struct {
	text  []byte // literal bytes; in a hole 0
	holes []byte // what stands there: literal, decimals, hex, upperHex
	buf   []byte
	found Places // used again for each shape
}

// What a byte of a shape is.
const (
	literal  = iota
	decimals // 0-9
	lowHex   // 0-9a-f
	upperHex // 0-9A-F
)

// read takes a shape of a dictionary apart.
func (s *shape) read(text string) {
	s.text, s.holes = s.text[:0], s.holes[:0]
	row.ShapeLiterals(text, func(lit string, hole byte, width int) bool {
		s.add(lit)
		s.addHole(hole, width)
		return true
	})
}

// readColumn is the shape of all values of a Hex or UUID column.
func (s *shape) readColumn(c *row.Column) {
	s.text, s.holes = s.text[:0], s.holes[:0]
	if c.Kind == row.Hex {
		s.add(c.Prefix)
		s.addHole(lowHex, 2*c.Width)
		return
	}
	for i, width := range [...]int{8, 4, 4, 4, 12} {
		if i > 0 {
			s.add("-")
		}
		s.addHole(lowHex, width)
	}
}

func (s *shape) add(lit string) {
	s.text = append(s.text, lit...)
	s.holes = appendZeros(s.holes, len(lit)) // literal
}

func (s *shape) addHole(kind byte, width int) {
	s.text, s.holes = appendZeros(s.text, width), appendZeros(s.holes, width)
	hole := s.holes[len(s.holes)-width:]
	for i := range hole {
		hole[i] = kind
	}
}

func appendZeros(dst []byte, n int) []byte {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	clear(dst[at:])
	return dst
}

// fillers are digits that can stand in holes: borders beside them are those of
// any digit. The last is for needles that have all the others.
var fillers = [...]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "٠"}

// fillFor is a filler that none of the needles has, "" when there is none.
func fillFor(parts []needle) string {
next:
	for _, f := range fillers {
		for i := range parts {
			if strings.Contains(parts[i].text, f) {
				continue next
			}
		}
		return f
	}
	return ""
}

// anyFitsHole reports whether a needle has a byte that can stand in a hole.
func anyFitsHole(parts []needle) bool {
	for i := range parts {
		if strings.ContainsAny(parts[i].text, "0123456789abcdefABCDEF") {
			return true
		}
	}
	return false
}

// mayHave reports whether the literal text may have all of the needles in it, by
// the byte of each that is rarest in logs.
func (s *shape) mayHave(parts []needle) bool {
	for i := range parts {
		n := &parts[i]
		if n.ascii && n.text != "" && bytes.IndexByte(s.text, n.low) < 0 && bytes.IndexByte(s.text, n.up) < 0 {
			return false
		}
	}
	return true
}

// filled is the text with this in every byte of every hole. What is found in
// it and has no byte of fill lies in literal text.
func (s *shape) filled(fill string) string {
	s.buf = s.buf[:0]
	for i, hole := range s.holes {
		if hole == literal {
			s.buf = append(s.buf, s.text[i])
		} else {
			s.buf = append(s.buf, fill...)
		}
	}
	return view(s.buf)
}

// next is the end of the first place at or after from where the needle may
// stand, or -1. start and stop ask for borders there, as far as can be known.
func (s *shape) next(n *needle, from int, start, stop bool) int {
	if !n.ascii && !n.exact {
		// Folding may change the length of a text: no place can be excluded
		// unless the whole needle must lie in literals, which filled has shown.
		return from
	}
	f := s.fitting(n, from)
	for at := f.next(); at >= 0; at = f.next() {
		end := at + len(n.text)
		if (!start || s.mayBorder(at)) && (!stop || s.mayBorder(end)) {
			return end
		}
	}
	return -1
}

// fits reports whether the needle may stand at a place.
func (s *shape) fits(n *needle, at int) bool {
	for i := range len(n.text) {
		if !s.can(n.text[i], at+i, n.exact) {
			return false
		}
	}
	return true
}

// can reports whether a byte of a needle may stand at a place.
func (s *shape) can(want byte, at int, exact bool) bool {
	if hole := s.holes[at]; hole != literal {
		return fills(want, hole, exact)
	}
	c := s.text[at]
	return c == want || !exact && lowered[c] == want
}

// mayBorder reports whether a word may start or end at a place; one of the
// bytes beside it is part of a word.
func (s *shape) mayBorder(at int) bool {
	if at == 0 || at == len(s.text) {
		return true
	}
	a, b := s.classAt(at-1), s.classAt(at)
	return a != b || a != digit && a != other
}

// mustBorder reports whether a word surely starts or ends at a place.
func (s *shape) mustBorder(at int) bool {
	if at == 0 || at == len(s.text) {
		return true
	}
	a, b := s.classAt(at-1), s.classAt(at)
	return a != b && a != unknown && b != unknown
}

// What classAt tells beside other and digit.
const (
	letter  = lower // of either case
	unknown = 255   // a digit or a letter, or a byte of a longer rune
)

func (s *shape) classAt(i int) uint8 {
	switch c := s.text[i]; {
	case s.holes[i] == decimals:
		return digit
	case s.holes[i] != literal || c >= utf8.RuneSelf:
		return unknown
	case asciiClass[c] == upper:
		return letter
	default:
		return asciiClass[c]
	}
}
