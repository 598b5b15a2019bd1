package line

import (
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// span is one timed call within a unit of work.
type span struct {
	name  string
	start time.Time
	took  time.Duration
}

// traced hands on the spans of a finished unit of work: one for the unit, one
// below it for each timed call. Each is a line of JSON:
//
//	{"_time":"…","_msg":"GET /v1/charges","name":"GET /v1/charges","kind":"http","trace_id":"…","span_id":"…","parent_id":"…","request_id":"…","service":"shop","outcome":"ok","duration":0.009000}
//
// The time is that of the start.
func (s *Source) traced(l *Line, b *body, outcome Outcome) {
	name := b.digestText()[len(Mark):]
	if len(name) > 0 {
		name = name[1:]
	}
	whole := spanLine{trace: l.trace, parent: b.caller, name: string(name), kind: b.kind.Name, outcome: outcome}
	n := len(b.buffer) // the line itself, which is still looked at
	out := s.appendSpan(b.buffer, l, whole, b.start, b.end.Sub(b.start))
	s.spans(out[n:])
	for _, call := range b.spans {
		below := spanLine{trace: l.trace.under(&b.random), parent: l.trace.Span, name: call.name, kind: "call"}
		out = s.appendSpan(out[:n], l, below, call.start, call.took)
		s.spans(out[n:])
	}
	b.buffer = out[:n]
}

type spanLine struct {
	trace      Trace
	parent     [8]byte
	name, kind string
	outcome    Outcome
}

func (s *Source) appendSpan(to []byte, l *Line, line spanLine, start time.Time, took time.Duration) []byte {
	to = append(to, `{"_time":`...)
	to = jsonline.AppendTime(to, start)
	to = jsonline.AppendString(append(to, `,"_msg":`...), line.name)
	to = jsonline.AppendString(append(to, `,"name":`...), line.name)
	to = jsonline.AppendString(append(to, `,"kind":`...), line.kind)
	to = jsonline.AppendHex(append(to, `,"trace_id":`...), line.trace.ID[:])
	to = jsonline.AppendHex(append(to, `,"span_id":`...), line.trace.Span[:])
	if line.parent != [8]byte{} {
		to = jsonline.AppendHex(append(to, `,"parent_id":`...), line.parent[:])
	}
	to = jsonline.AppendString(append(to, `,"request_id":`...), l.requestID)
	for _, f := range s.fixed {
		to = jsonline.AppendString(f.key.head.Append(to), f.text)
	}
	if line.outcome != "" {
		to = jsonline.AppendString(append(to, `,"outcome":`...), string(line.outcome))
	}
	to = jsonline.AppendSeconds(append(to, `,"duration":`...), took)
	return append(to, '}')
}
