package when

import "time"

var (
	monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"}
	dayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// zoneHours are the abbreviations that mean one offset to nearly everybody:
// those of RFC 822 and the European ones. IST, CST outside America and their
// like mean several; a zone's own abbreviations are understood within it.
var zoneHours = map[string]int{
	"UTC": 0, "GMT": 0, "UT": 0, "Z": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9,
}

// name reads one of names, whole or its first three letters, in any case, and
// gives its place. Letters that follow belong to another word: no match.
func (s *scanner) name(names []string) (place int, ok bool) {
	word := s.word()
	if len(word) < 3 {
		return 0, false
	}
	for i, name := range names {
		if len(word) > len(name) || !sameLetters(word, name[:len(word)]) {
			continue
		}
		// "Sept" is the one other short form in wide use.
		if len(word) == 3 || len(word) == len(name) || name == "September" && len(word) == 4 {
			s.pos += len(word)
			return i, true
		}
	}
	return 0, false
}

// word gives the ASCII letters at the scanner's place without moving it.
func (s *scanner) word() string {
	end := s.pos
	for end < len(s.text) && isLetter(s.text[end]) {
		end++
	}
	return s.text[s.pos:end]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c-'0' <= 9 }

// sameLetters compares two words of ASCII letters in any case.
func sameLetters(a, b string) bool {
	for i := range len(a) {
		if a[i]|0x20 != b[i]|0x20 {
			return false
		}
	}
	return true
}

// zoneName reads an abbreviation of a zone; what it means is found by
// zoneOffset, once the rest of the time is known. At the head of a line only
// the names of zoneHours count, for there "INFO" may follow.
func (s *scanner) zoneName(f *fields) bool {
	word := s.word()
	if word == "z" {
		word = "Z"
	}
	if len(word) < 1 || len(word) > 5 || !isUpper(word) {
		return false
	}
	if _, known := zoneHours[word]; s.leading && !known {
		return false
	}
	f.zoneWord = word
	s.pos += len(word)
	return true
}

// zoneOffset gives what word means in loc around ns: first what loc calls
// itself in any part of that year, then what nearly everybody means by it.
func zoneOffset(word string, ns int64, loc *time.Location) (offset int64, ok bool) {
	if loc != nil && word != "Z" {
		for _, shift := range [...]int64{0, -183 * nominalDay, 183 * nominalDay} {
			name, seconds := time.Unix(0, add(ns, shift)).In(loc).Zone()
			if name == word {
				return int64(seconds) * Second, true
			}
		}
	}
	hours, ok := zoneHours[word]
	return int64(hours) * Hour, ok
}

func isUpper(word string) bool {
	for i := range len(word) {
		if word[i] < 'A' || word[i] > 'Z' {
			return false
		}
	}
	return true
}
