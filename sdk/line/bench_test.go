package line

import (
	"context"
	"log/slog"
	"testing"
)

func BenchmarkSet(b *testing.B) {
	var l Line
	quiet().Begin(&l, context.Background(), job, Origin{})
	b.ReportAllocs()
	for b.Loop() {
		UserID.Set(&l, "usr_123")
	}
}

func BenchmarkTimer(b *testing.B) {
	var l Line
	quiet().Begin(&l, context.Background(), job, Origin{})
	b.ReportAllocs()
	for b.Loop() {
		Database.Start(&l).End()
	}
}

// The fifteen fields of Stripe's article, set, encoded and handed on.
func BenchmarkLine(b *testing.B) {
	s := quiet()
	b.ReportAllocs()
	for b.Loop() {
		l := new(Line)
		s.Begin(l, context.Background(), job, Origin{RequestID: "req_123"})
		fifteen(l)
		l.Finish("ok")
	}
}

func fifteen(ctx context.Context) {
	AllocCount.Set(ctx, 9123)
	AuthType.Set(ctx, "api_key")
	Database.Calls.Set(ctx, 34)
	HTTPMethod.Set(ctx, "POST")
	HTTPPath.Set(ctx, "/v1/charges")
	HTTPStatus.Set(ctx, 200)
	KeyID.Set(ctx, "mk_123")
	Permissions.Set(ctx, "account_write")
	RateAllowed.Set(ctx, true)
	RateQuota.Set(ctx, 100)
	RateRemaining.Set(ctx, 99)
	Team.Set(ctx, "acquiring")
	UserID.Set(ctx, "usr_123")
}

func quiet() *Source {
	return NewSource(Options{Put: func([]byte) {}, Fixed: []slog.Attr{slog.String("service", "shop")}})
}
