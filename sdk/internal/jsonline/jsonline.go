// Package jsonline appends the values of one line of JSON: strings that are
// valid whatever bytes they are made of, seconds as plain decimals, times in
// RFC 3339. Everything appends to the caller's buffer and allocates nothing.
//
//	{"_time":"2026-11-21T09:30:00.123456789Z","_msg":"…","key":"value","duration":0.009123}
package jsonline

import (
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// MaxText is the length in bytes at which a text is cut: a whole stack trace
// fits, a body logged by mistake does not.
const MaxText = 8 << 10

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Control characters are escaped, bytes
// that are no UTF-8 become U+FFFD, and a text longer than MaxText is cut at a
// rune's end and marked with an ellipsis.
func AppendString(b []byte, s string) []byte {
	cut := len(s) > MaxText
	if cut {
		end := MaxText
		for end > MaxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	b = append(b, '"')
	b = appendEscaped(b, s)
	if cut {
		b = append(b, "…"...)
	}
	return append(b, '"')
}

// AppendKey appends `,"name":`.
func AppendKey(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = appendEscaped(b, name)
	return append(b, `":`...)
}

func appendEscaped(b []byte, s string) []byte {
	i := plainPrefix(s)
	if i == len(s) { // nearly always
		return append(b, s...)
	}
	for plain := 0; ; i += plainPrefix(s[i:]) { // plain begins the run not yet copied
		if i == len(s) {
			return append(b, s[plain:]...)
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(b, s[plain:i]...)
				b = append(b, "\ufffd"...)
				plain = i + 1
			}
			i += size
			continue
		}
		b = append(b, s[plain:i]...)
		b = appendControl(b, c)
		i++
		plain = i
	}
}

// plainPrefix is the number of leading bytes that stand in JSON as they are. It
// looks at eight at a time: nearly every name and value is plain to its end.
func plainPrefix(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		eight := s[i : i+8] // one bounds check, so that this is one load
		x := uint64(eight[0]) | uint64(eight[1])<<8 | uint64(eight[2])<<16 | uint64(eight[3])<<24 |
			uint64(eight[4])<<32 | uint64(eight[5])<<40 | uint64(eight[6])<<48 | uint64(eight[7])<<56
		quote, slash := x^ones*'"', x^ones*'\\'
		// A byte that is zero, or below a space, borrows into its high bit.
		if (x|(x-ones*' ')|(quote-ones)|(slash-ones))&highs != 0 {
			break
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] != '"' && s[i] != '\\' && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

func appendControl(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// AppendSeconds appends d as seconds with six decimals, rounded: one scale for
// every duration lets a columnar store keep them as integers.
func AppendSeconds(b []byte, d time.Duration) []byte {
	micros := d.Round(time.Microsecond).Microseconds()
	if micros < 0 {
		b = append(b, '-')
		micros = -micros
	}
	b = strconv.AppendInt(b, micros/1e6, 10)
	b = append(b, '.')
	return appendDigits(b, int(micros%1e6), 6)
}

// appendDigits appends n with leading zeros.
func appendDigits(b []byte, n, digits int) []byte {
	b = append(b, "000000000"[:digits]...)
	for i := len(b) - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// AppendFloat appends f in its shortest form without an exponent where a human
// would not expect one. What JSON has no number for becomes a text.
func AppendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"+Inf"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Inf"`...)
	}
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e15) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// AppendTime appends t in RFC 3339, UTC, as a JSON string.
func AppendTime(b []byte, t time.Time) []byte {
	return append(AppendTimeBare(append(b, '"'), t), '"')
}

// AppendTimeBare appends t in RFC 3339, UTC, with as many decimals as it has.
func AppendTimeBare(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, time.RFC3339Nano)
	}
	hour, minute, second := t.Clock()
	b = appendTwo(appendTwo(b, year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	if nanos := t.Nanosecond(); nanos > 0 {
		b = appendDigits(append(b, '.'), nanos, 9)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return append(b, 'Z')
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// AppendHex appends raw as lower-case hex, as a JSON string.
func AppendHex(b, raw []byte) []byte {
	return append(AppendHexBare(append(b, '"'), raw), '"')
}

// AppendHexBare appends raw as lower-case hex.
func AppendHexBare(b, raw []byte) []byte {
	n := len(b)
	b = slices.Grow(b, 2*len(raw))[:n+2*len(raw)] // once, not at every digit
	out := b[n:]
	for i, c := range raw {
		out[2*i], out[2*i+1] = hexDigits[c>>4], hexDigits[c&15]
	}
	return b
}
