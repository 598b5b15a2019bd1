package when

import "time"

// ParseTime reads a text that is one complete time, whatever its form; see
// stamp.go for the forms. Where the text names no zone, loc decides. Spaces and
// one pair of square brackets around it do not count. It does not read times
// without a year or without a date, and a date alone is its midnight.
func ParseTime[T Text](text T, loc *time.Location) (ns int64, ok bool) {
	return parse(view(text), loc, noNow)
}

// ParseNear is ParseTime for stamps that may lack the year, as those of syslog
// do: it is then the last year that does not put them more than a day after
// now.
func ParseNear[T Text](text T, loc *time.Location, now int64) (ns int64, ok bool) {
	return parse(view(text), loc, now)
}

func parse(text string, loc *time.Location, now int64) (ns int64, ok bool) {
	if ns, ok = parseRFC3339(text, loc == nil || loc == time.UTC); ok {
		return ns, true
	}
	s := scanner{text: trim(text)}
	var f fields
	if !s.stamp(&f) || s.pos != len(s.text) {
		return 0, false
	}
	return f.moment(loc, now)
}

// trim takes off spaces and one pair of brackets.
func trim(text string) string {
	for len(text) > 0 && text[0] <= ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] <= ' ' {
		text = text[:len(text)-1]
	}
	if n := len(text); n >= 2 && text[0] == '[' && text[n-1] == ']' {
		return text[1 : n-1]
	}
	return text
}

// parseRFC3339 is the fast way for the form that most programs write:
// 2006-01-02T15:04:05[.fraction](Z|±07:00), with T or a space, a point or a
// comma; where zoneless, the zone may be missing.
func parseRFC3339(s string, zoneless bool) (ns int64, ok bool) {
	if len(s) < len("2006-01-02T15:04:05") {
		return 0, false
	}
	if s[4] != '-' || s[7] != '-' || s[10] != 'T' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	// A byte that is no digit leaves something above 9 in wrong.
	var wrong byte
	pair := func(i int) int {
		high, low := s[i]-'0', s[i+1]-'0'
		if high > 9 || low > 9 {
			wrong = 1
		}
		return int(high)*10 + int(low)
	}
	year, month, day := pair(0)*100+pair(2), pair(5), pair(8)
	hour, minute, second := pair(11), pair(14), pair(17)
	if wrong != 0 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 ||
		day > 28 && day > daysIn(year, month) {
		return 0, false
	}
	nanos, zone := 0, 19
	if len(s) > 20 && (s[19] == '.' || s[19] == ',') {
		nanos, zone = fractionAt(s, 20)
	}
	offset := 0
	if zone < len(s) || !zoneless {
		if offset, ok = zoneAt(s, zone); !ok {
			return 0, false
		}
	}
	return join(daysSinceEpoch(year, month, day)*secondsPerDay+
		int64(hour*3600+minute*60+second-offset), int64(nanos))
}

// tenTo[i] is 10^i: what n digits of a fraction still need to be nanoseconds.
var tenTo = [...]int{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// fractionAt reads digits from i on as nanoseconds and gives the place behind.
func fractionAt(s string, i int) (nanos, end int) {
	digits := 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if digits < 9 {
			nanos = nanos*10 + int(s[i]-'0')
			digits++
		}
	}
	if digits == 0 {
		return 0, i - 1 // a point without digits: no zone begins with one
	}
	return nanos * tenTo[9-digits], i
}

// zoneAt reads Z or ±07:00 that ends s, as seconds ahead of UTC.
func zoneAt(s string, i int) (seconds int, ok bool) {
	switch {
	case i == len(s)-1:
		return 0, s[i] == 'Z'
	case i >= len(s):
		return 0, false
	case i != len(s)-6 || s[i] != '+' && s[i] != '-' || s[i+3] != ':':
		return 0, false
	}
	h1, h2, m1, m2 := s[i+1]-'0', s[i+2]-'0', s[i+4]-'0', s[i+5]-'0'
	hours, minutes := int(h1)*10+int(h2), int(m1)*10+int(m2)
	if h1 > 9 || h2 > 9 || m1 > 9 || m2 > 9 || hours > 23 || minutes > 59 {
		return 0, false
	}
	seconds = hours*3600 + minutes*60
	if s[i] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
