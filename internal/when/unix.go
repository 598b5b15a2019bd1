package when

// A bare number is a Unix time; its magnitude says in what unit. The bounds are
// those in common use: 1e11 seconds would be the year 5138 and 1e11
// milliseconds is March 1973, and so on three digits further each.
//
//	below 1e11   seconds         (from 9223372037 on: out of range)
//	below 1e14   milliseconds
//	below 1e17   microseconds
//	else         nanoseconds
var unixUnits = [...]struct{ below, unit int64 }{
	{1e11, Second}, {1e14, Millisecond}, {1e17, Microsecond}, {1<<63 - 1, Nanosecond},
}

// maxUnixDigits is the length of the longest int64.
const maxUnixDigits = 19

// unix reads a number with an optional minus and decimals.
func (s *scanner) unix(f *fields) bool {
	start := s.pos
	negative := s.skip('-')
	whole, ok := s.magnitude()
	if !ok {
		s.pos = start
		return false
	}
	nanos := 0
	if s.at(0) == '.' && isDigit(s.at(1)) {
		s.pos++
		nanos, _ = s.fraction()
	}
	unit := Nanosecond
	for _, u := range unixUnits {
		if whole < u.below {
			unit = u.unit
			break
		}
	}
	f.unix = true
	if f.ns, ok = scale(whole, int64(nanos), unit, negative); !ok {
		s.pos = start
	}
	return ok
}

// magnitude reads digits that fit in an int64.
func (s *scanner) magnitude() (v int64, ok bool) {
	run := s.run()
	if run == 0 || run > maxUnixDigits {
		return 0, false
	}
	for range run {
		v = v*10 + int64(s.at(0)-'0')
		s.pos++
	}
	return v, v >= 0
}

// scale gives (whole + billionths/1e9) · unit as a time, cutting off what is
// less than a nanosecond.
func scale(whole, billionths, unit int64, negative bool) (ns int64, ok bool) {
	perSecond := Second / unit
	seconds, rest := whole/perSecond, whole%perSecond
	nanos := rest*unit + billionths/perSecond
	if !negative {
		return join(seconds, nanos)
	}
	if nanos > 0 {
		return join(-seconds-1, Second-nanos)
	}
	return join(-seconds, 0)
}
