package jsonl

import "bytes"

// Mend closes a line that was cut because it is too long: the string in which
// it was cut ends there, a pair that has no value yet is left out, and every
// open bracket is shut. line is changed and may grow.
func Mend(line []byte) []byte {
	var m mender
	for i := 0; i < len(line); {
		i = m.step(line, i)
	}
	if m.inValue && len(m.open) > 0 {
		line = append(cutEscape(line), '"')
	} else {
		line = line[:m.safe]
		m.open = m.open[:m.safeDepth]
	}
	for i := len(m.open) - 1; i >= 0; i-- {
		line = append(line, m.open[i])
	}
	return line
}

// mender follows the brackets and strings of a line.
type mender struct {
	open      []byte // the brackets that will shut what is open
	safe      int    // up to here the line holds only whole pairs and elements
	safeDepth int    // brackets open there
	value     bool   // a value may come: behind a colon, or in an array
	inValue   bool   // the line ended within a string that is a value
}

// step takes what stands at i and gives where the next begins.
func (m *mender) step(line []byte, i int) int {
	switch c := line[i]; c {
	case '"':
		end := stringEnd(line, i+1)
		if end > len(line) {
			m.inValue = m.value
			return len(line)
		}
		if m.value {
			m.ended(end)
			m.value = m.inArray()
		}
		return end
	case '{', '[':
		m.open = append(m.open, c+2) // '}' and ']' stand two after them
		m.value = c == '['
		m.ended(i + 1)
	case '}', ']':
		if len(m.open) > 0 {
			m.open = m.open[:len(m.open)-1]
		}
		m.value = m.inArray()
		m.ended(i + 1)
	case ':':
		m.value = true
	case ',':
		m.ended(i) // a number or a word ended here
		m.value = m.inArray()
	}
	return i + 1
}

func (m *mender) ended(at int) { m.safe, m.safeDepth = at, len(m.open) }

func (m *mender) inArray() bool { return len(m.open) > 0 && m.open[len(m.open)-1] == ']' }

// stringEnd gives the place behind the quote that ends a string, more than
// len(line) when none does.
func stringEnd(line []byte, i int) int {
	for ; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(line) + 1
}

// cutEscape takes off an escape that was cut in its middle.
func cutEscape(line []byte) []byte {
	const longest = len(`\u12ab`)
	at := bytes.LastIndexByte(line, '\\')
	if at < 0 || len(line)-at >= longest {
		return line
	}
	slashes := 0
	for i := at; i >= 0 && line[i] == '\\'; i-- {
		slashes++
	}
	if slashes%2 == 0 { // the last of a pair: it is whole
		return line
	}
	if at == len(line)-1 || line[at+1] == 'u' {
		return line[:at]
	}
	return line
}
