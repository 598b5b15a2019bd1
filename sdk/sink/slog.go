package sink

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// Slog delivers lines of JSON as records to a handler of log/slog, for a service
// whose lines all go one way already. It runs behind the queue, so the request
// does not pay for it.
type Slog struct {
	Handler slog.Handler
}

// Deliver implements Delivery.
func (s Slog) Deliver(ctx context.Context, b Batch) (rejected int, err error) {
	for line := range b.lines() {
		r, err := record(line)
		if err != nil {
			rejected++
			continue
		}
		if !s.Handler.Enabled(ctx, r.Level) {
			continue
		}
		if err := s.Handler.Handle(ctx, r); err != nil {
			return rejected, fmt.Errorf("handing %d lines to slog: %w", b.Lines, err)
		}
	}
	return rejected, nil
}

func record(line []byte) (r slog.Record, err error) {
	fields, err := members(line)
	if err != nil {
		return r, err
	}
	for _, f := range fields {
		switch f.name {
		case "_time":
			r.Time, err = time.Parse(time.RFC3339Nano, f.text())
			if err != nil {
				return r, err
			}
		case "_msg":
			r.Message = f.text()
		case "level":
			if err := r.Level.UnmarshalText([]byte(f.text())); err != nil {
				r.AddAttrs(slog.String("level", f.text()))
			}
		default:
			r.AddAttrs(slog.Attr{Key: f.name, Value: value(f)})
		}
	}
	return r, nil
}

func value(f member) slog.Value {
	switch f.raw[0] {
	case '"':
		return slog.StringValue(f.text())
	case 't', 'f':
		return slog.BoolValue(f.raw[0] == 't')
	case '{', '[', 'n':
		return slog.AnyValue(json.RawMessage(f.raw))
	}
	if n, err := strconv.ParseInt(string(f.raw), 10, 64); err == nil {
		return slog.Int64Value(n)
	}
	if n, err := strconv.ParseFloat(string(f.raw), 64); err == nil {
		return slog.Float64Value(n)
	}
	return slog.StringValue(string(f.raw))
}
