package log

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/internal/logfmt"
	"github.com/plumbline/plumbline/sdk/line"
)

// Format is the form of a line. It is a flag.Value.
type Format uint8

// The formats of a line:
//
//	{"_time":"2026-11-21T09:30:00.123Z","_msg":"Charge created","level":"info","charge_id":"ch_1"}
//	_time=2026-11-21T09:30:00.123Z _msg="Charge created" level=info charge_id=ch_1
//	09:30:00.123 INFO  Charge created  charge_id=ch_1
const (
	JSON Format = iota
	Logfmt
	Text // for people; local time
)

func (f Format) begin(b []byte, at time.Time, level slog.Level, msg string) []byte {
	switch f {
	case Logfmt:
		if !at.IsZero() {
			b = append(jsonline.AppendTimeBare(append(b, "_time="...), at), ' ')
		}
		b = logfmt.AppendString(append(b, "_msg="...), msg)
		return appendLevel(append(b, " level="...), level)
	case Text:
		if !at.IsZero() {
			b = append(at.AppendFormat(b, "15:04:05.000"), ' ')
		}
		start := len(b)
		b = appendLevel(b, level)
		for i := start; i < len(b); i++ {
			if 'a' <= b[i] && b[i] <= 'z' {
				b[i] -= 'a' - 'A'
			}
		}
		const width = 6 // of ERROR and a space
		for len(b) < start+width {
			b = append(b, ' ')
		}
		return append(appendPlain(b, msg), ' ')
	}
	b = append(b, '{')
	if !at.IsZero() {
		b = append(jsonline.AppendTime(append(b, `"_time":`...), at), ',')
	}
	b = jsonline.AppendString(append(b, `"_msg":`...), msg)
	return append(appendLevel(append(b, `,"level":"`...), level), '"')
}

func (f Format) end(b []byte) []byte {
	if f == JSON {
		return append(b, '}')
	}
	return b
}

// appendPlain appends a message for people: as it is, but for what would break
// the line or speak to the terminal.
func appendPlain(b []byte, s string) []byte {
	start := len(b)
	b = jsonline.AppendString(b, s)
	return append(b[:start], b[start+1:len(b)-1]...)
}

func (f Format) appendIDs(b []byte, l *line.Line, own bool) []byte {
	trace := l.Trace()
	if f == JSON {
		if !own {
			b = jsonline.AppendString(append(b, `,"request_id":`...), l.RequestID())
		}
		b = jsonline.AppendHex(append(b, `,"trace_id":`...), trace.ID[:])
		return jsonline.AppendHex(append(b, `,"span_id":`...), trace.Span[:])
	}
	if !own {
		b = logfmt.AppendString(append(b, " request_id="...), l.RequestID())
	}
	if f == Text {
		return b // the request's id is enough for a person
	}
	b = jsonline.AppendHexBare(append(b, " trace_id="...), trace.ID[:])
	return jsonline.AppendHexBare(append(b, " span_id="...), trace.Span[:])
}

// appendLevel writes debug, info, warn and error, and info+2 between them.
func appendLevel(b []byte, level slog.Level) []byte {
	name, over := "debug", level-slog.LevelDebug
	switch {
	case level >= slog.LevelError:
		name, over = "error", level-slog.LevelError
	case level >= slog.LevelWarn:
		name, over = "warn", level-slog.LevelWarn
	case level >= slog.LevelInfo:
		name, over = "info", level-slog.LevelInfo
	}
	b = append(b, name...)
	if over > 0 {
		b = append(b, '+')
	}
	if over != 0 {
		b = strconv.AppendInt(b, int64(over), 10)
	}
	return b
}
