package keyval

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// Obeyed reports whether whatever shows text would obey r instead of showing it:
// a control character (C0, DEL or C1), a mark that turns the direction of
// writing, or the line ends U+2028 and U+2029.
func Obeyed(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	case r < '\u061c':
		return false
	case r == '\u061c', r == '\u200e', r == '\u200f', r >= '\u2028' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// AppendJSONString appends s in quotes as JSON. Bytes that are no UTF-8 become
// \ufffd, and what would be Obeyed is escaped, so that the text stays one line
// wherever it is read.
func AppendJSONString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && isPlain(loadText(s[i:i+8])) {
			i += 8
			continue
		}
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := decodeRune(s, i)
		if r == utf8.RuneError && size == 1 || Obeyed(r) {
			dst = append(dst, s[start:i]...)
			dst = AppendUnicodeEscape(dst, r)
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// isPlain says whether eight bytes are all ASCII that needs no escape.
func isPlain(word uint64) bool {
	controls := (word - lowBits*' ') &^ word
	deletes := (word ^ lowBits*0x7f) - lowBits
	return (quotesAndBackslashes(word) | (controls|deletes|word)&highBits) == 0
}

// loadText reads eight bytes as load does.
func loadText[T string | []byte](s T) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func decodeRune[T string | []byte](s T, i int) (rune, int) {
	return utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
}

// AppendUnicodeEscape appends \u and four digits: a character up to U+FFFF as
// JSON writes it.
func AppendUnicodeEscape(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// appendEscape appends the escape of an ASCII character.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return AppendUnicodeEscape(dst, rune(c))
}

// AppendLogfmtValue appends s as logfmt writes it: bare where Logfmt reads it
// back, else in quotes as AppendJSONString does.
func AppendLogfmtValue[T string | []byte](dst []byte, s T) []byte {
	if isBareLogfmt(s) {
		return append(dst, s...)
	}
	return AppendJSONString(dst, s)
}

func isBareLogfmt[T string | []byte](s T) bool {
	if len(s) == 0 {
		return false
	}
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, size := decodeRune(s, i)
		if r == utf8.RuneError && size == 1 || Obeyed(r) {
			return false
		}
		i += size
	}
	return true
}

// RepairUTF8 appends b with each byte that is no UTF-8 replaced by U+FFFD.
func RepairUTF8(dst, b []byte) []byte {
	for len(b) > 0 {
		good := validPrefix(b)
		dst = append(dst, b[:good]...)
		if b = b[good:]; len(b) > 0 {
			dst = utf8.AppendRune(dst, utf8.RuneError)
			b = b[1:]
		}
	}
	return dst
}

// validPrefix gives how many bytes of b are UTF-8 before the first that is not.
func validPrefix(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}
