package zap

import (
	"context"
	"log/slog"
	"math"
	"time"

	"go.uber.org/zap/zapcore"
)

// read turns fields into attributes, and finds the unit of work among them. What
// stands behind a namespace is its group; the name of one that is still open at
// the end is given back, for what With adds later.
func read(fields []zapcore.Field, ctx context.Context) (attrs []slog.Attr, found context.Context, open string) {
	found = ctx
	attrs = make([]slog.Attr, 0, len(fields))
	for i, f := range fields {
		switch f.Type {
		case zapcore.SkipType:
			if carried, ok := f.Interface.(context.Context); ok {
				found = carried
			}
		case zapcore.NamespaceType:
			inner, ctx, _ := read(fields[i+1:], found)
			attrs = append(attrs, slog.Attr{Key: f.Key, Value: slog.GroupValue(inner...)})
			return attrs, ctx, f.Key
		default:
			attrs = append(attrs, attr(f)...)
		}
	}
	return attrs, found, ""
}

// attr is one field as attributes: the plain kinds as they are, all others by way
// of zap's own encoder.
func attr(f zapcore.Field) []slog.Attr {
	switch f.Type {
	case zapcore.StringType:
		return []slog.Attr{slog.String(f.Key, f.String)}
	case zapcore.BoolType:
		return []slog.Attr{slog.Bool(f.Key, f.Integer == 1)}
	case zapcore.Int64Type, zapcore.Int32Type, zapcore.Int16Type, zapcore.Int8Type:
		return []slog.Attr{slog.Int64(f.Key, f.Integer)}
	case zapcore.Uint64Type, zapcore.Uint32Type, zapcore.Uint16Type, zapcore.Uint8Type, zapcore.UintptrType:
		return []slog.Attr{slog.Uint64(f.Key, uint64(f.Integer))}
	case zapcore.Float64Type:
		return []slog.Attr{slog.Float64(f.Key, math.Float64frombits(uint64(f.Integer)))}
	case zapcore.DurationType:
		return []slog.Attr{slog.Duration(f.Key, time.Duration(f.Integer))}
	case zapcore.ErrorType:
		if err, ok := f.Interface.(error); ok {
			return []slog.Attr{slog.Any(f.Key, err)}
		}
	}
	encoded := zapcore.NewMapObjectEncoder()
	f.AddTo(encoded)
	attrs := make([]slog.Attr, 0, len(encoded.Fields))
	for name, v := range encoded.Fields {
		attrs = append(attrs, value(name, v))
	}
	return attrs
}

func value(name string, v any) slog.Attr {
	members, ok := v.(map[string]any)
	if !ok {
		return slog.Any(name, v)
	}
	group := make([]any, 0, len(members))
	for name, v := range members {
		group = append(group, value(name, v))
	}
	return slog.Group(name, group...)
}
