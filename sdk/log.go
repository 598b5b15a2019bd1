package plumbline

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/line"
)

// logHandler writes slog records as ordinary lines:
//
//	{"_time":"…","_msg":"Charge created","level":"info","service":"shop","host":"…","charge_id":"ch_1","request_id":"req_1","trace_id":"…","span_id":"…"}
//
// Groups become prefixes, for a line is flat: group.key.
type logHandler struct {
	put    func(line []byte)
	level  slog.Leveler
	fixed  []byte // service and host, encoded
	attrs  []byte // of WithAttrs, encoded
	prefix string // of WithGroup, with its dot
	ids    bool   // the attributes name a request_id of their own
	lines  *sync.Pool
}

// LogHandler is the handler behind Logger, for a slog.Logger of one's own.
func (b *Observer) LogHandler() slog.Handler { return b.LogHandlerTo(b.logs) }

// LogHandlerTo is a LogHandler whose lines go elsewhere, such as into a dataset
// with rules of its own.
func (b *Observer) LogHandlerTo(to Sink) slog.Handler {
	fixed := jsonline.AppendString(jsonline.AppendKey(nil, "service"), b.options.Service)
	if b.options.Host != "" {
		fixed = jsonline.AppendString(jsonline.AppendKey(fixed, "host"), b.options.Host)
	}
	const usual = 512 // bytes of a line with some ten attributes
	return &logHandler{
		put: to.Put, level: b.options.Level, fixed: fixed,
		lines: &sync.Pool{New: func() any { buffer := make([]byte, 0, usual); return &buffer }},
	}
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle implements slog.Handler. It neither fails nor panics: what becomes of the
// line is counted by the sink.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	defer func() { _ = recover() }() // a sink's panic is not the caller's
	buffer := h.lines.Get().(*[]byte)
	b := append((*buffer)[:0], '{')
	if !r.Time.IsZero() {
		b = append(b, `"_time":`...)
		b = jsonline.AppendTime(b, r.Time)
		b = append(b, ',')
	}
	b = append(b, `"_msg":`...)
	b = jsonline.AppendString(b, r.Message)
	b = appendLevel(jsonline.AppendKey(b, "level"), r.Level)
	b = append(append(b, h.fixed...), h.attrs...)
	own := h.ids
	for a := range r.Attrs {
		own = own || (a.Key == "request_id" && h.prefix == "")
		b = appendAttr(b, h.prefix, a)
	}
	if l := line.From(ctx); l != nil {
		b = appendIDs(b, l, own)
	}
	b = append(b, '}')
	h.put(b)
	*buffer = b
	h.lines.Put(buffer)
	return nil
}

// WithAttrs implements slog.Handler; the attributes are encoded once.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		next.ids = next.ids || (a.Key == "request_id" && h.prefix == "")
		next.attrs = appendAttr(next.attrs, h.prefix, a)
	}
	return &next
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	next := *h
	next.prefix += name + "."
	return &next
}

func appendIDs(b []byte, l *line.Line, own bool) []byte {
	if !own {
		b = jsonline.AppendString(jsonline.AppendKey(b, "request_id"), l.RequestID())
	}
	trace := l.Trace()
	b = jsonline.AppendHex(jsonline.AppendKey(b, "trace_id"), trace.ID[:])
	return jsonline.AppendHex(jsonline.AppendKey(b, "span_id"), trace.Span[:])
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
	b = append(append(b, '"'), name...)
	if over > 0 {
		b = append(b, '+')
	}
	if over != 0 {
		b = strconv.AppendInt(b, int64(over), 10)
	}
	return append(b, '"')
}

func appendAttr(b []byte, prefix string, a slog.Attr) []byte {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			b = appendAttr(b, prefix, member)
		}
		return b
	}
	if a.Equal(slog.Attr{}) {
		return b
	}
	name := a.Key
	if prefix != "" {
		name = prefix + name
	}
	return appendValue(jsonline.AppendKey(b, name), v)
}

func appendValue(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return jsonline.AppendString(b, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(b, v.Uint64(), 10)
	case slog.KindFloat64:
		return jsonline.AppendFloat(b, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(b, v.Bool())
	case slog.KindDuration:
		return jsonline.AppendSeconds(b, v.Duration())
	case slog.KindTime:
		return jsonline.AppendTime(b, v.Time())
	}
	return appendAny(b, v.Any())
}

// appendAny writes what is none of slog's own kinds: as the text it gives itself,
// else as JSON.
func appendAny(b []byte, v any) (out []byte) {
	defer func() {
		if recover() != nil { // a method of v, most often on a nil pointer
			out = jsonline.AppendString(b, "!PANIC")
		}
	}()
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case error:
		return jsonline.AppendString(b, v.Error())
	case *slog.Source:
		return jsonline.AppendString(b, v.File+":"+strconv.Itoa(v.Line))
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return jsonline.AppendString(b, "!ERROR "+err.Error())
		}
		return jsonline.AppendString(b, string(text))
	}
	const maxNested = 64 << 10 // bytes; beyond it a value is cut as text
	if nested, err := json.Marshal(v); err == nil && len(nested) <= maxNested {
		return append(b, nested...)
	}
	return jsonline.AppendString(b, fmt.Sprintf("%+v", v))
}
