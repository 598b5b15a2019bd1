package expr

import "strings"

// glob matches whole texts against a pattern, letter case apart.
type glob struct {
	parts []needle
	ascii bool
	buf   []byte // of one evaluator, as every test is
}

func newGlob(p Pattern) *glob {
	g := &glob{ascii: true}
	for _, part := range p.Parts {
		n := newNeedle(part, false)
		g.parts = append(g.parts, n)
		g.ascii = g.ascii && n.ascii
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
