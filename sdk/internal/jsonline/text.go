package jsonline

import (
	"encoding/binary"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. Control characters are escaped, bytes
// that are no UTF-8 become U+FFFD, and a text longer than MaxText is cut at a
// rune's end and marked with an ellipsis.
func AppendString(b []byte, s string) []byte {
	n := len(b)
	if len(s) <= MaxText && cap(b)-n >= len(s)+2 {
		out := b[n : n+len(s)+2]
		if copyPlain(out[1:], s) { // nearly always
			out[0], out[len(out)-1] = '"', '"'
			return b[:n+len(out)]
		}
	}
	return appendQuoted(b, s)
}

// appendQuoted is AppendString for any text.
func appendQuoted(b []byte, s string) []byte {
	cut := len(s) > MaxText
	if cut {
		end := MaxText
		for end > MaxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	b = append(b, '"')
	b = appendEscaped(b, s)
	if cut {
		b = append(b, "…"...)
	}
	return append(b, '"')
}

// Name is a member's `,"name":`, encoded once and appended often.
type Name struct {
	text  string
	short [nameBytes]byte // text again, where it fits
}

// Nearly all names fit, and so many bytes are copied at a stroke.
const nameBytes = 32

// NameOf encodes a name.
func NameOf(name string) (n Name) {
	n.text = string(AppendKey(nil, name))
	copy(n.short[:], n.text)
	return n
}

// Append appends the name.
func (n *Name) Append(b []byte) []byte {
	if at := len(b); len(n.text) <= nameBytes && cap(b)-at >= nameBytes {
		*(*[nameBytes]byte)(b[at : at+nameBytes]) = n.short
		return b[:at+len(n.text)]
	}
	return append(b, n.text...)
}

// AppendKey appends `,"name":`.
func AppendKey(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = appendEscaped(b, name)
	return append(b, `":`...)
}

func appendEscaped(b []byte, s string) []byte {
	i := plainPrefix(s)
	if i == len(s) { // nearly always
		return append(b, s...)
	}
	for plain := 0; ; i += plainPrefix(s[i:]) { // plain begins the run not yet copied
		if i == len(s) {
			return append(b, s[plain:]...)
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(b, s[plain:i]...)
				b = append(b, "\ufffd"...)
				plain = i + 1
			}
			i += size
			continue
		}
		b = append(b, s[plain:i]...)
		b = appendControl(b, c)
		i++
		plain = i
	}
}

// plainPrefix is the number of leading bytes that stand in JSON as they are.
func plainPrefix(s string) int {
	i := 0
	for i+8 <= len(s) && special(load8(s[i:])) == 0 {
		i += 8
	}
	for i < len(s) && s[i] >= ' ' && s[i] != '"' && s[i] != '\\' && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// copyPlain copies s, and tells whether it stands in JSON as it is. It looks at
// eight bytes at a time, the last eight overlapping those before, so that what it
// does depends on the length alone: processors guess that right far more often
// than where a loop over bytes ends.
func copyPlain(to []byte, s string) bool {
	n := len(s)
	to = to[:n]
	switch {
	case n == 0:
		return true
	case n < 4:
		first, middle, last := s[0], s[n/2], s[n-1]
		to[0], to[n/2], to[n-1] = first, middle, last
		const rest = 0x2020202020 << 24 // spaces
		return special(uint64(first)|uint64(middle)<<8|uint64(last)<<16|rest) == 0
	case n < 8:
		first, last := load4(s), load4(s[n-4:])
		binary.LittleEndian.PutUint32(to, first)
		binary.LittleEndian.PutUint32(to[n-4:], last)
		return special(uint64(first)|uint64(last)<<32) == 0
	}
	x := load8(s[n-8:])
	binary.LittleEndian.PutUint64(to[n-8:], x)
	found := special(x)
	for i := 0; i < n-8; i += 8 {
		x := load8(s[i:])
		binary.LittleEndian.PutUint64(to[i:], x)
		found |= special(x)
	}
	return found == 0
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// special is zero unless one of eight bytes has to be looked at: a control character,
// a quote, a backslash, or a part of a longer rune.
func special(x uint64) uint64 {
	quote, slash := x^ones*'"', x^ones*'\\'
	// A byte that is zero, or below a space, borrows into its high bit.
	return (x | (x - ones*' ') | (quote - ones) | (slash - ones)) & highs
}

func load8(s string) uint64 {
	eight := s[:8] // one bounds check, so that this is one load
	return uint64(eight[0]) | uint64(eight[1])<<8 | uint64(eight[2])<<16 | uint64(eight[3])<<24 |
		uint64(eight[4])<<32 | uint64(eight[5])<<40 | uint64(eight[6])<<48 | uint64(eight[7])<<56
}

func load4(s string) uint32 {
	four := s[:4]
	return uint32(four[0]) | uint32(four[1])<<8 | uint32(four[2])<<16 | uint32(four[3])<<24
}

func appendControl(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
}
