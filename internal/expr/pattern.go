package expr

import "strings"

// Pattern is a text with wildcards: Parts are the literal stretches between
// the stars, so "a*b" has two parts, "*b" has "" and "b", and a text without a
// star has one. A star stands for any text, the empty one included.
type Pattern struct{ Parts []string }

// LiteralPattern is the pattern that matches just this text.
func LiteralPattern(text string) Pattern { return Pattern{[]string{text}} }

// ParsePattern reads a pattern as written in a question: * is a wildcard, \*
// a star, \\ a backslash; any other backslash is itself.
func ParsePattern(text string) Pattern {
	var parts []string
	var lit strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case escapes(text, i):
			i++
			lit.WriteByte(text[i])
		case c == '*':
			if n := len(parts); n > 0 && lit.Len() == 0 && i > 0 && text[i-1] == '*' && parts[n-1] != "" {
				continue // ** says no more than *
			}
			parts = append(parts, lit.String())
			lit.Reset()
		default:
			lit.WriteByte(c)
		}
	}
	return Pattern{tidy(append(parts, lit.String()))}
}

// ParseLiteral reads a text as ParsePattern does, but a star in it is a star.
func ParseLiteral(text string) Pattern {
	var lit strings.Builder
	for i := 0; i < len(text); i++ {
		if escapes(text, i) {
			i++
		}
		lit.WriteByte(text[i])
	}
	return LiteralPattern(lit.String())
}

// escapes reports whether text[i] is a backslash that says what the next sign is.
func escapes(text string, i int) bool {
	return text[i] == '\\' && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\')
}

// tidy drops empty parts between stars.
func tidy(parts []string) []string {
	if len(parts) < 3 {
		return parts
	}
	out := parts[:1]
	for _, p := range parts[1 : len(parts)-1] {
		if p != "" {
			out = append(out, p)
		}
	}
	return append(out, parts[len(parts)-1])
}

// Literal is the text the pattern matches, when it has no wildcard.
func (p Pattern) Literal() (string, bool) {
	if len(p.Parts) == 1 {
		return p.Parts[0], true
	}
	return "", false
}

// All reports whether the pattern is just *.
func (p Pattern) All() bool {
	return len(p.Parts) == 2 && p.Parts[0] == "" && p.Parts[1] == ""
}

// String is the pattern as ParsePattern reads it.
func (p Pattern) String() string {
	var b strings.Builder
	for i, part := range p.Parts {
		if i > 0 {
			b.WriteByte('*')
		}
		for k := 0; k < len(part); k++ {
			if part[k] == '*' || part[k] == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(part[k])
		}
	}
	return b.String()
}

// Matches reports whether text is matched whole, letters as written.
func (p Pattern) Matches(text string) bool {
	if len(p.Parts) == 1 {
		return text == p.Parts[0]
	}
	first, last := p.Parts[0], p.Parts[len(p.Parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range p.Parts[1 : len(p.Parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}
