// Package notice writes the lines that no request causes: the status of an
// interval, health that changed, a reload that was done.
//
//	{"_time":"2026-11-21T09:30:20Z","_msg":"status proxy","kind":"status","service":"shop","set":"proxy","con_active":3}
//
// They go the way of canonical lines, so that one question covers every instance
// of a service: kind=status | timechart max(con_active) by host.
package notice

import (
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/internal/logfmt"
)

// Writer writes notices. It may be used by many goroutines; a nil one writes
// nothing.
type Writer struct {
	put   func(line []byte)
	now   func() time.Time
	pairs bool   // logfmt instead of JSON
	fixed []byte // `,"service":"shop"` …

	mu     sync.Mutex
	buffer []byte
}

// New makes a Writer of lines that go to put: one JSON object without a newline,
// valid until put returns. Each carries the fixed fields, such as the service's
// name; a nil now is time.Now.
func New(put func(line []byte), now func() time.Time, fixed ...slog.Attr) *Writer {
	return made(&Writer{put: put, now: now}, fixed)
}

// NewLogfmt makes a Writer whose lines are logfmt, for a stream that is.
func NewLogfmt(put func(line []byte), now func() time.Time, fixed ...slog.Attr) *Writer {
	return made(&Writer{put: put, now: now, pairs: true}, fixed)
}

func made(w *Writer, fixed []slog.Attr) *Writer {
	if w.now == nil {
		w.now = time.Now
	}
	for _, f := range fixed {
		w.fixed = w.appendField(w.fixed, f)
	}
	return w
}

// Say writes one notice. Durations become seconds, as in every line.
func (w *Writer) Say(kind, msg string, fields ...slog.Attr) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.buffer[:0]
	if w.pairs {
		b = append(b, "_time="...)
		b = jsonline.AppendTimeBare(b, w.now())
	} else {
		b = append(b, `{"_time":`...)
		b = jsonline.AppendTime(b, w.now())
	}
	b = w.appendField(b, slog.String("_msg", msg))
	b = w.appendField(b, slog.String("kind", kind))
	b = append(b, w.fixed...)
	for _, f := range fields {
		b = w.appendField(b, f)
	}
	if !w.pairs {
		b = append(b, '}')
	}
	w.buffer = b
	defer func() { _ = recover() }() // a sink's panic is not the caller's
	w.put(b)
}

func (w *Writer) appendField(b []byte, f slog.Attr) []byte {
	v := f.Value.Resolve()
	key, text := jsonline.AppendKey, jsonline.AppendString
	if w.pairs {
		key, text = logfmt.AppendKey, logfmt.AppendString
	}
	b = key(b, f.Key)
	switch v.Kind() {
	case slog.KindString:
		return text(b, v.String())
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
		if w.pairs {
			return jsonline.AppendTimeBare(b, v.Time())
		}
		return jsonline.AppendTime(b, v.Time())
	}
	return text(b, fmt.Sprint(v.Any()))
}
