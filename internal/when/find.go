package when

import "time"

// leadMost is how far into a line a stamp is looked for: the sixteen common
// systems' logs have it within 60 bytes, and further on it is part of the
// message.
const leadMost = 128

// A bare number within a line is taken for a Unix time only if it lies between
// September 2001, when ten digits began, and 2100: others are counters.
const (
	firstPlausible = 1_000_000_000 * Second
	lastPlausible  = 4_102_444_800 * Second
)

// Find looks for the first stamp near the head of a log line: at its beginning
// or after a space, bracket, quote or the like within its first 128 bytes.
// It lies at line[start:end], without brackets around it. A date without a
// clock does not count. loc and now are those of ParseNear.
func Find[T Text](line T, loc *time.Location, now int64) (ns int64, start, end int, ok bool) {
	text := view(line)
	for start = range min(len(text), leadMost) {
		if !beginsStamp(text, start) {
			continue
		}
		if ns, end, ok = stampAt(text, start, loc, now); ok {
			return ns, start, end, true
		}
	}
	return 0, 0, 0, false
}

// beginsStamp says whether a stamp may begin at i.
func beginsStamp(text string, i int) bool {
	c := text[i]
	if !isDigit(c) && !isLetter(c) {
		return false
	}
	if i == 0 {
		return true
	}
	switch before := text[i-1]; before {
	case ' ', '\t', '[', '(', '<', '>', '{', '"', '\'', '|', ',', ';', '=':
		return true
	case 'I', 'W', 'E', 'F': // glog: the level, then 0102 15:04:05
		return i == 1 && isDigit(c)
	}
	return false
}

// stampAt reads a stamp that begins at start and ends where a word may end.
func stampAt(text string, start int, loc *time.Location, now int64) (ns int64, end int, ok bool) {
	s := scanner{text: text, pos: start, leading: true}
	var f fields
	if !s.stamp(&f) || !f.clocked && !f.unix {
		return 0, 0, false
	}
	next := s.at(0)
	if isDigit(next) || isLetter(next) || (next == '.' || next == '-' || next == '_') && isDigit(s.at(1)) {
		return 0, 0, false
	}
	if ns, ok = f.moment(loc, now); !ok {
		return 0, 0, false
	}
	if f.unix && (ns < firstPlausible || ns >= lastPlausible) {
		return 0, 0, false
	}
	return ns, s.pos, true
}
