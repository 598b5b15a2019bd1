package log

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLevelsAreInherited(t *testing.T) {
	base := new(slog.LevelVar)
	s := NewLevels(base)
	cache := s.Of("store.cache")
	check := func(step string, program, store, inCache slog.Level) {
		t.Helper()
		if s.Of("").Level() != program || s.Of("store").Level() != store || cache.Level() != inCache || s.Level("store.new") != store {
			t.Errorf("%s: %v %v %v", step, s.Of("").Level(), s.Of("store").Level(), cache.Level())
		}
	}
	const debug, info, warn, fail = slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError
	check("at first", info, info, info)
	base.Set(warn)
	check("the base changes by itself", warn, warn, warn)
	s.Set("store", debug, 0)
	check("store", warn, debug, debug)
	s.Set("store.cache", fail, 0)
	check("store.cache", warn, debug, fail)
	s.Set("", info, 0)
	check("the program", info, debug, fail)
	s.Reset("store.cache")
	s.Reset("nobody")
	check("taken back", info, debug, debug)
	s.Reset("store")
	s.Reset("")
	check("all taken back", warn, warn, warn)
}

func TestLevelsEndByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewLevels(slog.LevelInfo)
		l := s.Of("store")
		s.Set("store", slog.LevelDebug, time.Minute)
		time.Sleep(50 * time.Second)
		s.Set("store", slog.LevelWarn, time.Minute) // the first minute no longer counts
		time.Sleep(30 * time.Second)
		if l.Level() != slog.LevelWarn {
			t.Errorf("after 30 of 60 seconds %v", l.Level())
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if l.Level() != slog.LevelInfo {
			t.Errorf("after 61 of 60 seconds %v", l.Level())
		}
	})
}

// The protocol of zap's AtomicLevel, answer by answer, and what is added to it.
func TestLevelsSpeakZapsProtocol(t *testing.T) {
	form := "application/x-www-form-urlencoded"
	for _, c := range []struct {
		method, target, kind, body string
		status                     int
		answer                     string
	}{
		{"GET", "/", "", "", 200, `{"level":"info"}`},
		{"PUT", "/", "", `{"level":"warn"}`, 200, `{"level":"warn"}`},
		{"PUT", "/", form, "level=debug", 200, `{"level":"debug"}`},
		{"PUT", "/?level=ERROR", form, "", 200, `{"level":"error"}`},
		{"PUT", "/", "", `{"level":"fatal"}`, 200, `{"level":"error+12"}`},
		{"PUT", "/", "", `{}`, 400, `{"error":"must specify logging level"}`},
		{"PUT", "/", form, "", 400, `{"error":"must specify logging level"}`},
		{"PUT", "/", "", `{"level":"unknown"}`, 400, `{"error":"unrecognized level: \"unknown\""}`},
		{"PUT", "/", "", "nonsense", 400, `"malformed request body`},
		{"PUT", "/", "", strings.Repeat(" ", 5000), 400, `"reading the request`},
		{"PUT", "/", "", `{"level":"debug","ttl":"soon"}`, 400, `soon`},
		{"PUT", "/", "", `{"level":"debug","logger":"` + strings.Repeat("x", 300) + `"}`, 400, `256`},
		{"POST", "/", "", "", 405, `{"error":"Only GET and PUT are supported."}`},
		{"PUT", "/?logger=store&ttl=10m", "", `{"level":"debug"}`, 200, `{"level":"debug"}`},
	} {
		s := NewLevels(slog.LevelInfo)
		r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || !strings.Contains(got, c.answer) {
			t.Errorf("%s %s %q: %d %s, want %d %s", c.method, c.target, c.body, w.Code, got, c.status, c.answer)
		}
	}
}

func TestLevelsListLoggers(t *testing.T) {
	s := NewLevels(slog.LevelInfo)
	put := func(target string) {
		r := httptest.NewRequest(http.MethodPut, target, nil)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	get := func() string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return strings.TrimSpace(w.Body.String())
	}
	put("/?logger=store&level=debug&ttl=10m")
	put("/?logger=pay&level=error")
	if got := get(); got != `{"level":"info","loggers":{"pay":"error","store":"debug for 10m0s"}}` {
		t.Errorf("listed %s", got)
	}
	put("/?logger=store&level=default")
	put("/?logger=pay&level=default")
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/?logger=asked", nil))
	if got := get(); got != `{"level":"info"}` || len(s.named) != 3 {
		t.Errorf("listed %s, %d loggers", got, len(s.named))
	}
}

func TestNamedLoggersHearTheirOwnLevel(t *testing.T) {
	h, lines := kept(Options{})
	store := slog.New(h.Named("store"))
	h.Levels().Set("store", slog.LevelDebug, 0)
	store.Debug("heard")
	slog.New(h).Debug("unheard")
	if len(*lines) != 1 || !strings.Contains((*lines)[0], `"logger":"store"`) {
		t.Errorf("lines %q", *lines)
	}
}

func TestConcurrentLevels(t *testing.T) {
	h := New(Options{Put: func([]byte) {}})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			named := h.Named("store")
			for range 200 {
				named.Enabled(context.Background(), slog.LevelDebug)
				h.Levels().Set("store", slog.LevelDebug, time.Microsecond)
				h.Levels().Reset("store")
			}
		})
	}
	wg.Wait()
}
