package zap_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	uber "go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/plumbline/plumbline/sdk/adapters/zap"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
)

func logger(o log.Options) (*uber.Logger, *log.Handler, *[]string) {
	var lines []string
	o.Put = func(b []byte) { lines = append(lines, string(b)) }
	h := log.New(o)
	return uber.New(zap.Core(h)), h, &lines
}

func work() (*line.Source, *line.Line) {
	s := line.NewSource(line.Options{Put: func([]byte) {}})
	l := new(line.Line)
	s.Begin(l, context.Background(), &line.Kind{Name: "job"}, line.Origin{RequestID: "req_1"})
	return s, l
}

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(s), &fields); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return fields
}

type point struct{ x, y int }

func (p point) MarshalLogObject(e zapcore.ObjectEncoder) error {
	e.AddInt("x", p.x)
	e.AddInt("y", p.y)
	return nil
}

func TestEntriesBecomeLines(t *testing.T) {
	z, _, lines := logger(log.Options{})
	_, l := work()
	z.With(zap.Context(l), uber.String("team", "pay")).Warn("Charge created",
		uber.String("charge_id", "ch_1"), uber.Int("n", -3), uber.Uint8("u", 7), uber.Float64("f", 0.5), uber.Bool("ok", true),
		uber.Duration("took", 1500*time.Microsecond), uber.Error(errors.New("gone")), uber.Strings("list", []string{"a"}),
		uber.Object("at", point{1, 2}), uber.Time("when", time.Unix(0, 0)), uber.Namespace("deep"), uber.Int("n", 9))
	got := decode(t, (*lines)[0])
	for name, want := range map[string]any{
		"_msg": "Charge created", "level": "warn", "team": "pay", "charge_id": "ch_1", "n": -3.0, "u": 7.0, "f": 0.5, "ok": true,
		"took": 0.0015, "error": "gone", "at.x": 1.0, "at.y": 2.0, "deep.n": 9.0, "request_id": "req_1",
	} {
		if got[name] != want {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
	if got["trace_id"] == nil || got["context"] != nil || got["when"] == nil {
		t.Errorf("line %v", got)
	}
}

func TestLevelsOfNamedLoggers(t *testing.T) {
	z, h, lines := logger(log.Options{})
	h.Levels().Set("store", slog.LevelDebug, 0)
	z.Debug("unheard")
	z.Named("store").With(uber.Int("n", 1)).Debug("heard")
	z.Named("store").Named("cache").Debug("heard too")
	if len(*lines) != 2 || decode(t, (*lines)[0])["n"] != 1.0 || decode(t, (*lines)[1])["logger"] != "store.cache" {
		t.Errorf("lines %q", *lines)
	}
}

func TestRecall(t *testing.T) {
	z, _, lines := logger(log.Options{Recall: true})
	_, l := work()
	z.Debug("whispered", zap.Context(l))
	z.Debug("without a request")
	if len(*lines) != 0 {
		t.Errorf("lines %q", *lines)
	}
	l.Finish(line.ServerError)
	if len(*lines) != 1 || !strings.Contains((*lines)[0], "whispered") {
		t.Errorf("lines after the failure %q", *lines)
	}
}

func TestNamespaceOfWithHolds(t *testing.T) {
	z, _, lines := logger(log.Options{})
	z.With(uber.Namespace("deep")).Info("x", uber.Int("n", 1))
	if got := decode(t, (*lines)[0]); got["deep.n"] != 1.0 {
		t.Errorf("line %v", got)
	}
}

// A service that logs with zap.
func ExampleCore() {
	h := log.New(log.Options{Put: func(line []byte) {}, Format: log.Logfmt})
	logger := uber.New(zap.Core(h))
	logger.Info("Charge created", zap.Context(context.Background()), uber.String("charge_id", "ch_1"))
	// Output:
}
