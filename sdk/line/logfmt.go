package line

import (
	"math"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/internal/logfmt"
)

func (s *Source) appendLogfmt(to []byte, l *Line, b *body, at time.Time) []byte {
	names := s.options.Naming
	pair := func(k *key) { to = logfmt.AppendKey(to, names.name(k)) }
	start := len(to)
	pair(timeKey)
	to = s.clock.AppendTimeBare(to, at)
	pair(messageKey)
	to = logfmt.AppendString(to, string(b.digestText()))
	pair(kindKey)
	to = logfmt.AppendString(to, b.kind.Name)
	pair(requestIDKey)
	to = logfmt.AppendString(to, l.requestID)
	pair(traceIDKey)
	to = jsonline.AppendHexBare(to, l.trace.ID[:])
	pair(spanIDKey)
	to = jsonline.AppendHexBare(to, l.trace.Span[:])
	if b.caller != [8]byte{} {
		pair(parentIDKey)
		to = jsonline.AppendHexBare(to, b.caller[:])
	}
	to = s.appendFixed(to, b)
	for i := range b.fields {
		to = s.appendPair(to, &b.fields[i])
	}
	for _, e := range b.extras(new([3]field)) {
		pair(e.key)
		to = strconv.AppendInt(to, e.bits, 10)
	}
	if len(b.stages) > 0 {
		pair(stagesKey)
		to = logfmt.AppendString(to, string(b.appendStages(nil)))
	}
	return append(to[:start], to[start+1:]...) // without the space before the first pair
}

func (s *Source) appendPair(to []byte, f *field) []byte {
	to = logfmt.AppendKey(to, s.options.Naming.name(f.key))
	switch {
	case f.isText():
		return logfmt.AppendString(to, f.value())
	case s.inNanos(f.key):
		return strconv.AppendInt(to, f.bits, 10)
	case f.key.kind == kindFloat:
		return logfmt.AppendFloat(to, math.Float64frombits(uint64(f.bits)))
	}
	return f.appendJSON(to) // what is left is written as JSON writes it
}

// digestText is the message without any quoting.
func (b *body) digestText() []byte {
	to := append(make([]byte, 0, 128), b.mark()...)
	for _, k := range b.kind.Digest {
		f := b.find(k.registered())
		switch {
		case f == nil:
		case f.isText():
			to = append(append(to, ' '), f.value()...)
		default:
			to = f.appendJSON(append(to, ' '))
		}
	}
	return to
}
