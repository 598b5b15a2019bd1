package plumbline

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"testing"
	"testing/slogtest"
	"time"
)

// slog's own conformance test, which reads nested groups: the flat line is
// unfolded at its dots.
func TestHandlerConforms(t *testing.T) {
	var logs *keep
	slogtest.Run(t, func(*testing.T) slog.Handler {
		logs = newKeep()
		o, _ := observe(Options{Logs: logs})
		return o.LogHandler()
	}, func(t *testing.T) map[string]any {
		flat := map[string]any{}
		if err := json.Unmarshal([]byte(logs.lines[0]), &flat); err != nil {
			t.Fatal(err)
		}
		return unfold(flat)
	})
}

func unfold(flat map[string]any) map[string]any {
	names := map[string]string{"_time": slog.TimeKey, "_msg": slog.MessageKey, "level": slog.LevelKey}
	tree := map[string]any{}
	for name, v := range flat {
		if known, ok := names[name]; ok {
			name = known
		}
		at, parts := tree, strings.Split(name, ".")
		for _, part := range parts[:len(parts)-1] {
			if at[part] == nil {
				at[part] = map[string]any{}
			}
			at = at[part].(map[string]any)
		}
		at[parts[len(parts)-1]] = v
	}
	return tree
}

type teapot struct{ Lid bool }

type grumpy struct{}

func (*grumpy) Error() string { panic("nil") }

func TestValuesOfOrdinaryLines(t *testing.T) {
	logs := newKeep()
	o, _ := observe(Options{Logs: logs, Level: slog.LevelDebug})
	var nobody *grumpy
	var nothing context.Context
	o.Logger().Log(nothing, slog.LevelWarn+1, "all \"kinds\"\n", "d", 1500*time.Microsecond, "f", 0.5, "nan", math.NaN(), "err", errors.New("gone"), "ip", netip.MustParseAddr("::1"),
		"pot", teapot{true}, "list", []string{"a", "b"}, "none", nil, "grumpy", nobody, "fn", func() {}, "bad\xff", "\x00\xff")
	if len(logs.lines) != 1 {
		t.Fatalf("%d lines", len(logs.lines))
	}
	got := map[string]any{}
	if err := json.Unmarshal([]byte(logs.lines[0]), &got); err != nil {
		t.Fatalf("%s: %v", logs.lines[0], err)
	}
	for name, want := range map[string]any{
		"_msg": "all \"kinds\"\n", "level": "warn+1", "service": "shop", "d": 0.0015, "f": 0.5, "nan": "NaN",
		"err": "gone", "ip": "::1", "none": nil, "grumpy": "!PANIC", "bad\ufffd": "\x00\ufffd",
	} {
		if got[name] != want {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
	if pot, _ := got["pot"].(map[string]any); pot["Lid"] != true {
		t.Errorf("pot is %v", got["pot"])
	}
	if list, _ := got["list"].([]any); len(list) != 2 {
		t.Errorf("list is %v", got["list"])
	}
}

func TestLevels(t *testing.T) {
	logs := newKeep()
	level := new(slog.LevelVar)
	o, _ := observe(Options{Logs: logs, Level: level})
	o.Logger().Debug("unheard")
	level.Set(slog.LevelDebug)
	o.Logger().Debug("heard")
	if len(logs.lines) != 1 {
		t.Errorf("%d lines, want the one below the changed level", len(logs.lines))
	}
}
