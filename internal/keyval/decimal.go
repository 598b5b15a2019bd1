package keyval

import "strconv"

// decimalDigitsMost is how many digits a Decimal has after its point at most.
const decimalDigitsMost = 18

// DecimalBytesMost is the length of the longest Decimal: a sign, a zero or the 19
// digits of an int64, a point.
const DecimalBytesMost = 21

// ParseDecimal reads a decimal number as mantissa · 10^-digits, if it is
// written as AppendDecimal writes it, so that the text comes back exactly: no
// plus, no exponent, no zeros in front but that of "0.5", no "-0", no bare
// point, a mantissa that is an int64, and at most 18 digits after the point.
// Zeros at the end are kept: 1.50 is 150 and two digits.
func ParseDecimal[T string | []byte](text T) (mantissa int64, digits uint8, ok bool) {
	i, n := 0, len(text)
	negative := n > 0 && text[0] == '-'
	if negative {
		i = 1
	}
	if i == n || n > DecimalBytesMost || text[i] == '0' && i+1 < n && text[i+1] != '.' {
		return 0, 0, false
	}
	first, point := i, -1
	var sum uint64 // takes any digit behind 18 others, and 19 of them need not fit an int64
	for ; i < n; i++ {
		c := text[i] - '0'
		if c > 9 {
			if text[i] != '.' || point >= 0 || i == first || i == n-1 {
				return 0, 0, false
			}
			point = i
			continue
		}
		if sum >= 1e18 {
			return 0, 0, false
		}
		sum = sum*10 + uint64(c)
	}
	mantissa = int64(sum)
	if point >= 0 {
		digits = uint8(n - 1 - point)
	}
	if negative {
		mantissa = -mantissa
		return mantissa, digits, mantissa < 0 && digits <= decimalDigitsMost
	}
	return mantissa, digits, mantissa >= 0 && digits <= decimalDigitsMost
}

// DecimalAt is ParseDecimal of b[from:from+n], faster for those of up to eight bytes;
// SightSlack bytes must stand behind them.
func DecimalAt(b []byte, from, n uint32) (mantissa int64, digits uint8, ok bool) {
	text := b[from : from+n]
	if n-1 >= 8 || text[0] == '0' && n > 1 && text[1] != '.' {
		return ParseDecimal(text)
	}
	// The last byte goes to the top lane, so that lanes below the first are digits, too: zeros.
	word := (load(b, int(from)) ^ lowBits*'0') << (8 * (8 - n))
	points := word ^ lowBits*('.'^'0')
	if points = (points - lowBits) &^ points & highBits; points != 0 {
		at := firstLane(points)
		if digits = uint8(7 - at); digits == 0 || at == int(8-n) {
			return 0, 0, false
		}
		before := uint64(1)<<(8*at) - 1
		word = word&before<<8 | word&^(before<<8|0xff)
	}
	if ((word+lowBits*(0x80-10))|word)&highBits != 0 { // no digit, perhaps a sign
		return ParseDecimal(text)
	}
	return eightDigits(word), digits, true
}

// eightDigits is the number that digits, as values 0 to 9, are: first of pairs, then of all.
func eightDigits(word uint64) int64 {
	const pairs = 0x000000ff000000ff
	word = word*10 + word>>8
	return int64((word&pairs*(1_000_000<<32+100) + word>>16&pairs*(10_000<<32+1)) >> 32)
}

// ParseReal reads a number of JSON as the float64 nearest to it, for those that no Decimal
// can hold: 8.8e-05, or the 0.00034213066101074219 that is some program's 0.3 ms. It says
// whether the number is whole, written without a point and an exponent: of so many digits
// that is rather an id. The -0 of some programs is none: it is the zero that -0.0 is, too.
// A number beyond all floats is no number.
func ParseReal[T string | []byte](text T) (real float64, whole, ok bool) {
	i, n := 0, len(text)
	whole = true
	digits := func() bool {
		from := i
		for i < n && text[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	if i < n && text[i] == '-' {
		i++
	}
	if from := i; !digits() || text[from] == '0' && i > from+1 {
		return 0, false, false
	}
	if i < n && text[i] == '.' {
		if i, whole = i+1, false; !digits() {
			return 0, false, false
		}
	}
	if i < n && text[i]|0x20 == 'e' {
		if i, whole = i+1, false; i < n && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !digits() {
			return 0, false, false
		}
	}
	if i < n {
		return 0, false, false
	}
	real, err := strconv.ParseFloat(string(text), 64)
	return real + 0, whole && real != 0, err == nil // a zero has no sign
}

// AppendDecimal appends mantissa · 10^-digits with all its digits: 150 and two
// digits are 1.50.
func AppendDecimal(dst []byte, mantissa int64, digits uint8) []byte {
	left := uint64(mantissa)
	if mantissa < 0 {
		dst = append(dst, '-')
		left = -left
	}
	var room [20]byte // the digits of a uint64
	text := strconv.AppendUint(room[:0], left, 10)
	if digits == 0 {
		return append(dst, text...)
	}
	whole := len(text) - int(digits)
	if whole > 0 {
		dst = append(append(dst, text[:whole]...), '.')
		return append(dst, text[whole:]...)
	}
	dst = append(dst, '0', '.')
	for range -whole {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}
