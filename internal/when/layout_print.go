package when

import (
	"strconv"
	"time"
)

// moment is a time taken apart for printing.
type moment struct {
	ns, days         int64
	year, month, day int
	ofDay            int64 // seconds
	nanos            int64
	zoneSeconds      int64
	loc              *time.Location
}

func momentOf(ns int64, loc *time.Location) moment {
	m := moment{ns: ns, loc: loc, zoneSeconds: offsetAt(ns, loc) / Second}
	seconds, nanos := split(ns)
	seconds += m.zoneSeconds
	m.nanos = nanos
	m.days = floorDiv(seconds, secondsPerDay)
	m.ofDay = seconds - m.days*secondsPerDay
	m.year, m.month, m.day = dateOf(m.days)
	return m
}

// weekday is 0 on Sundays; day 0 was a Thursday.
func (m *moment) weekday() int64 { return m.days + 4 - floorDiv(m.days+4, 7)*7 }

// Append appends what Format gives.
func (l Layout) Append(dst []byte, ns int64, loc *time.Location) []byte {
	m := momentOf(ns, loc)
	for _, p := range l.parts {
		switch p.verb {
		case 0:
			dst = append(dst, p.literal...)
		case 'H', 'k', 'I', 'l', 'M', 'S', 'N', 'p':
			dst = m.appendClock(dst, p)
		case 's', 'Q', 'z', 'Z':
			dst = m.appendAbsolute(dst, p)
		default:
			dst = m.appendDate(dst, p)
		}
	}
	return dst
}

func (m *moment) appendDate(dst []byte, p part) []byte {
	switch p.verb {
	case 'Y':
		return appendPadded(dst, int64(m.year), 4)
	case 'y':
		return appendPadded(dst, int64(m.year%100), 2)
	case 'm':
		return appendPart(dst, int64(m.month), 2, p.padding)
	case 'd', 'e':
		return appendPart(dst, int64(m.day), 2, p.padding)
	case 'j':
		return appendPart(dst, m.days-daysSinceEpoch(m.year, 1, 1)+1, 3, p.padding)
	case 'b':
		return append(dst, monthNames[m.month-1][:3]...)
	case 'B':
		return append(dst, monthNames[m.month-1]...)
	case 'a':
		return append(dst, dayNames[m.weekday()][:3]...)
	case 'A':
		return append(dst, dayNames[m.weekday()]...)
	case 'w':
		return append(dst, byte('0'+m.weekday()))
	default: // u: Monday is 1, Sunday 7
		return append(dst, byte('1'+(m.weekday()+6)%7))
	}
}

func (m *moment) appendClock(dst []byte, p part) []byte {
	hour := m.ofDay / 3600
	switch p.verb {
	case 'H', 'k':
		return appendPart(dst, hour, 2, p.padding)
	case 'I', 'l':
		return appendPart(dst, (hour+11)%12+1, 2, p.padding)
	case 'M':
		return appendPart(dst, m.ofDay/60%60, 2, p.padding)
	case 'S':
		return appendPart(dst, m.ofDay%60, 2, p.padding)
	case 'p':
		return append(dst, "AMPM"[hour/12*2:][:2]...)
	}
	digits := p.digits
	if p.padding == '.' {
		if digits = m.digitsNeeded(); digits == 0 {
			return dst
		}
		dst = append(dst, '.')
	}
	return appendPadded(dst, m.nanos/int64(tenTo[9-digits]), digits)
}

// digitsNeeded is 0, 3, 6 or 9: the fewest that show the whole fraction.
func (m *moment) digitsNeeded() int {
	digits := 9
	for n := m.nanos; digits > 0 && n%1000 == 0; n /= 1000 {
		digits -= 3
	}
	return digits
}

func (m *moment) appendAbsolute(dst []byte, p part) []byte {
	switch p.verb {
	case 's', 'Q':
		if p.padding == '.' {
			return appendDecimal(dst, m.ns, p.unixUnit())
		}
		return strconv.AppendInt(dst, floorDiv(m.ns, p.unixUnit()), 10)
	case 'Z':
		if m.loc == nil {
			return append(dst, "UTC"...)
		}
		if name, _ := time.Unix(0, m.ns).In(m.loc).Zone(); name != "" {
			return append(dst, name...)
		}
	case 'z':
		if p.padding == '.' && m.zoneSeconds == 0 {
			return append(dst, 'Z')
		}
	}
	return appendOffset(dst, m.zoneSeconds, p.colon || p.padding == '.')
}

// appendOffset appends -0700, or -07:00.
func appendOffset(dst []byte, seconds int64, colon bool) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = appendTwo(append(dst, sign), int(seconds/3600))
	if colon {
		dst = append(dst, ':')
	}
	return appendTwo(dst, int(seconds/60%60))
}

// appendPart appends v in so many digits, padded with zeros, spaces or not.
func appendPart(dst []byte, v int64, digits int, padding byte) []byte {
	if padding == '0' {
		return appendPadded(dst, v, digits)
	}
	if padding == ' ' {
		for least := int64(tenTo[digits-1]); least > 1 && v < least; least /= 10 {
			dst = append(dst, ' ')
		}
	}
	return strconv.AppendInt(dst, v, 10)
}
