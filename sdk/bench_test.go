package plumbline

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/plumbline/plumbline/sdk/line"
)

type discard struct{}

func (discard) Put([]byte) {}

type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

func request15(b *testing.B) *http.Request {
	r, err := http.NewRequest("POST", "http://127.0.0.1/v1/charges", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:5000"
	r.Header.Set("User-Agent", "go/1.22.1")
	return r
}

func charge(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	line.AuthType.Set(ctx, "api_key")
	line.KeyID.Set(ctx, "mk_123")
	line.UserID.Set(ctx, "usr_123")
	line.RateAllowed.Set(ctx, true)
	line.RateQuota.Set(ctx, 100)
	line.RateRemaining.Set(ctx, 99)
	line.Permissions.Set(ctx, "account_write")
	line.Database.Calls.Add(ctx, 34)
	line.Team.Set(ctx, "acquiring")
	w.WriteHeader(200)
}

// The whole middleware around a handler that sets the fields of the article.
func BenchmarkHTTP(b *testing.B) {
	for _, c := range []struct {
		name string
		wrap func(http.Handler) http.Handler
	}{
		{"bare", func(h http.Handler) http.Handler { return h }},
		{"line", New(Options{Service: "shop", Lines: discard{}, Logs: discard{}}).HTTP},
		{"allocs", New(Options{Service: "shop", Lines: discard{}, Logs: discard{}, Allocs: true}).HTTP},
		{"announced", New(Options{Service: "shop", Lines: discard{}, Logs: discard{}, Announce: true}).HTTP},
	} {
		b.Run(c.name, func(b *testing.B) {
			h := c.wrap(http.HandlerFunc(charge))
			r, w := request15(b), blank{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkLog(b *testing.B) {
	o := New(Options{Service: "shop", Lines: discard{}, Logs: discard{}})
	ctx, _ := o.Begin(b.Context(), "bench")
	b.ReportAllocs()
	for b.Loop() {
		o.Logger().LogAttrs(ctx, slog.LevelInfo, "Request finished",
			slog.Int("database_queries", 34), slog.Float64("duration", 0.009), slog.Int("http_status", 200), slog.String("user_id", "usr_123"))
	}
}
