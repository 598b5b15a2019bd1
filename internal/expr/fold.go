package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Letter case is put aside by folding: an ASCII letter compares as its lower
// case, any other rune as the least rune that Unicode's simple folding joins
// it with. ASCII letters fold only among themselves (k is not the Kelvin
// sign), so texts and needles of ASCII are compared byte by byte.

// lowered is what a byte compares as.
var lowered = func() (t [256]byte) {
	for c := range 256 {
		t[c] = byte(c)
		if c >= 'A' && c <= 'Z' {
			t[c] = byte(c) + 'a' - 'A'
		}
	}
	return t
}()

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lowered[r])
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f >= utf8.RuneSelf && f < least {
			least = f
		}
	}
	return least
}

// appendFold appends s folded. Bytes that are no UTF-8 stay as they are.
func appendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = append(dst, lowered[c])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[i])
		} else {
			dst = utf8.AppendRune(dst, foldRune(r))
		}
		i += size
	}
	return dst
}

func fold(s string) string { return string(appendFold(nil, s)) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// hasPrefixFold reports whether s begins with prefix, which is folded ASCII.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lowered[s[i]] != prefix[i] {
			return false
		}
	}
	return true
}

// compareFold orders two texts by their folded bytes; b is folded.
func compareFold(a, b string, buf []byte) (order int, newBuf []byte) {
	buf = appendFold(buf[:0], a)
	return strings.Compare(view(buf), b), buf
}

// view is bytes as a string without a copy, for as long as nobody writes to
// them.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
