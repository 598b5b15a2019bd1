package line

import (
	"math"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

func (s *Source) appendJSON(to []byte, l *Line, b *body, at time.Time) []byte {
	start := len(to)
	to = s.clock.AppendTime(s.appendHead(to, timeKey), at)
	to[start] = '{' // where every other member has a comma
	to = append(append(s.appendHead(to, messageKey), '"'), b.mark()...)
	to = append(b.appendDigest(to), '"')
	to = jsonline.AppendString(s.appendHead(to, kindKey), b.kind.Name)
	to = jsonline.AppendString(s.appendHead(to, requestIDKey), l.requestID)
	to = jsonline.AppendHex(s.appendHead(to, traceIDKey), l.trace.ID[:])
	to = jsonline.AppendHex(s.appendHead(to, spanIDKey), l.trace.Span[:])
	if b.caller != [8]byte{} {
		to = jsonline.AppendHex(s.appendHead(to, parentIDKey), b.caller[:])
	}
	to = s.appendFixed(to, b)
	if s.options.Naming == nil { // nearly always
		for i := range b.fields {
			f := &b.fields[i]
			to = f.appendJSON(f.key.head.Append(to))
		}
	} else {
		for i := range b.fields {
			to = s.appendMember(to, &b.fields[i])
		}
	}
	for _, e := range b.extras(new([3]field)) {
		to = strconv.AppendInt(s.appendHead(to, e.key), e.bits, 10)
	}
	if len(b.stages) > 0 {
		to = b.appendStages(s.appendHead(to, stagesKey))
	}
	return append(to, '}')
}

func (s *Source) appendMember(to []byte, f *field) []byte {
	to = s.appendHead(to, f.key)
	if s.inNanos(f.key) {
		return strconv.AppendInt(to, f.bits, 10)
	}
	return f.appendJSON(to)
}

func (f *field) appendJSON(to []byte) []byte {
	if f.key.class == secret {
		return jsonline.AppendString(to, f.value())
	}
	switch f.key.kind {
	case kindText:
		return jsonline.AppendString(to, f.text)
	case kindFloat:
		return jsonline.AppendFloat(to, math.Float64frombits(uint64(f.bits)))
	case kindBool:
		return strconv.AppendBool(to, f.bits != 0)
	case kindSeconds:
		return jsonline.AppendSeconds(to, time.Duration(f.bits))
	}
	return strconv.AppendInt(to, f.bits, 10)
}

// appendDigest repeats the fields that the kind of work names, each after a space
// and inside the quotes of the message.
func (b *body) appendDigest(to []byte) []byte {
	for _, k := range b.kind.Digest {
		f := b.find(k.registered())
		if f == nil {
			continue
		}
		to = append(to, ' ')
		value := len(to)
		to = f.appendJSON(to)
		if to[value] == '"' { // the message has quotes of its own
			to = append(to[:value], to[value+1:len(to)-1]...)
		}
	}
	return to
}

// appendStages writes the list of stages:
//
//	[{"stage":"charge","seconds":0.012000,"calls":1},…]
func (b *body) appendStages(to []byte) []byte {
	to = append(to, '[')
	for i, stage := range b.stages {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, `{"stage":`...)
		to = jsonline.AppendString(to, stage.name)
		to = append(to, `,"seconds":`...)
		to = jsonline.AppendSeconds(to, stage.total)
		to = append(to, `,"calls":`...)
		to = append(strconv.AppendInt(to, stage.calls, 10), '}')
	}
	return append(to, ']')
}
