package bench

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/go-chi/httplog/v3"
	sloghttp "github.com/samber/slog-http"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
)

type nowhere struct{}

func (nowhere) Put([]byte) {}

type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

func request(b *testing.B) *http.Request {
	r, err := http.NewRequest("POST", "http://127.0.0.1/v1/charges", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:5000"
	r.Header.Set("User-Agent", "go/1.22.1")
	return r
}

// The line of each library for one request, with the eight fields of Stripe's
// article that a handler has to add itself.
func BenchmarkHTTP(b *testing.B) {
	logger := slog.New(slog.NewJSONHandler(io.Discard, nil))
	add := func(set func(*http.Request, ...slog.Attr)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			set(r, slog.String("auth_type", "api_key"), slog.String("key_id", "mk_123"), slog.String("user_id", "usr_123"),
				slog.Bool("rate_allowed", true), slog.Int("rate_quota", 100), slog.Int("rate_remaining", 99),
				slog.String("permissions_used", "account_write"), slog.String("team", "acquiring"))
			w.WriteHeader(200)
		}
	}
	ours := func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		line.AuthType.Set(ctx, "api_key")
		line.KeyID.Set(ctx, "mk_123")
		line.UserID.Set(ctx, "usr_123")
		line.RateAllowed.Set(ctx, true)
		line.RateQuota.Set(ctx, 100)
		line.RateRemaining.Set(ctx, 99)
		line.Permissions.Set(ctx, "account_write")
		line.Team.Set(ctx, "acquiring")
		w.WriteHeader(200)
	}
	o := plumbline.New(plumbline.Options{Service: "shop", Host: "h", Lines: nowhere{}, Logs: nowhere{}})
	for _, c := range []struct {
		name string
		h    http.Handler
	}{
		{"bare", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })},
		{"plumbline", o.HTTP(http.HandlerFunc(ours))},
		{"httplog", httplog.RequestLogger(logger, &httplog.Options{Level: slog.LevelInfo})(add(func(r *http.Request, attrs ...slog.Attr) {
			httplog.SetAttrs(r.Context(), attrs...)
		}))},
		{"slog-http", sloghttp.New(logger)(add(func(r *http.Request, attrs ...slog.Attr) {
			sloghttp.AddContextAttributes(r.Context(), attrs...)
		}))},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, w := request(b), blank{http.Header{}}
			measure(b, func() { c.h.ServeHTTP(w, r) })
		})
	}
}
