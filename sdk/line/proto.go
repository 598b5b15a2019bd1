package line

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// The protobuf form of a line is one message, CanonicalLine, whose field numbers
// are those of the registered keys:
//
//	│ number<<3 | wire │ varint, 8 bytes or length and bytes │ …
//
// Fields without a key of their own stand in the map extra, as text.
const extraNumber = 15

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

func (s *Source) appendProto(to []byte, l *Line, b *body, at time.Time) []byte {
	to = appendTag(to, timeKey.number, wireFixed64)
	to = binary.LittleEndian.AppendUint64(to, uint64(at.UnixNano()))
	to = appendBytes(to, messageKey.number, bytes.ToValidUTF8(b.digestText(), []byte("\ufffd")))
	to = appendBytes(to, kindKey.number, strings.ToValidUTF8(b.kind.Name, "\ufffd"))
	to = appendBytes(to, requestIDKey.number, strings.ToValidUTF8(l.requestID, "\ufffd"))
	to = appendBytes(to, traceIDKey.number, l.trace.ID[:])
	to = appendBytes(to, spanIDKey.number, l.trace.Span[:])
	if b.caller != [8]byte{} {
		to = appendBytes(to, parentIDKey.number, b.caller[:])
	}
	to = s.appendFixed(to, b)
	for i := range b.fields {
		to = appendProtoField(to, &b.fields[i])
	}
	for _, e := range b.extras(new([3]field)) {
		to = binary.AppendUvarint(appendTag(to, e.key.number, wireVarint), uint64(e.bits))
	}
	for _, stage := range b.stages {
		inner := appendBytes(nil, 1, strings.ToValidUTF8(stage.name, "\ufffd"))
		inner = appendDouble(inner, 2, stage.total.Seconds())
		inner = binary.AppendUvarint(appendTag(inner, 3, wireVarint), uint64(stage.calls))
		to = appendBytes(to, stagesKey.number, inner)
	}
	return to
}

func appendProtoField(to []byte, f *field) []byte {
	if f.key.id < 0 {
		text := f.text
		if !f.isText() {
			text = string(f.appendJSON(nil))
		}
		entry := appendBytes(nil, 1, strings.ToValidUTF8(f.key.name, "\ufffd"))
		return appendBytes(to, extraNumber, appendBytes(entry, 2, strings.ToValidUTF8(text, "\ufffd")))
	}
	n := f.key.number
	if f.key.class == secret {
		return to // a number cannot say ***, so no secret is written at all
	}
	switch f.key.kind {
	case kindText:
		return appendBytes(to, n, strings.ToValidUTF8(f.text, "\ufffd"))
	case kindFloat:
		return appendDouble(to, n, math.Float64frombits(uint64(f.bits)))
	case kindSeconds:
		return appendDouble(to, n, time.Duration(f.bits).Seconds())
	}
	return binary.AppendUvarint(appendTag(to, n, wireVarint), uint64(f.bits))
}

func appendTag(to []byte, number, wire int) []byte {
	return binary.AppendUvarint(to, uint64(number)<<3|uint64(wire))
}

func appendBytes[T string | []byte](to []byte, number int, v T) []byte {
	to = binary.AppendUvarint(appendTag(to, number, wireBytes), uint64(len(v)))
	return append(to, v...)
}

func appendDouble(to []byte, number int, v float64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(to, number, wireFixed64), math.Float64bits(v))
}
