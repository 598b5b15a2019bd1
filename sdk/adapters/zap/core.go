// Package zap lets a service that logs with go.uber.org/zap keep doing so: its
// entries become ordinary lines, with the ids of their request, the levels of the
// program and its sinks.
//
//	logger := uber.New(zap.Core(o.LogHandler()))
//	logger.Named("store").Info("Charge created", zap.Context(ctx), uber.String("charge_id", id))
//
// A logger's name is that of a level: o.LogHandler().Levels().Set("store", …).
package zap

import (
	"context"
	"log/slog"
	"sync"

	"go.uber.org/zap/zapcore"

	"github.com/plumbline/plumbline/sdk/log"
)

// Context tells an entry which unit of work it belongs to. It is no field of the
// line. Given to With it holds for all entries of that logger.
func Context(ctx context.Context) zapcore.Field {
	return zapcore.Field{Key: "context", Type: zapcore.SkipType, Interface: ctx}
}

// Core is a zapcore.Core that writes to h.
func Core(h *log.Handler) zapcore.Core {
	return &core{root: h, handler: h, ctx: context.Background(), loggers: &loggers{}}
}

type core struct {
	root    *log.Handler // for entries of named loggers
	handler slog.Handler // root, with what With added
	added   []func(slog.Handler) slog.Handler
	ctx     context.Context
	loggers *loggers
}

// loggers are the handlers of named loggers, made once each.
type loggers struct {
	mu     sync.RWMutex
	byName map[string]slog.Handler
}

// maxLoggers bounds a program that names loggers after data.
const maxLoggers = 256

// Enabled implements zapcore.LevelEnabler. zap asks without the logger's name
// here, so what only a named logger hears is let through, and Check decides.
func (c *core) Enabled(level zapcore.Level) bool { return true }

// Level reports the program's level to zap.
func (c *core) Level() zapcore.Level { return zapLevel(c.root.Levels().Level("")) }

// With implements zapcore.Core.
func (c *core) With(fields []zapcore.Field) zapcore.Core {
	next := *c
	next.loggers = &loggers{}
	attrs, ctx, rest := read(fields, c.ctx)
	next.ctx = ctx
	next.handler = c.handler.WithAttrs(attrs)
	next.added = append(c.added[:len(c.added):len(c.added)], func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
	if rest != "" {
		next.handler = next.handler.WithGroup(rest)
		next.added = append(next.added, func(h slog.Handler) slog.Handler { return h.WithGroup(rest) })
	}
	return &next
}

// named is the handler of a logger with a name, "" that of the program.
func (c *core) named(name string) slog.Handler {
	if name == "" {
		return c.handler
	}
	c.loggers.mu.RLock()
	h := c.loggers.byName[name]
	c.loggers.mu.RUnlock()
	if h != nil {
		return h
	}
	h = c.root.Named(name)
	for _, add := range c.added {
		h = add(h)
	}
	c.loggers.mu.Lock()
	defer c.loggers.mu.Unlock()
	if c.loggers.byName == nil {
		c.loggers.byName = map[string]slog.Handler{}
	}
	if len(c.loggers.byName) < maxLoggers {
		c.loggers.byName[name] = h
	}
	return h
}

// Check implements zapcore.Core.
func (c *core) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	// Without its fields an entry's unit of work is not known yet: one that might be
	// recalled later has to come through too. Write decides.
	if recalls := c.root.Recalls(); recalls || slogLevel(e.Level) >= c.root.Levels().Level(e.LoggerName) {
		return checked.AddCore(e, c)
	}
	return checked
}

// Write implements zapcore.Core.
func (c *core) Write(e zapcore.Entry, fields []zapcore.Field) error {
	attrs, ctx, _ := read(fields, c.ctx)
	h := c.named(e.LoggerName)
	level := slogLevel(e.Level)
	if !h.Enabled(ctx, level) {
		return nil
	}
	r := slog.NewRecord(e.Time, level, e.Message, 0)
	r.AddAttrs(attrs...)
	if e.Stack != "" {
		r.AddAttrs(slog.String("stack", e.Stack))
	}
	if e.Caller.Defined {
		r.AddAttrs(slog.String("caller", e.Caller.TrimmedPath()))
	}
	return h.Handle(ctx, r)
}

// Sync implements zapcore.Core. Lines are delivered by the Observer; its Close
// waits for them.
func (c *core) Sync() error { return nil }

// zap's levels lie one apart, those of slog four.
func slogLevel(l zapcore.Level) slog.Level { return slog.Level(l) * 4 }

func zapLevel(l slog.Level) zapcore.Level {
	return zapcore.Level(max(min(int(l)/4, int(zapcore.FatalLevel)), int(zapcore.DebugLevel)))
}
