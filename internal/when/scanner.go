package when

// scanner reads a text from the left. Its methods move pos only over what they
// understood.
type scanner struct {
	text    string
	pos     int
	leading bool // the stamp is the head of a longer line
}

// at gives the byte i places on, 0 beyond the end.
func (s *scanner) at(i int) byte {
	if s.pos+i < len(s.text) {
		return s.text[s.pos+i]
	}
	return 0
}

func (s *scanner) skip(c byte) bool {
	if s.at(0) != c || s.pos >= len(s.text) {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) spaces() (any bool) {
	for s.skip(' ') {
		any = true
	}
	return any
}

// run counts the digits at pos.
func (s *scanner) run() int { return s.after(0) }

// after counts the digits i places on.
func (s *scanner) after(i int) int {
	n := 0
	for isDigit(s.at(i + n)) {
		n++
	}
	return n
}

// number reads least to most digits.
func (s *scanner) number(least, most int) (v int, ok bool) {
	n := 0
	for n < most && isDigit(s.at(n)) {
		v = v*10 + int(s.at(n)-'0')
		n++
	}
	if n < least {
		return 0, false
	}
	s.pos += n
	return v, true
}

// two reads exactly two digits.
func (s *scanner) two() (v int, ok bool) { return s.number(2, 2) }

// fraction reads the digits after a decimal point as nanoseconds; digits beyond
// the ninth are cut off.
func (s *scanner) fraction() (nanos int, ok bool) {
	n := 0
	for ; isDigit(s.at(0)); s.pos++ {
		if n < 9 {
			nanos = nanos*10 + int(s.at(0)-'0')
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	for ; n < 9; n++ {
		nanos *= 10
	}
	return nanos, true
}

// clockForm says what a clock may look like besides 15:04:05.
type clockForm uint8

const (
	dotted    clockForm = 1 << iota // 15.04.05
	hourAlone                       // 15, followed by a zone or the end
	unpadded                        // 3:4:5:6, the last being milliseconds
)

// clock reads 15:04, 15:04:05 or 150405, then a fraction and AM or PM if there
// are any.
func (s *scanner) clock(f *fields, form clockForm) bool {
	start := s.pos
	if !s.hands(f, form) {
		s.pos = start
		return false
	}
	f.clocked = true
	return true
}

func (s *scanner) hands(f *fields, form clockForm) (ok bool) {
	compact := s.run() >= 4
	if f.hour, ok = s.number(1, 2); !ok {
		return false
	}
	sep := s.at(0)
	switch {
	case compact:
		if f.minute, ok = s.two(); !ok {
			return false
		}
		f.second, ok = s.two()
	case sep == ':' || sep == '.' && form&dotted != 0:
		if f.minute, ok = s.hand(sep, form); !ok {
			return false
		}
		f.second, ok = s.hand(sep, form)
	default:
		return form&hourAlone != 0
	}
	if ok {
		s.parts(f, sep, form)
	}
	return s.halfDay(f)
}

// hand reads a separator and the minutes or seconds behind it.
func (s *scanner) hand(sep byte, form clockForm) (v int, ok bool) {
	least := 2
	if form&unpadded != 0 {
		least = 1
	}
	if s.at(0) != sep || s.after(1) < least {
		return 0, false
	}
	s.pos++
	return s.number(least, 2)
}

// parts reads the parts of a second, if there are any: a fraction after a point
// or comma, milliseconds after a colon (22:15:29:606).
func (s *scanner) parts(f *fields, sep byte, form clockForm) {
	digits := s.after(1)
	switch c := s.at(0); {
	case (c == '.' || c == ',') && digits > 0:
		s.pos++
		f.nanos, _ = s.fraction()
	case c == ':' && sep == ':' && (digits == 3 || form&unpadded != 0 && digits > 0 && digits < 3):
		s.pos++
		millis, _ := s.number(1, 3)
		f.nanos = millis * int(Millisecond)
	}
}

// halfDay reads AM or PM, if it is there; false when the hour contradicts it.
func (s *scanner) halfDay(f *fields) bool {
	start := s.pos
	s.skip(' ')
	word := s.word()
	if len(word) != 2 || word[1]|0x20 != 'm' || word[0]|0x20 != 'a' && word[0]|0x20 != 'p' {
		s.pos = start
		return true
	}
	if f.hour < 1 || f.hour > 12 {
		return false
	}
	s.pos += 2
	f.hour = hourOf(f.hour, word[0]|0x20 == 'p')
	return true
}

// hourOf turns an hour of a twelve-hour clock into one of the day.
func hourOf(hour int, afternoon bool) int {
	hour %= 12
	if afternoon {
		hour += 12
	}
	return hour
}

// zone reads what may follow a clock: Z, +07:00, -0700, +07, UTC; nothing is
// fine too. After a space two digits are not enough: "10:00:00 -12 apples".
func (s *scanner) zone(f *fields) {
	start := s.pos
	spaced := s.spaces()
	if s.offset(f, spaced) {
		s.zoneComment()
		return
	}
	if !s.zoneName(f) || s.at(0) == '_' || isDigit(s.at(0)) {
		f.zoneWord = ""
		s.pos = start
	}
}

// offset reads a signed distance from UTC.
func (s *scanner) offset(f *fields, wantMinutes bool) bool {
	start := s.pos
	sign := 1
	switch s.at(0) {
	case '+':
	case '-':
		sign = -1
	default:
		return false
	}
	s.pos++
	hours, ok := s.two()
	if ok {
		colon := s.skip(':')
		minutes, said := s.two()
		if ok = hours <= 23 && minutes <= 59 && (said || !colon && !wantMinutes) && !isDigit(s.at(0)); ok {
			f.zoneSeconds, f.zoned = sign*(hours*3600+minutes*60), true
			return true
		}
	}
	s.pos = start
	return false
}

// zoneComment skips the name that Go's Time.String and RFC 822 mail put after
// an offset: "-0700 MST", "-0700 (PDT)".
func (s *scanner) zoneComment() {
	start := s.pos
	if !s.skip(' ') {
		return
	}
	bracket := s.skip('(')
	word := s.word()
	_, known := zoneHours[word]
	if len(word) < 3 || len(word) > 5 || !isUpper(word) || s.leading && !known {
		s.pos = start
		return
	}
	s.pos += len(word)
	if bracket && !s.skip(')') {
		s.pos = start
	}
}
