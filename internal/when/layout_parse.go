package when

import "time"

func (l Layout) parse(text string, loc *time.Location, now int64) (ns int64, ok bool) {
	s := scanner{text: text}
	f := fields{noYear: true, noDate: true, day: 1, month: 1}
	var extra oddities
	for _, p := range l.parts {
		if p.verb == 0 {
			ok = s.literal(p.literal)
		} else {
			ok = s.part(p, &f, &extra)
		}
		if !ok {
			return 0, false
		}
	}
	if s.spaces(); s.pos != len(s.text) || !extra.settle(&f) {
		return 0, false
	}
	return f.moment(loc, now)
}

// oddities are what can be settled only when the whole text is read.
type oddities struct {
	half      byte // 'a' or 'p' of AM and PM
	dayOfYear int  // %j
}

func (o *oddities) settle(f *fields) bool {
	if o.half != 0 {
		if f.hour < 1 || f.hour > 12 {
			return false
		}
		f.hour = hourOf(f.hour, o.half == 'p')
	}
	if o.dayOfYear > 0 {
		if f.noYear {
			return false
		}
		first := daysSinceEpoch(f.year, 1, 1)
		year, month, day := dateOf(first + int64(o.dayOfYear) - 1)
		f.month, f.day, f.noDate = month, day, false
		return year == f.year
	}
	if f.unix {
		return addNanos(f)
	}
	if !f.noYear {
		f.noDate = false
	}
	return true
}

// addNanos adds the fraction of %s.%N.
func addNanos(f *fields) bool {
	ns := f.ns
	if f.nanos != 0 {
		ns = add(ns, int64(f.nanos))
	}
	ok := ns-int64(f.nanos) == f.ns
	f.ns = ns
	return ok
}

// literal reads text as it is; a space in it stands for any number of spaces,
// but at least one.
func (s *scanner) literal(text string) bool {
	for i := range len(text) {
		if text[i] == ' ' {
			if i > 0 && text[i-1] == ' ' {
				continue
			}
			if !s.spaces() {
				return false
			}
		} else if !s.skip(text[i]) {
			return false
		}
	}
	return true
}

// part reads what one verb stands for.
func (s *scanner) part(p part, f *fields, extra *oddities) (ok bool) {
	switch p.verb {
	case 'b', 'B', 'd', 'e', 'm', 'j', 'Y', 'y', 'a', 'A', 'u', 'w':
		return s.datePart(p.verb, f, extra)
	case 'H', 'k', 'I', 'l':
		s.spaces()
		f.hour, ok = s.number(1, 2)
	case 'M':
		f.minute, ok = s.number(1, 2)
	case 'S':
		f.second, ok = s.number(1, 2)
	case 'N':
		return s.fractionPart(p, f)
	case 'p':
		return s.halfPart(extra)
	case 's', 'Q':
		return s.unixPart(p, f)
	case 'z':
		if ok = s.offset(f, false); !ok && (s.at(0) == 'Z' || s.at(0) == 'z') {
			ok = s.zoneName(f)
		}
	case 'Z':
		ok = s.offset(f, false) || s.zoneName(f)
	}
	return ok
}

// datePart reads a verb of the calendar.
func (s *scanner) datePart(verb byte, f *fields, extra *oddities) (ok bool) {
	switch verb {
	case 'Y':
		f.year, ok = s.number(1, 4)
		f.noYear = false
	case 'y':
		f.year, ok = s.two()
		f.year, f.noYear = fullYear(f.year), false
	case 'b', 'B':
		ok = s.month(f)
		f.noDate = false
	case 'm':
		f.month, ok = s.number(1, 2)
		f.noDate = false
	case 'd', 'e':
		s.spaces()
		f.day, ok = s.number(1, 2)
		f.noDate = false
	case 'j':
		s.spaces()
		extra.dayOfYear, ok = s.number(1, 3)
		ok = ok && extra.dayOfYear > 0
	case 'a', 'A':
		_, ok = s.name(dayNames[:])
	case 'u', 'w':
		_, ok = s.number(1, 1)
	}
	return ok
}

// fractionPart reads digits of a second; the point of %.N may be missing.
func (s *scanner) fractionPart(p part, f *fields) (ok bool) {
	if p.padding == '.' {
		if s.at(0) != '.' && s.at(0) != ',' {
			return true
		}
		s.pos++
	}
	f.nanos, ok = s.fraction()
	return ok
}

func (s *scanner) halfPart(extra *oddities) bool {
	word := s.word()
	if len(word) != 2 || word[1]|0x20 != 'm' {
		return false
	}
	extra.half = word[0] | 0x20
	s.pos += 2
	return extra.half == 'a' || extra.half == 'p'
}

// unixPart reads a count of seconds or of their parts since the epoch.
func (s *scanner) unixPart(p part, f *fields) (ok bool) {
	negative := s.skip('-')
	whole, ok := s.magnitude()
	if !ok {
		return false
	}
	billionths := 0
	if p.padding == '.' && s.at(0) == '.' && isDigit(s.at(1)) {
		s.pos++
		billionths, _ = s.fraction()
	}
	f.unix = true
	f.ns, ok = scale(whole, int64(billionths), p.unixUnit(), negative)
	return ok
}

// unixUnit is what a count by %s or %Q is of.
func (p part) unixUnit() int64 {
	if p.verb == 's' {
		return Second
	}
	return int64(tenTo[9-p.digits])
}
