package line

import (
	"time"
)

// Format is the form of a finished line.
type Format uint8

// The formats of a line.
const (
	JSON     Format = iota // one object
	Logfmt                 // key=value, quoted where a parser would stumble
	Protobuf               // the message that Proto describes, without its length
)

// Mark begins the message of every canonical line, InterimMark that of work
// still under way.
const (
	Mark        = "canonical-log-line"
	InterimMark = "interim-log-line"
)

// maxLineBytes is a line that any store takes; texts of a longer one are cut to
// shortTextBytes, which leaves room for maxFields of them.
const (
	maxLineBytes   = 128 << 10
	shortTextBytes = 256
)

// encode appends the line as it stands.
func (s *Source) encode(to []byte, l *Line, b *body, at time.Time) []byte {
	out := s.append(to, l, b, at)
	if len(out)-len(to) > maxLineBytes {
		b.shorten()
		out = s.append(to, l, b, at)
	}
	return out
}

func (s *Source) append(to []byte, l *Line, b *body, at time.Time) []byte {
	switch s.options.Format {
	case Logfmt:
		return s.appendLogfmt(to, l, b, at)
	case Protobuf:
		return s.appendProto(to, l, b, at)
	}
	return s.appendJSON(to, l, b, at)
}

// shorten cuts the long texts of a line that is too long.
func (b *body) shorten() {
	for i := range b.fields {
		if f := &b.fields[i]; f.key.kind == kindText && len(f.text) > shortTextBytes {
			f.text = f.text[:shortTextBytes] + "…"
			b.cut++
		}
	}
}

// mark is what the message begins with.
func (b *body) mark() string {
	if b.sealed {
		return Mark
	}
	return InterimMark
}

// extras are the numbers a line carries only where they say something, rarely any;
// to has room for them.
func (b *body) extras(to *[3]field) []field {
	all := to[:0]
	if b.weight > 0 {
		all = append(all, field{key: weightKey, bits: b.weight})
	}
	if !b.sealed {
		all = append(all, field{key: interimKey, bits: b.interims})
	}
	if b.cut > 0 {
		all = append(all, field{key: truncatedKey, bits: b.cut})
	}
	return all
}

// value is the text of a field as it may be written.
func (f *field) value() string {
	if f.key.class == secret {
		return "***"
	}
	return f.text
}

// isText tells whether the field is written as a text.
func (f *field) isText() bool { return f.key.kind == kindText || f.key.class == secret }

// encodeFixed is a fixed field, encoded once for all lines.
func (s *Source) encodeFixed(k *key, v string) []byte {
	f := field{key: k, text: v}
	switch s.options.Format {
	case Logfmt:
		return s.appendPair(nil, &f)
	case Protobuf:
		return appendProtoField(nil, &f)
	}
	return s.appendMember(nil, &f)
}

// appendFixed appends the fixed fields, but for those that the line has set itself.
func (s *Source) appendFixed(to []byte, b *body) []byte {
	for i := range s.fixed {
		if f := &s.fixed[i]; b.find(f.key) == nil {
			to = append(to, f.pair...)
		}
	}
	return to
}
