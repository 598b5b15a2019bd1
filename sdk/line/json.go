package line

import (
	"math"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// headJSON is `,"name":`.
func headJSON(name string) string { return string(jsonline.AppendKey(nil, name)) }

func (s *Source) appendJSON(to []byte, l *Line, b *body, at time.Time) []byte {
	to = append(to, '{')
	to = append(to, s.head(timeKey)[1:]...)
	to = jsonline.AppendTime(to, at)
	to = append(to, s.head(messageKey)...)
	to = append(append(to, '"'), b.mark()...)
	to = append(b.appendDigest(to), '"')
	to = append(to, s.head(kindKey)...)
	to = jsonline.AppendString(to, b.kind.Name)
	to = append(to, s.head(requestIDKey)...)
	to = jsonline.AppendString(to, l.requestID)
	to = append(to, s.head(traceIDKey)...)
	to = jsonline.AppendHex(to, l.trace.ID[:])
	to = append(to, s.head(spanIDKey)...)
	to = jsonline.AppendHex(to, l.trace.Span[:])
	if b.caller != [8]byte{} {
		to = append(to, s.head(parentIDKey)...)
		to = jsonline.AppendHex(to, b.caller[:])
	}
	for i := range s.fixed {
		if f := &s.fixed[i]; b.find(f.key) == nil {
			to = append(to, f.pair...)
		}
	}
	if s.options.Naming == nil { // nearly always
		for i := range b.fields {
			to = b.fields[i].appendJSON(append(to, b.fields[i].key.head...))
		}
	} else {
		for i := range b.fields {
			to = s.appendMember(to, &b.fields[i])
		}
	}
	b.extras(func(k *key, n int64) { to = strconv.AppendInt(append(to, s.head(k)...), n, 10) })
	if len(b.stages) > 0 {
		to = b.appendStages(append(to, s.head(stagesKey)...))
	}
	return append(to, '}')
}

func (s *Source) appendMember(to []byte, f *field) []byte {
	to = append(to, s.head(f.key)...)
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
