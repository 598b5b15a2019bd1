// Package jsonline appends the values of one line of JSON: strings that are
// valid whatever bytes they are made of, seconds as plain decimals, times in
// RFC 3339. Everything appends to the caller's buffer and allocates nothing.
//
//	{"_time":"2026-11-21T09:30:00.123456789Z","_msg":"…","key":"value","duration":0.009123}
package jsonline

import (
	"math"
	"strconv"
	"time"
)

// MaxText is the length in bytes at which a text is cut: a whole stack trace
// fits, a body logged by mistake does not.
const MaxText = 8 << 10

// AppendSeconds appends d as seconds with six decimals, rounded: one scale for
// every duration lets a columnar store keep them as integers.
func AppendSeconds(b []byte, d time.Duration) []byte {
	micros := d.Round(time.Microsecond).Microseconds()
	if micros < 0 {
		b = append(b, '-')
		micros = -micros
	}
	b = append(strconv.AppendInt(b, micros/1e6, 10), ".000000"...)
	putDigits(b[len(b)-6:], uint32(micros%1e6))
	return b
}

// digitPairs are the numbers below a hundred, two digits each.
const digitPairs = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" + "40414243444546474849" +
	"50515253545556575859" + "60616263646566676869" + "70717273747576777879" + "80818283848586878889" + "90919293949596979899"

// putDigits fills to with n, with leading zeros.
func putDigits(to []byte, n uint32) {
	for len(to) >= 2 {
		putTwo(to[len(to)-2:], n%100)
		to, n = to[:len(to)-2], n/100
	}
	if len(to) == 1 {
		to[0] = byte('0' + n)
	}
}

func putTwo(to []byte, n uint32) {
	pair := digitPairs[2*n : 2*n+2]
	to[0], to[1] = pair[0], pair[1]
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
