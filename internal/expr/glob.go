package expr

import "strings"

// glob matches whole texts against a pattern, letter case apart.
type glob struct {
	parts []needle
	ascii bool
	fill  string // for the holes of shapes, see fillers
	core  *needle
	buf   []byte // of one evaluator, as every test is
}

func newGlob(p Pattern) *glob {
	g := &glob{ascii: true}
	for _, part := range p.Parts {
		n := newNeedle(part, false)
		g.parts = append(g.parts, n)
		g.ascii = g.ascii && n.ascii
	}
	g.fill = fillFor(g.parts)
	if g.ascii { // else texts are folded before they are looked through
		g.core = coreOf(g.parts)
	}
	return g
}

// match reports whether the pattern matches all of s.
func (g *glob) match(s string) bool {
	if !g.ascii {
		// Folded once, the text compares byte by byte.
		g.buf = appendFold(g.buf[:0], s)
		s = view(g.buf)
	}
	first := g.parts[0].text
	if !g.begins(s, first) {
		return false
	}
	if len(g.parts) == 1 {
		return len(s) == len(first)
	}
	last := g.parts[len(g.parts)-1].text
	if len(s) < len(first)+len(last) || !g.begins(s[len(s)-len(last):], last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for i := range g.parts[1 : len(g.parts)-1] {
		end := g.cut(s, &g.parts[1+i])
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}

func (g *glob) begins(s, part string) bool {
	if g.ascii {
		return hasPrefixFold(s, part)
	}
	return strings.HasPrefix(s, part)
}

// cut is the end of the first place of part in s, or -1.
func (g *glob) cut(s string, part *needle) int {
	if g.ascii {
		_, end := part.find(s, 0)
		return end
	}
	if i := strings.Index(s, part.text); i >= 0 {
		return i + len(part.text)
	}
	return -1
}

// shape decides by the literal text of a shape, where that is enough.
func (g *glob) shape(s *shape) verdict {
	switch {
	case g.fill != "" && s.mayHave(g.parts) && g.match(s.filled(g.fill)):
		return always
	case !g.ascii:
		return open
	}
	first, last := &g.parts[0], &g.parts[len(g.parts)-1]
	end := len(s.text) - len(last.text)
	if len(first.text) > len(s.text) || end < 0 || !s.fits(first, 0) || !s.fits(last, end) || len(g.parts) == 1 && end != 0 {
		return never
	}
	at := len(first.text)
	for i := 1; i < len(g.parts)-1; i++ {
		if at = s.next(&g.parts[i], at, false, false); at < 0 {
			return never
		}
	}
	if len(g.parts) > 1 && at > end {
		return never
	}
	return open
}
