//go:build !race

package plumbline

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/plumbline/plumbline/sdk/line"
)

// What a request costs in memory is exact on any machine: one allocation is the
// request's own, one the copy that net/http wants for a context. (Under the race
// detector pools forget at random.)
func TestAllocations(t *testing.T) {
	o := New(Options{Service: "shop", Lines: discard{}, Logs: discard{}})
	h := o.HTTP(http.HandlerFunc(charge))
	r, err := http.NewRequest("POST", "http://127.0.0.1/v1/charges", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:5000"
	r.Header.Set("User-Agent", "go/1.22.1")
	w := blank{http.Header{}}
	ctx, unit := o.Begin(t.Context(), "bench")
	defer unit.Finish(line.OK)
	for _, c := range []struct {
		what string
		most float64
		do   func()
	}{
		{"a request", 2, func() { h.ServeHTTP(w, r) }},
		{"a field", 0, func() { line.UserID.Set(ctx, "usr_123") }},
		{"a timer", 0, func() { line.Database.Start(ctx).End() }},
		{"a record of three fields", 0, func() {
			o.Logger().LogAttrs(ctx, slog.LevelInfo, "x", slog.Int("a", 1), slog.String("b", "c"), slog.Bool("d", true))
		}},
		{"a record of ten fields by Log", 0, func() {
			o.LogHandler().Log(ctx, slog.LevelInfo, "x", slog.Int("a", 1), slog.Int("b", 1), slog.Int("c", 1), slog.Int("d", 1), slog.Int("e", 1),
				slog.Int("f", 1), slog.Int("g", 1), slog.String("h", "i"), slog.String("j", "k"), slog.Bool("l", true))
		}},
	} {
		if got := testing.AllocsPerRun(200, c.do); got > c.most {
			t.Errorf("%s: %v allocations, want %v", c.what, got, c.most)
		}
	}
}
