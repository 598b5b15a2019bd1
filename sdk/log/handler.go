// Package log writes ordinary lines: a fast slog.Handler whose records carry the
// ids of the request they belong to, and levels that can be changed while the
// program runs.
//
//	h := log.New(log.Options{Put: lines.Put, Format: log.JSON})
//	slog.SetDefault(slog.New(h))
//	http.Handle("/log/level", h.Levels())
package log

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
)

// Options of a Handler. Only Put is needed.
type Options struct {
	Put    func(line []byte) // takes encoded lines, without a newline, valid until it returns
	Format Format            // JSON
	Level  slog.Leveler      // info; Levels can set another one while the program runs
	Fixed  []slog.Attr       // on every line, such as the service; not in Text

	// Recall keeps records below the level with the unit of work whose context
	// they were logged with, and writes them once it has failed or was slow.
	Recall bool
}

// Handler is a slog.Handler that writes flat lines:
//
//	{"_time":"…","_msg":"Charge created","level":"info","service":"shop","charge_id":"ch_1","request_id":"req_1","trace_id":"…","span_id":"…"}
//
// Groups become prefixes: group.key. A Handler never fails and never panics; what
// becomes of a line is counted by whoever takes it.
type Handler struct {
	options Options
	levels  *Levels
	level   *Level
	fixed   []byte // encoded
	attrs   []byte // of WithAttrs, encoded
	prefix  string // of WithGroup, with its dot
	ids     bool   // the attributes name a request_id of their own
	buffers *sync.Pool
}

// New makes a handler.
func New(o Options) *Handler {
	if o.Level == nil {
		o.Level = slog.LevelInfo
	}
	const usual = 512 // bytes of a line with some ten attributes
	h := &Handler{
		options: o, levels: NewLevels(o.Level),
		buffers: &sync.Pool{New: func() any { b := make([]byte, 0, usual); return &b }},
	}
	h.level = h.levels.Of("")
	if o.Format != Text {
		for _, a := range o.Fixed {
			h.fixed = o.Format.appendAttr(h.fixed, "", a)
		}
	}
	return h
}

// To is the same handler, with the same levels, whose lines go elsewhere.
func (h *Handler) To(put func(line []byte)) *Handler {
	next := *h
	next.options.Put = put
	return &next
}

// Named is the handler of one part of the program, such as store or store.cache.
// It has a level of its own where one is set, else that of the part it belongs to,
// and its lines carry the name in the field logger.
func (h *Handler) Named(name string) *Handler {
	next := *h
	next.level = h.levels.Of(name)
	next.attrs = h.options.Format.appendAttr(slices.Clone(h.attrs), "", slog.String("logger", name))
	return &next
}

// Levels are the levels of this handler and of all that were made from it. They
// are an http.Handler.
func (h *Handler) Levels() *Levels { return h.levels }

// Enabled implements slog.Handler.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level.Level() || h.options.Recall && level >= slog.LevelDebug && line.From(ctx) != nil
}

// Handle implements slog.Handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	buffer := h.buffers.Get().(*[]byte)
	b := h.begin((*buffer)[:0], r.Time, r.Level, r.Message)
	own := h.ids
	for a := range r.Attrs {
		own = own || (a.Key == requestID && h.prefix == "")
		b = h.options.Format.appendAttr(b, h.prefix, a)
	}
	*buffer = h.end(ctx, b, r.Level, own)
	h.buffers.Put(buffer)
	return nil
}

// Log writes a record without making one: where slog allocates from the sixth
// attribute on, Log does not.
func (h *Handler) Log(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	if !h.Enabled(ctx, level) {
		return
	}
	buffer := h.buffers.Get().(*[]byte)
	b := h.begin((*buffer)[:0], time.Now(), level, msg)
	own := h.ids
	for i := range attrs {
		own = own || (attrs[i].Key == requestID && h.prefix == "")
		b = h.options.Format.appendAttr(b, h.prefix, attrs[i])
	}
	*buffer = h.end(ctx, b, level, own)
	h.buffers.Put(buffer)
}

const requestID = "request_id"

func (h *Handler) begin(b []byte, at time.Time, level slog.Level, msg string) []byte {
	b = h.options.Format.begin(b, at, level, msg)
	return append(append(b, h.fixed...), h.attrs...)
}

// end closes the line and hands it on, at once or with the unit of work.
func (h *Handler) end(ctx context.Context, b []byte, level slog.Level, own bool) []byte {
	l := line.From(ctx)
	if l != nil {
		b = h.options.Format.appendIDs(b, l, own)
	}
	b = h.options.Format.end(b)
	defer func() { _ = recover() }() // a sink's panic is not the caller's
	if level < h.level.Level() {
		if l != nil {
			l.Hold(b, h.options.Put)
		}
		return b
	}
	if l != nil && level >= slog.LevelWarn {
		l.Logged(level >= slog.LevelError)
	}
	h.options.Put(b)
	return b
}

// WithAttrs implements slog.Handler; the attributes are encoded once.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		next.ids = next.ids || (a.Key == requestID && h.prefix == "")
		next.attrs = h.options.Format.appendAttr(next.attrs, h.prefix, a)
	}
	return &next
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	next := *h
	next.prefix += name + "."
	return &next
}

// Set implements flag.Value: json, logfmt or text.
func (f *Format) Set(name string) error {
	for format := JSON; format <= Text; format++ {
		if format.String() == name {
			*f = format
			return nil
		}
	}
	return fmt.Errorf("there is no format %q: use json, logfmt or text", name)
}

// String is the name of the format.
func (f *Format) String() string { return [...]string{"json", "logfmt", "text"}[*f] }

// Recalls tells whether records below the level are kept with their unit of work.
func (h *Handler) Recalls() bool { return h.options.Recall }
