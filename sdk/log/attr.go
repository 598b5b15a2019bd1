package log

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/internal/logfmt"
)

func (f Format) appendAttr(b []byte, prefix string, a slog.Attr) []byte {
	v := a.Value
	kind := v.Kind()
	if kind == slog.KindLogValuer {
		v = v.Resolve()
		kind = v.Kind()
	}
	if kind == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			b = f.appendAttr(b, prefix, member)
		}
		return b
	}
	if a.Key == "" && a.Equal(slog.Attr{}) {
		return b
	}
	name := a.Key
	if prefix != "" {
		name = prefix + name
	}
	if f == JSON {
		return appendValue(jsonline.AppendKey(b, name), kind, v)
	}
	return appendLogfmt(logfmt.AppendKey(b, name), kind, v)
}

func appendValue(b []byte, kind slog.Kind, v slog.Value) []byte {
	switch kind {
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
	nested, text := nest(v.Any())
	if nested != nil {
		return append(b, nested...)
	}
	return jsonline.AppendString(b, text)
}

func appendLogfmt(b []byte, kind slog.Kind, v slog.Value) []byte {
	switch kind {
	case slog.KindString:
		return logfmt.AppendString(b, v.String())
	case slog.KindFloat64:
		return logfmt.AppendFloat(b, v.Float64())
	case slog.KindTime:
		return jsonline.AppendTimeBare(b, v.Time())
	case slog.KindAny:
		nested, text := nest(v.Any())
		if nested != nil {
			text = string(nested)
		}
		return logfmt.AppendString(b, text)
	}
	return appendValue(b, kind, v) // numbers, durations and truths are the same in both
}

// nest gives what is none of slog's own kinds: as the text it gives itself, else
// as JSON.
func nest(v any) (nested []byte, text string) {
	defer func() {
		if recover() != nil { // a method of v, most often on a nil pointer
			nested, text = nil, "!PANIC"
		}
	}()
	switch v := v.(type) {
	case nil:
		return []byte("null"), ""
	case error:
		return nil, v.Error()
	case *slog.Source:
		return nil, v.File + ":" + strconv.Itoa(v.Line)
	case encoding.TextMarshaler:
		marshalled, err := v.MarshalText()
		if err != nil {
			return nil, "!ERROR " + err.Error()
		}
		return nil, string(marshalled)
	}
	const maxNested = 64 << 10 // bytes; beyond it a value is cut as text
	if nested, err := json.Marshal(v); err == nil && len(nested) <= maxNested {
		return nested, ""
	}
	return nil, fmt.Sprintf("%+v", v)
}
