package keyval

import (
	"bytes"
	"unicode/utf8"
)

// AppendUnescaped appends the text of a JSON string's inside, escapes resolved.
// A pair of UTF-16 surrogates becomes its character, a lone one U+FFFD. Of an
// unknown escape (\x, or a \u without four digits) the backslash stays: nothing
// is lost.
func AppendUnescaped(dst, raw []byte) []byte {
	for {
		at := bytes.IndexByte(raw, '\\')
		if at < 0 || at == len(raw)-1 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:at]...)
		raw = raw[at:]
		if raw[1] == 'u' {
			dst, raw = appendUnicode(dst, raw)
			continue
		}
		if c := unescaped(raw[1]); c != 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, raw[:2]...)
		}
		raw = raw[2:]
	}
}

// unescaped gives the byte that a backslash and c stand for, 0 for none.
func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/', '\'':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// unicodeEscape is the length of \u12ab.
const unicodeEscape = 6

// appendUnicode resolves the \u escape that raw begins with and gives the rest.
func appendUnicode(dst, raw []byte) (_, rest []byte) {
	r, ok := utf16Unit(raw)
	if !ok {
		return append(dst, raw[:2]...), raw[2:]
	}
	raw = raw[unicodeEscape:]
	if r >= 0xd800 && r < 0xdc00 {
		if low, ok := utf16Unit(raw); ok && low >= 0xdc00 && low < 0xe000 {
			r = (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
			raw = raw[unicodeEscape:]
		}
	}
	// AppendRune makes U+FFFD of a surrogate that stayed alone.
	return utf8.AppendRune(dst, r), raw
}

// utf16Unit reads \u12ab at the start of raw.
func utf16Unit(raw []byte) (r rune, ok bool) {
	if len(raw) < unicodeEscape || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	for _, c := range raw[2:unicodeEscape] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
