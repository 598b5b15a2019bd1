package line

import (
	"context"
	"io"
	"log/slog"
	"testing"
)

// The same fifteen fields as one record of log/slog, for a ratio on any machine.
func BenchmarkSlogJSON(b *testing.B) {
	logger := slog.New(slog.NewJSONHandler(io.Discard, nil))
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		logger.LogAttrs(ctx, slog.LevelInfo, Mark,
			slog.String("request_id", "req_123"), slog.Int("alloc_count", 9123), slog.String("auth_type", "api_key"),
			slog.Int("database_queries", 34), slog.String("http_method", "POST"), slog.String("http_path", "/v1/charges"),
			slog.Int("http_status", 200), slog.String("key_id", "mk_123"), slog.String("permissions_used", "account_write"),
			slog.Bool("rate_allowed", true), slog.Int("rate_quota", 100), slog.Int("rate_remaining", 99),
			slog.String("team", "acquiring"), slog.String("user_id", "usr_123"), slog.Float64("duration", 0.009))
	}
}
