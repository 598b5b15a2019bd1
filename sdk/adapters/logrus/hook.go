// Package logrus lets a service that logs with github.com/sirupsen/logrus keep
// doing so: its entries become ordinary lines, with the ids of their request, the
// levels of the program and its sinks.
//
//	logger := plain.New()
//	logrus.Install(logger, o.LogHandler())
//	logger.WithContext(ctx).WithField("charge_id", id).Info("Charge created")
package logrus

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"slices"

	plain "github.com/sirupsen/logrus"

	"github.com/plumbline/plumbline/sdk/log"
)

// Install makes h the only place the logger writes to, and leaves the level to h.
func Install(logger *plain.Logger, h *log.Handler) {
	logger.SetOutput(io.Discard)
	logger.SetFormatter(silent{})
	logger.SetLevel(plain.TraceLevel)
	logger.AddHook(Hook(h))
}

// silent formats nothing, which is what goes to io.Discard.
type silent struct{}

// Format implements logrus.Formatter.
func (silent) Format(*plain.Entry) ([]byte, error) { return nil, nil }

// Hook writes the entries of a logger to h, beside what the logger itself does
// with them. The logger's level comes before that of h.
func Hook(h *log.Handler) plain.Hook { return &hook{h} }

type hook struct{ handler *log.Handler }

// Levels implements logrus.Hook.
func (*hook) Levels() []plain.Level { return plain.AllLevels }

// Fire implements logrus.Hook. The field logger is the name of a level.
func (k *hook) Fire(e *plain.Entry) error {
	ctx := e.Context
	if ctx == nil {
		ctx = context.Background()
	}
	h := k.handler
	name, named := e.Data["logger"].(string)
	if named {
		h = h.Named(name)
	}
	level := slogLevel(e.Level)
	if !h.Enabled(ctx, level) {
		return nil
	}
	r := slog.NewRecord(e.Time, level, e.Message, 0)
	for _, name := range slices.Sorted(maps.Keys(e.Data)) {
		if name != "logger" || !named {
			r.AddAttrs(slog.Any(name, e.Data[name]))
		}
	}
	if e.HasCaller() {
		r.AddAttrs(slog.Any("caller", &slog.Source{File: e.Caller.File, Line: e.Caller.Line}))
	}
	return h.Handle(ctx, r)
}

// slogLevel puts logrus' levels beside those of slog, four apart.
func slogLevel(l plain.Level) slog.Level {
	switch l {
	case plain.PanicLevel:
		return slog.LevelError + 8
	case plain.FatalLevel:
		return slog.LevelError + 12
	case plain.ErrorLevel:
		return slog.LevelError
	case plain.WarnLevel:
		return slog.LevelWarn
	case plain.InfoLevel:
		return slog.LevelInfo
	case plain.DebugLevel:
		return slog.LevelDebug
	}
	return slog.LevelDebug - 4
}
