package expr

import (
	"strings"
	"unicode/utf8"
)

// needle is a text to look for in many texts.
type needle struct {
	text  string // folded unless exact
	exact bool   // letters as written
	ascii bool   // every byte is ASCII
	// The byte of an ASCII needle that is rarest in logs is looked for first:
	// at is its place, low and up its two cases.
	at      int
	low, up byte
	// standing is made when the needle is first looked for in a shape.
	standing *standing
}

func newNeedle(text string, exact bool) needle {
	n := needle{text: text, exact: exact, ascii: isASCII(text)}
	if !exact {
		n.text = fold(text)
	}
	if n.ascii && text != "" {
		n.at = rarest(n.text)
		n.low = n.text[n.at]
		n.up = n.low
		if n.low >= 'a' && n.low <= 'z' {
			n.up = n.low - 'a' + 'A'
		}
	}
	return n
}

// coreOf is the longest run of bytes in the parts that can fill no hole of a
// shape and need no escape in it, so that a text with the parts in it has a
// shape with the run in it; nil when there is none. It is looked for just as
// the parts are.
func coreOf(parts []needle) *needle {
	best := ""
	exact := false
	for i := range parts {
		p := &parts[i]
		if !p.ascii && !p.exact {
			continue // folding may change its bytes
		}
		run := 0
		for at := range len(p.text) + 1 {
			if at < len(p.text) && !fitsHole(p.text[at]) && p.text[at] >= ' ' {
				run++
				continue
			}
			if run > len(best) {
				best, exact = p.text[at-run:at], p.exact
			}
			run = 0
		}
	}
	if best == "" {
		return nil
	}
	n := newNeedle(best, exact)
	return &n
}

// fitsHole holds for the bytes that can stand in a hole.
func fitsHole(c byte) bool { return c-'0' <= 9 || c|0x20-'a' <= 5 }

// common are the bytes of log lines, most frequent first, letter case apart.
const common = "e 0t1ao2inrs3cd.l4-/5:p_m6u8=79fg\"bhvk,w]y[xz;@()jq'"

// rarest is the place of the byte that fewest log lines have.
func rarest(s string) int {
	best, rank := 0, -1
	for i := range len(s) {
		r := strings.IndexByte(common, s[i])
		if r < 0 {
			r = len(common)
		}
		if r > rank {
			best, rank = i, r
		}
	}
	return best
}

// find is the first place at or after from where s has the needle: from start
// to end. start is -1 when there is none.
func (n *needle) find(s string, from int) (start, end int) {
	c := cursor{from: from}
	return n.next(s, &c)
}

// cursor is where a search in one text goes on. It keeps what was seen ahead,
// so that all places together cost one pass over the text.
type cursor struct {
	from    int
	started bool
	low, up int // the next places of the rarest byte's two cases
}

// next is the next place at or after the cursor, which moves behind its first
// byte; start is -1 when there is none.
func (n *needle) next(s string, c *cursor) (start, end int) {
	switch {
	case n.text == "":
		start, end = c.from, c.from
	case n.exact:
		if start, end = strings.Index(s[c.from:], n.text), -1; start >= 0 {
			start += c.from
			end = start + len(n.text)
		}
	case n.ascii:
		start, end = n.nextASCII(s, c)
	default:
		start, end = n.nextRunes(s, c.from)
	}
	c.from = start + 1
	return start, end
}

// nextASCII jumps from one place of the rarest byte to the next.
func (n *needle) nextASCII(s string, c *cursor) (start, end int) {
	// The rarest byte of the needle can only stand in s[first:stop].
	first, stop := c.from+n.at, len(s)-len(n.text)+n.at+1
	if first >= stop {
		return -1, -1
	}
	if !c.started || c.low < first {
		c.low = nextByte(s, first, stop, n.low)
	}
	if n.up == n.low {
		c.up = stop
	} else if !c.started || c.up < first {
		c.up = nextByte(s, first, stop, n.up)
	}
	c.started = true
	for c.low < stop || c.up < stop {
		at := min(c.low, c.up)
		if hasPrefixFold(s[at-n.at:], n.text) {
			return at - n.at, at - n.at + len(n.text)
		}
		if at == c.low {
			c.low = nextByte(s, at+1, stop, n.low)
		} else {
			c.up = nextByte(s, at+1, stop, n.up)
		}
	}
	return -1, -1
}

// nextByte is the first place of c in s[from:stop], or stop.
func nextByte(s string, from, stop int, c byte) int {
	if i := strings.IndexByte(s[from:stop], c); i >= 0 {
		return from + i
	}
	return stop
}

// nextRunes is for needles with letters outside ASCII, whose two cases may
// differ in length.
func (n *needle) nextRunes(s string, from int) (start, end int) {
	for i := from; i < len(s); {
		if end, ok := n.runesAt(s, i); ok {
			return i, end
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return -1, -1
}

func (n *needle) runesAt(s string, i int) (end int, ok bool) {
	for rest := n.text; rest != ""; {
		if i >= len(s) {
			return 0, false
		}
		want, wantSize := utf8.DecodeRuneInString(rest)
		got, gotSize := utf8.DecodeRuneInString(s[i:])
		if want == utf8.RuneError && wantSize == 1 || got == utf8.RuneError && gotSize == 1 {
			if s[i] != rest[0] {
				return 0, false
			}
			rest, i = rest[1:], i+1
			continue
		}
		if foldRune(got) != want {
			return 0, false
		}
		rest, i = rest[wantSize:], i+gotSize
	}
	return i, true
}
