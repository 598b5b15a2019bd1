package expr

import (
	"unicode"
	"unicode/utf8"
)

// Words end where people see them end. There is a border
//   - between a letter or digit and anything else, and at both ends of a text;
//   - between letters and digits: SD|500;
//   - between a lower-case and an upper-case letter: Power|Shot;
//   - before the last of several capitals that a lower-case letter follows:
//     HTTP|Server;
//   - around each letter of a script that is written without spaces: 東|京.
//
// An underscore is no letter: user|_|id.

// Classes of runes, as borders see them.
const (
	other = iota
	digit
	lower
	upper
	caseless // letters without case, and marks
	single   // letters of scripts written without spaces
)

var asciiClass = func() (t [utf8.RuneSelf]uint8) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9':
			t[c] = digit
		case c >= 'a' && c <= 'z':
			t[c] = lower
		case c >= 'A' && c <= 'Z':
			t[c] = upper
		}
	}
	return t
}()

func classOf(r rune) uint8 {
	switch {
	case r < utf8.RuneSelf:
		return asciiClass[r]
	case r == utf8.RuneError:
		return other
	case unicode.IsLower(r):
		return lower
	case unicode.IsUpper(r):
		return upper
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return single
	case unicode.IsLetter(r), unicode.IsMark(r):
		return caseless
	case unicode.IsDigit(r):
		return digit
	}
	return other
}

// inWord holds for classes that words are made of.
func inWord(class uint8) bool { return class != other }

// before is the class of the rune that ends at i, other at the start.
func before(s string, i int) uint8 {
	if i == 0 {
		return other
	}
	if c := s[i-1]; c < utf8.RuneSelf {
		return asciiClass[c]
	}
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return classOf(r)
}

// after is the class of the rune that starts at i and where it ends; other at
// the end.
func after(s string, i int) (class uint8, end int) {
	if i >= len(s) {
		return other, i
	}
	if c := s[i]; c < utf8.RuneSelf {
		return asciiClass[c], i + 1
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	return classOf(r), i + size
}

// border reports whether a word ends or starts at i. One of the runes beside i
// is a letter or a digit.
func border(s string, i int) bool {
	a := before(s, i)
	b, end := after(s, i)
	switch {
	case a == other, b == other, a == single, b == single:
		return true
	case (a == digit) != (b == digit):
		return true
	case b != upper:
		return false
	case a == lower:
		return true
	case a == upper:
		next, _ := after(s, end)
		return next == lower
	}
	return false
}
