package when

// AppendRFC3339 appends ns in UTC with 0, 3, 6 or 9 digits of a second,
// whichever is the fewest that lose nothing: 2006-01-02T15:04:05.123Z.
func AppendRFC3339(dst []byte, ns int64) []byte {
	seconds, nanos := split(ns)
	days := floorDiv(seconds, secondsPerDay)
	ofDay := uint(seconds - days*secondsPerDay)
	year, month, day := dateOf(days)
	text := [...]byte{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0', '0', ':', '0', '0', ':', '0', '0',
		'.', '0', '0', '0', '0', '0', '0', '0', '0', '0', 'Z'}
	setTwo(text[0:2], uint(year)/100)
	setTwo(text[2:4], uint(year)%100)
	setTwo(text[5:7], uint(month))
	setTwo(text[8:10], uint(day))
	setTwo(text[11:13], ofDay/3600)
	setTwo(text[14:16], ofDay/60%60)
	setTwo(text[17:19], ofDay%60)
	if nanos == 0 {
		text[19] = 'Z'
		return append(dst, text[:20]...)
	}
	digits := 9
	for left := uint(nanos); digits > 3 && left%1000 == 0; left /= 1000 {
		digits -= 3
	}
	for i, left := 28, uint(nanos); i > 19; i-- {
		text[i] += byte(left % 10)
		left /= 10
	}
	text[20+digits] = 'Z'
	return append(dst, text[:21+digits]...)
}

// setTwo writes two digits.
func setTwo(text []byte, v uint) {
	text[1] = byte('0' + v%10)
	text[0] = byte('0' + v/10)
}

func appendTwo(dst []byte, v int) []byte {
	return append(dst, byte('0'+v/10), byte('0'+v%10))
}

// appendPadded appends v with zeros before it up to the given digits.
func appendPadded(dst []byte, v int64, digits int) []byte {
	from := len(dst)
	for range digits {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; i >= from; i-- {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
	return dst
}
