package keyval

// Token is a pair by its places in a line: of the key the number, and where the
// value stands. It holds no pointer, and is a quarter of a Pair.
type Token struct {
	From, Size uint32 // of what would be the value's Raw
	Key        uint32
	Kind       Kind
	Escaped    bool
}

// Value is the token's value in its line.
func (t *Token) Value(line []byte) Value {
	return Value{Kind: t.Kind, Escaped: t.Escaped, Raw: line[t.From : t.From+t.Size]}
}

// Tokens reads lines of JSON as most are written: no more than a space between
// what stands in them, and no escape in a key. They say what JSON says of them;
// all others are for JSON.
type Tokens struct {
	// Keys number the keys; the zero Tokens has its own.
	Keys *Keys
	// DepthMost is how many objects are opened within each other; 0 means 64.
	DepthMost int

	outer []uint32 // the keys of the objects that are open
}

// TokenSlack is how many bytes Scan may read behind a line.
const TokenSlack = 32

// Scan appends the tokens of a line to dst. It is false, and what it appended
// is of no worth, when the line is none for it. There must be room for
// TokenSlack bytes behind the line, whatever they are.
func (s *Tokens) Scan(line []byte, dst []Token) (_ []Token, plain bool) {
	if s.Keys == nil {
		s.Keys = new(Keys)
	}
	s.Keys.begin()
	s.outer = s.outer[:0]
	if len(line) == 0 || line[0] != '{' || cap(line)-len(line) < TokenSlack {
		return dst, false
	}
	b := line[: len(line)+TokenSlack : len(line)+TokenSlack]
	i := oneSpace(b, 1)
	if i < len(line) && b[i] == '}' {
		return dst, onlySpace(line, i+1)
	}
	within, t := uint32(0), trail{}
	next, list := s.Keys.next, s.Keys.list
	for i < len(line) {
		// The key.
		id := uint32(next[t.place()&uint(len(next)-1)][0])
		c := &list[id]
		if word := load(b, i); word&c.mask != c.head || c.within != within || c.size > 8 && !c.tailStands(b, i) {
			if id = s.key(t, within, line, b, i); id == 0 {
				return dst, false
			}
			next, list = s.Keys.next, s.Keys.list
			c = &list[id]
		}
		i = oneSpace(b, i+int(c.size))
		if i >= len(line) {
			return dst, false
		}
		t.step(int(id))
		// Its value.
		n := len(dst)
		if n == cap(dst) {
			dst = append(dst, Token{})
		}
		dst = dst[:n+1]
		v := &dst[n]
		v.Key, v.Kind, v.Escaped = id, String, false
		switch first := b[i]; {
		case first == '"':
			end := i + 1
			marks := quotesAndBackslashes(load(b, end))
			for marks == 0 {
				if end += 8; end >= len(line) {
					return dst, false
				}
				marks = quotesAndBackslashes(load(b, end))
			}
			end += firstLane(marks)
			if b[end] != '"' {
				end, v.Escaped = closingQuoteSlow(line, end)
			}
			if end >= len(line) {
				return dst, false
			}
			v.From, v.Size = uint32(i+1), uint32(end-i-1)
			i = end + 1
		case first == '{' && s.opens(line, i):
			i = skipSpace(line, i+1)
			dst = dst[:n]
			s.outer = append(s.outer, within)
			within = id
			continue
		default:
			end := numberEnd(b, i)
			if v.Kind = Number; end == 0 {
				var value Value
				var wrong string
				if end, wrong = scanValue(&value, line, i); wrong != "" {
					return dst, false
				}
				v.Kind = value.Kind
			}
			v.From, v.Size = uint32(i), uint32(end-i)
			i = end
		}
		// What follows.
		for i < len(line) && b[i] == '}' {
			i++
			if len(s.outer) == 0 {
				return dst, onlySpace(line, i)
			}
			last := len(s.outer) - 1
			within, s.outer = s.outer[last], s.outer[:last]
		}
		if i >= len(line) || b[i] != ',' {
			return dst, false
		}
		i = oneSpace(b, i+1)
	}
	return dst, false
}

// opens reports whether the object at i is opened; else it is a value as a
// whole: empty, or too deep.
func (s *Tokens) opens(line []byte, i int) bool {
	most := defaultDepth
	if s.DepthMost > 0 {
		most = s.DepthMost
	}
	i = skipSpace(line, i+1)
	return len(s.outer) < most-1 && (i == len(line) || line[i] != '}')
}

// key is the number of the key that stands at i, with its quotes and a colon,
// and is not the one that came last time; 0 when there is none or it is not
// remembered. b is the line with what may be read behind it.
func (s *Tokens) key(t trail, within uint32, line, b []byte, i int) uint32 {
	if line[i] != '"' {
		return 0
	}
	near := s.Keys.after(t)
	id := int(near[1])
	if c := &s.Keys.list[id]; load(b, i)&c.mask == c.head && c.within == within && (c.size <= 8 || c.tailStands(b, i)) {
		near.note(id)
		return uint32(id)
	}
	end, escaped := closingQuote(line, i+1)
	if escaped || end+1 >= len(line) || line[end+1] != ':' {
		return 0
	}
	return uint32(s.Keys.number(t, int(within), line[i+1:end]))
}

// numberEnd is the end of a number of up to eight digits before and after its
// point that a comma or bracket follows; 0 when it is another value.
func numberEnd(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	n := digitsAt(load(b, i))
	if n == 0 {
		return 0
	}
	if i += n; b[i] == '.' {
		i++
		if n = digitsAt(load(b, i)); n == 0 {
			return 0
		}
		i += n
	}
	if b[i] == ',' || b[i] == '}' {
		return i
	}
	return 0
}

// oneSpace passes over a space at i.
func oneSpace(b []byte, i int) int {
	if i < len(b) && b[i] == ' ' {
		return i + 1
	}
	return i
}

func onlySpace(line []byte, i int) bool { return skipSpace(line, i) == len(line) }
