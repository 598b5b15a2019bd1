package keyval

// Logfmt pulls k=v pairs from a line and takes whatever it holds:
//
//	level=info msg="a \"b\" c" retry path=/x?y=z empty= =odd
//	  level = info · msg = a \"b\" c, Escaped · retry, Flag · path = /x?y=z
//	  empty = nothing · =odd, Flag
//
// Pairs are parted by spaces and control characters. A quoted value ends at its
// quote; one without an end is bare and goes to the end of the line.
type Logfmt struct {
	Key   []byte
	Value Value // of kind String; Raw is nil for a Flag
	Flag  bool  // a word alone: no equals sign, or none behind a key

	line []byte
	pos  int
}

// Reset starts on a line.
func (l *Logfmt) Reset(line []byte) { l.line, l.pos = line, 0 }

// Next moves to the next pair or word.
func (l *Logfmt) Next() bool {
	b, i := l.line, l.pos
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	if i == len(b) {
		l.pos = i
		return false
	}
	start := i
	for i < len(b) && b[i] > ' ' && b[i] != '=' {
		i++
	}
	if i == start || i == len(b) || b[i] != '=' {
		i = wordEnd(b, i)
		l.Key, l.Value, l.Flag, l.pos = b[start:i], Value{}, true, i
		return true
	}
	l.Key, l.Flag = b[start:i], false
	l.Value, l.pos = textValue(b, i+1, ' ')
	return true
}

// Offset is how far into the line the scanner is.
func (l *Logfmt) Offset() int { return l.pos }

func wordEnd(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' {
		i++
	}
	return i
}

// textValue reads a quoted value at i, or a bare one that ends before a byte up
// to last.
func textValue(b []byte, i int, last byte) (Value, int) {
	if i < len(b) && b[i] == '"' {
		end, escaped := closingQuote(b, i+1)
		if end < len(b) {
			return Value{Kind: String, Escaped: escaped, Raw: b[i+1 : end]}, end + 1
		}
		return Value{Kind: String, Raw: b[i:]}, len(b)
	}
	end := i
	for end < len(b) && b[end] > last {
		end++
	}
	return Value{Kind: String, Raw: b[i:end]}, end
}

// Words cuts a line into the text before its first pair and what begins with
// that pair; without one rest is empty:
//
//	Request started http_path=/v1 status=200 → "Request started", "http_path=…"
//
// A pair is a word of letters, digits and _ . - / @ : that begins with a letter,
// _ or @, directly followed by one equals sign: "a == b" and "?x=1" are text.
func Words(line []byte) (words, rest []byte) {
	for i := 0; i < len(line); {
		for i < len(line) && line[i] <= ' ' {
			i++
		}
		if beginsPair(line[i:]) {
			return trimSpace(line[:i]), line[i:]
		}
		i = wordEnd(line, i)
	}
	return trimSpace(line), nil
}

func beginsPair(b []byte) bool {
	for i, c := range b {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '_', c == '@':
		case i == 0:
			return false
		case c-'0' <= 9, c == '.', c == '-', c == '/', c == ':':
		default:
			return c == '=' && (i+1 == len(b) || b[i+1] != '=')
		}
	}
	return false
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}
