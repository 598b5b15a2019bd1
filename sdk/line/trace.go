package line

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// Trace is a place in a W3C trace context: the trace and the span within it.
//
//	traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//	             │  └ ID, 16 bytes                   └ Span, 8 bytes  └ Flags
//	             └ version
type Trace struct {
	ID    [16]byte
	Span  [8]byte
	Flags byte
}

// traceparentBytes is the length of a version 00 header.
const traceparentBytes = 55

// sampled is the one flag of version 00: someone upstream records this trace.
const sampled = 1

// ParseTrace reads a traceparent header. A header of a later version is read by
// its first four parts, as the recommendation asks; anything else that deviates
// is refused.
func ParseTrace(header string) (t Trace, ok bool) {
	if len(header) < traceparentBytes || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return Trace{}, false
	}
	if len(header) > traceparentBytes && (header[:2] == "00" || header[traceparentBytes] != '-') {
		return Trace{}, false
	}
	var version, flags [1]byte
	ok = unhex(version[:], header[0:2]) && unhex(t.ID[:], header[3:35]) &&
		unhex(t.Span[:], header[36:52]) && unhex(flags[:], header[53:55])
	if !ok || version[0] == 0xff || t.ID == [16]byte{} || t.Span == [8]byte{} {
		return Trace{}, false
	}
	t.Flags = flags[0] & sampled
	return t, true
}

// String writes the traceparent header.
func (t Trace) String() string {
	b := make([]byte, 0, traceparentBytes)
	b = append(b, "00-"...)
	b = hex.AppendEncode(b, t.ID[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, t.Span[:])
	b = append(b, '-')
	return string(hex.AppendEncode(b, []byte{t.Flags}))
}

// unhex decodes lower-case hex only: the recommendation forbids capitals, and an
// id must not exist in two spellings.
func unhex(to []byte, from string) bool {
	for i := range to {
		high, low := nibble(from[2*i]), nibble(from[2*i+1])
		if high|low > 15 {
			return false
		}
		to[i] = high<<4 | low
	}
	return true
}

func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// under gives the place of a new unit of work below t, or of a new trace where t
// is zero. Ids need to be unique, not secret.
func (t Trace) under(random *rand.PCG) Trace {
	if t.ID == [16]byte{} {
		binary.NativeEndian.PutUint64(t.ID[:8], random.Uint64())
		binary.NativeEndian.PutUint64(t.ID[8:], random.Uint64()|1) // never all zero
		t.Flags = sampled
	}
	binary.NativeEndian.PutUint64(t.Span[:], random.Uint64()|1)
	return t
}

// chance is a number that the trace alone decides.
func (t Trace) chance() uint64 { return binary.BigEndian.Uint64(t.ID[8:]) }
