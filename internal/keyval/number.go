package keyval

// maxDigits is how many digits surely fit an int64.
const maxDigits = 18

// ParseDecimal reads a plain decimal number exactly: mantissa · 10^-digits. It
// takes only what AppendDecimal writes back to the byte – no plus, no
// exponent, no needless zeros in front, no -0, at most 18 digits – so that a
// number may be kept in place of its text.
func ParseDecimal[T string | []byte](text T) (mantissa int64, digits uint8, ok bool) {
	i, n := 0, len(text)
	if n > 0 && text[0] == '-' {
		i = 1
	}
	start := i
	if n-i == 0 || n-i > maxDigits+1 {
		return 0, 0, false
	}
	point := -1
	for ; i < n; i++ {
		c := text[i] - '0'
		if c > 9 {
			if text[i] != '.' || point >= 0 || i == start || i == n-1 {
				return 0, 0, false
			}
			point = i
			continue
		}
		mantissa = mantissa*10 + int64(c)
	}
	whole := n - start
	if point >= 0 {
		whole = point - start
		digits = uint8(n - point - 1)
	}
	if whole+int(digits) > maxDigits || text[start] == '0' && whole > 1 {
		return 0, 0, false
	}
	if start == 1 {
		if mantissa == 0 {
			return 0, 0, false
		}
		mantissa = -mantissa
	}
	return mantissa, digits, true
}

// AppendDecimal appends mantissa · 10^-digits as ParseDecimal reads it.
func AppendDecimal(dst []byte, mantissa int64, digits uint8) []byte {
	u := uint64(mantissa)
	if mantissa < 0 {
		dst = append(dst, '-')
		u = -u
	}
	var buf [24]byte
	i := len(buf)
	for k := 0; u > 0 || k <= int(digits); k++ {
		if k == int(digits) && digits > 0 {
			i--
			buf[i] = '.'
		}
		i--
		buf[i] = byte('0' + u%10)
		u /= 10
	}
	return append(dst, buf[i:]...)
}
