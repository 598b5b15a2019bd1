package when

// AppendRFC3339 appends ns in UTC with 0, 3, 6 or 9 digits of a second,
// whichever is the fewest that lose nothing: 2006-01-02T15:04:05.123Z.
func AppendRFC3339(dst []byte, ns int64) []byte {
	dst = appendDateTime(dst, ns)
	if _, nanos := split(ns); nanos != 0 {
		digits := 9
		for digits > 3 && nanos%1000 == 0 {
			nanos /= 1000
			digits -= 3
		}
		dst = append(dst, '.')
		dst = appendPadded(dst, nanos, digits)
	}
	return append(dst, 'Z')
}

// appendDateTime appends 2006-01-02T15:04:05.
func appendDateTime(dst []byte, ns int64) []byte {
	seconds, _ := split(ns)
	days := floorDiv(seconds, secondsPerDay)
	ofDay := int(seconds - days*secondsPerDay)
	year, month, day := dateOf(days)
	dst = appendTwo(dst, year/100)
	dst = appendTwo(dst, year%100)
	dst = append(dst, '-')
	dst = appendTwo(dst, month)
	dst = append(dst, '-')
	dst = appendTwo(dst, day)
	dst = append(dst, 'T')
	dst = appendTwo(dst, ofDay/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, ofDay/60%60)
	dst = append(dst, ':')
	return appendTwo(dst, ofDay%60)
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
