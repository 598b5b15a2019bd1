package bench

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/plumbline/plumbline/sdk/log"
)

const took = 9 * time.Millisecond

func attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("user_id", "usr_123"), slog.Int("database_queries", 34), slog.String("http_method", "POST"),
		slog.String("http_path", "/v1/charges"), slog.Int("http_status", 200), slog.Bool("rate_allowed", true),
		slog.Int("rate_quota", 100), slog.Duration("duration", took), slog.String("team", "acquiring"), slog.Float64("ratio", 0.25),
	}
}

// One line of ten fields, as JSON. The handlers of slog get the same record; the
// others are called in their own way, as is our Log.
func BenchmarkLog10(b *testing.B) {
	ctx := context.Background()
	record := slog.NewRecord(time.Now(), slog.LevelInfo, "Charge created", 0)
	record.AddAttrs(attrs()...)
	ours := log.New(log.Options{Put: func([]byte) {}})
	for _, c := range []struct {
		name string
		h    slog.Handler
	}{
		{"handler/plumbline", ours},
		{"handler/slog", slog.NewJSONHandler(io.Discard, nil)},
		{"handler/phuslu", (&phuslu.Logger{Writer: phuslu.IOWriter{Writer: io.Discard}}).Slog().Handler()},
	} {
		b.Run(c.name, func(b *testing.B) {
			measure(b, func() { c.h.Handle(ctx, record) })
		})
	}
	b.Run("call/plumbline", func(b *testing.B) {
		measure(b, func() {
			ours.Log(ctx, slog.LevelInfo, "Charge created",
				slog.String("user_id", "usr_123"), slog.Int("database_queries", 34), slog.String("http_method", "POST"),
				slog.String("http_path", "/v1/charges"), slog.Int("http_status", 200), slog.Bool("rate_allowed", true),
				slog.Int("rate_quota", 100), slog.Duration("duration", took), slog.String("team", "acquiring"), slog.Float64("ratio", 0.25))
		})
	})
	b.Run("call/zap", func(b *testing.B) {
		l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel))
		measure(b, func() {
			l.Info("Charge created",
				zap.String("user_id", "usr_123"), zap.Int("database_queries", 34), zap.String("http_method", "POST"),
				zap.String("http_path", "/v1/charges"), zap.Int("http_status", 200), zap.Bool("rate_allowed", true),
				zap.Int("rate_quota", 100), zap.Duration("duration", took), zap.String("team", "acquiring"), zap.Float64("ratio", 0.25))
		})
	})
	b.Run("call/zerolog", func(b *testing.B) {
		l := zerolog.New(io.Discard).With().Timestamp().Logger()
		measure(b, func() {
			l.Info().Str("user_id", "usr_123").Int("database_queries", 34).Str("http_method", "POST").
				Str("http_path", "/v1/charges").Int("http_status", 200).Bool("rate_allowed", true).
				Int("rate_quota", 100).Dur("duration", took).Str("team", "acquiring").Float64("ratio", 0.25).Msg("Charge created")
		})
	})
	b.Run("call/phuslu", func(b *testing.B) {
		l := phuslu.Logger{Writer: phuslu.IOWriter{Writer: io.Discard}}
		measure(b, func() {
			l.Info().Str("user_id", "usr_123").Int("database_queries", 34).Str("http_method", "POST").
				Str("http_path", "/v1/charges").Int("http_status", 200).Bool("rate_allowed", true).
				Int("rate_quota", 100).Dur("duration", took).Str("team", "acquiring").Float64("ratio", 0.25).Msg("Charge created")
		})
	})
}
