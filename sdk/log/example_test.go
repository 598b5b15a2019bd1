package log_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/log"
)

// show prints a line without its time.
func show(b []byte) {
	_, rest, _ := strings.Cut(string(b), " ")
	fmt.Println(rest)
}

// A handler for log/slog; Observer.LogHandler is one that is connected already.
func ExampleNew() {
	h := log.New(log.Options{Put: show, Format: log.Logfmt, Fixed: []slog.Attr{slog.String("service", "shop")}})
	logger := slog.New(h)
	logger.Info("Charge created", "charge_id", "ch_1", "took", 20*time.Millisecond)
	h.Log(context.Background(), slog.LevelWarn, "Slow", slog.Int("n", 3)) // without slog's record
	// Output:
	// _msg="Charge created" level=info service=shop charge_id=ch_1 took=0.020000
	// _msg=Slow level=warn service=shop n=3
}

// The format is a flag.
func ExampleFormat() {
	var format log.Format
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	flags.Var(&format, "log", "json, logfmt or text")
	_ = flags.Parse([]string{"-log", "text"})
	slog.New(log.New(log.Options{Put: show, Format: format})).Warn("Disk is filling", "free", "3 GB")
	// Output: WARN  Disk is filling  free="3 GB"
}

// Parts of a program have levels of their own, which can be set for a while.
func ExampleHandler_Named() {
	h := log.New(log.Options{Put: show, Format: log.Logfmt})
	cache := slog.New(h.Named("store.cache"))
	cache.Debug("unheard")
	h.Levels().Set("store", slog.LevelDebug, 10*time.Minute)
	cache.Debug("heard")
	fmt.Println(h.Levels().Level("store.cache"), h.Levels().Level("http"))
	h.Levels().Reset("store")
	cache.Debug("unheard again")
	// Output:
	// _msg=heard level=debug logger=store.cache
	// DEBUG INFO
}

// Levels over HTTP, in the protocol of zap's AtomicLevel:
//
//	curl -X PUT -d level=debug 'http://127.0.0.1:8421/log/level?logger=store&ttl=10m'
func ExampleLevels() {
	h := log.New(log.Options{Put: show})
	ask := func(method, target string) {
		w := httptest.NewRecorder()
		h.Levels().ServeHTTP(w, httptest.NewRequest(method, target, nil))
		fmt.Print(w.Body)
	}
	ask(http.MethodGet, "/")
	ask(http.MethodPut, "/?logger=store&level=debug")
	ask(http.MethodGet, "/?logger=store.cache")
	ask(http.MethodGet, "/")
	// Output:
	// {"level":"info"}
	// {"level":"debug"}
	// {"level":"debug"}
	// {"level":"info","loggers":{"store":"debug"}}
}

// A handler's lines may go elsewhere, with the same levels.
func ExampleHandler_To() {
	h := log.New(log.Options{Put: show, Format: log.Logfmt, Recall: true})
	audit := slog.New(h.To(func(b []byte) { fmt.Print("audit: "); show(b) }))
	audit.Info("Signed in", "user_id", "usr_1")
	fmt.Println(h.Recalls()) // whether debug records are kept for requests that fail
	// Output:
	// audit: _msg="Signed in" level=info user_id=usr_1
	// true
}

// Levels without a handler, for a logger of another kind.
func ExampleNewLevels() {
	levels := log.NewLevels(slog.LevelInfo)
	store := levels.Of("store") // kept: reading it is one load
	level, err := log.ParseLevel("warn")
	levels.Set("store", level, 0)
	fmt.Println(store.Level(), err)
	// Output: WARN <nil>
}
