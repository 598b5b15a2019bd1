package expr

// fitting finds the places of a shape where a needle may stand, in one pass over
// its bytes: of each byte of the needle a bit says that the needle up to it may
// end here.
type fitting struct {
	s    *shape
	n    *needle
	at   int    // the byte of the shape that comes next
	ends uint64 // the bits of the byte before
}

// standing says of the first bytes of a needle, a bit for each, at what they may
// stand.
type standing struct {
	literal [256]uint64 // by byte
	holes   [upperHex + 1]uint64
	head    int // how many they are
}

// mostStanding bytes of a needle are followed; longer ones are compared besides
// where these may stand.
const mostStanding = 64

func newStanding(n *needle) *standing {
	t := &standing{head: min(len(n.text), mostStanding)}
	for i := range t.head {
		c, bit := n.text[i], uint64(1)<<i
		t.literal[c] |= bit
		if !n.exact && c-'a' < 26 {
			t.literal[c-'a'+'A'] |= bit
		}
		for kind := byte(decimals); kind <= upperHex; kind++ {
			if fills(c, kind, n.exact) {
				t.holes[kind] |= bit
			}
		}
	}
	return t
}

// fills reports whether a byte of a needle may stand in a hole of a kind. A
// folded one has letters in lower case, whatever theirs is.
func fills(c, kind byte, exact bool) bool {
	switch {
	case c-'0' <= 9:
		return true
	case kind == lowHex:
		return c-'a' <= 5
	case kind == upperHex:
		return c-'A' <= 5 || !exact && c-'a' <= 5
	}
	return false
}

// fitting begins at a byte of the shape.
func (s *shape) fitting(n *needle, from int) fitting {
	if n.standing == nil {
		n.standing = newStanding(n)
	}
	return fitting{s: s, n: n, at: from}
}

// next is where the next place starts, -1 when there is none.
func (f *fitting) next() int {
	t, text, holes := f.n.standing, f.s.text, f.s.holes
	if t.head == 0 {
		f.at++
		if f.at-1 > len(text) {
			return -1
		}
		return f.at - 1
	}
	all, ends := uint64(1)<<(t.head-1), f.ends
	for at := f.at; at < len(text); at++ {
		may := t.literal[text[at]]
		if hole := holes[at]; hole != literal {
			may = t.holes[hole]
		}
		ends = (ends<<1 | 1) & may
		if ends&all == 0 {
			continue
		}
		start := at + 1 - t.head
		if rest := len(f.n.text) - t.head; rest == 0 || rest < len(text)-at && f.s.fits(f.n, start) {
			f.at, f.ends = at+1, ends
			return start
		}
	}
	f.at = len(text)
	return -1
}
