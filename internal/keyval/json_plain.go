package keyval

import (
	"bytes"
	"slices"
)

// Plain appends the pairs that come next as long as they are plain: no more
// than a space between the tokens, and no escape in a key. Most lines are
// nothing else. The rest is for Next.
func (j *JSON) Plain(dst []Pair) []Pair {
	if !j.open || j.within == unnumbered {
		return dst
	}
	if j.Keys == nil {
		j.Keys = new(Keys)
	}
	j.Keys.begin()
	b, clean := j.line, bytes.IndexByte(j.line, '\\') < 0
	for {
		i := j.pos
		if j.after {
			if i >= len(b) {
				return dst
			}
			if b[i] == '}' && len(j.outer) > 0 {
				j.pos++
				j.leave()
				continue
			}
			if b[i] != ',' {
				return dst
			}
			i = oneSpace(b, i+1)
		}
		if i >= len(b) || b[i] != '"' {
			return dst
		}
		id, at := j.Keys.guess(j.trail, j.within, b, i+1)
		key := b[:0]
		if id == 0 {
			end, escaped := stringEnd(b, i+1, clean)
			if escaped || end+1 >= len(b) || b[end+1] != ':' {
				return dst
			}
			key, at = b[i+1:end], end+2
			if id = j.Keys.number(j.trail, j.within, key); id == 0 && len(j.outer) > 0 {
				return dst
			}
		}
		if id > 0 {
			key = j.Keys.list[id].text
		}
		if at = oneSpace(b, at); at >= len(b) {
			return dst
		}
		if b[at] == '{' {
			if !j.enterPlain(id, at) {
				return dst
			}
			continue
		}
		n := len(dst)
		if n == cap(dst) {
			dst = slices.Grow(dst, n+1)
		}
		p := &dst[:n+1][n]
		p.Key, p.Number = key, id
		if b[at] == '"' {
			end, escaped := stringEnd(b, at+1, clean)
			if end >= len(b) {
				return dst
			}
			p.Value.Kind, p.Value.Escaped, p.Value.Raw = String, escaped, b[at+1:end]
			j.pos = end + 1
		} else {
			end, wrong := scanValue(&p.Value, b, at)
			if wrong != "" {
				return dst
			}
			j.pos = end
		}
		dst = dst[:n+1]
		j.step(id)
		j.after = true
	}
}

// enterPlain opens the object at i, which is the value of key number id. It is
// false where the object is a value as a whole: empty, or too deep.
func (j *JSON) enterPlain(id, i int) bool {
	inside := skipSpace(j.line, i+1)
	if id == 0 || len(j.outer) >= j.depthMost() || inside < len(j.line) && j.line[inside] == '}' {
		return false
	}
	j.pos = inside
	j.step(id)
	j.enterAs(j.Keys.list[id].own(), id)
	return true
}

// stringEnd is closingQuote for a line that may be known to be without escapes.
func stringEnd(b []byte, i int, clean bool) (end int, escaped bool) {
	if !clean {
		return closingQuote(b, i)
	}
	for ; i+8 <= len(b); i += 8 {
		if marks := quotes(load(b, i)); marks != 0 {
			return i + firstLane(marks), false
		}
	}
	for i < len(b) && b[i] != '"' {
		i++
	}
	return i, false
}

// oneSpace passes over a space at i.
func oneSpace(b []byte, i int) int {
	if i < len(b) && b[i] == ' ' {
		return i + 1
	}
	return i
}
