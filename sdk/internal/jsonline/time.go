package jsonline

import (
	"sync/atomic"
	"time"
)

// AppendTime appends t in RFC 3339, UTC, as a JSON string.
func AppendTime(b []byte, t time.Time) []byte {
	return append(AppendTimeBare(append(b, '"'), t), '"')
}

// AppendTimeBare appends t in RFC 3339, UTC, with as many decimals as it has.
func AppendTimeBare(b []byte, t time.Time) []byte {
	return append(appendDecimals(appendSecond(b, t), t), 'Z')
}

const secondBytes = len("2006-01-02T15:04:05")

func appendSecond(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, "2006-01-02T15:04:05")
	}
	hour, minute, second := t.Clock()
	n := len(b)
	b = append(b, "2006-01-02T15:04:05"...)
	out := b[n:]
	putDigits(out[:4], uint32(year))
	putTwo(out[5:], uint32(month))
	putTwo(out[8:], uint32(day))
	putTwo(out[11:], uint32(hour))
	putTwo(out[14:], uint32(minute))
	putTwo(out[17:], uint32(second))
	return b
}

func appendDecimals(b []byte, t time.Time) []byte {
	nanos := t.Nanosecond()
	if nanos == 0 {
		return b
	}
	b = append(b, ".000000000"...)
	putDigits(b[len(b)-9:], uint32(nanos))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// Clock appends times that are mostly of the same second, each a little after the one
// before: it remembers how the second is written. The zero value is ready.
type Clock struct{ last atomic.Pointer[second] }

type second struct {
	unix int64
	text [secondBytes]byte
}

// AppendTime appends t in RFC 3339, UTC, as a JSON string.
func (c *Clock) AppendTime(b []byte, t time.Time) []byte {
	return append(c.AppendTimeBare(append(b, '"'), t), '"')
}

// AppendTimeBare appends t in RFC 3339, UTC, with as many decimals as it has.
func (c *Clock) AppendTimeBare(b []byte, t time.Time) []byte {
	unix := t.Unix()
	if s := c.last.Load(); s != nil && s.unix == unix {
		b = append(b, s.text[:]...)
	} else {
		n := len(b)
		b = appendSecond(b, t)
		if len(b)-n == secondBytes {
			s := &second{unix: unix}
			copy(s.text[:], b[n:])
			c.last.Store(s)
		}
	}
	return append(appendDecimals(b, t), 'Z')
}
