package log

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
)

// kept is a handler whose lines are kept.
func kept(o Options) (*Handler, *[]string) {
	var lines []string
	o.Put = func(b []byte) { lines = append(lines, string(b)) }
	return New(o), &lines
}

var at = time.Date(2026, 11, 21, 9, 30, 0, 123e6, time.UTC)

func TestFormats(t *testing.T) {
	for format, want := range map[Format]string{
		JSON: `{"_time":"2026-11-21T09:30:00.123Z","_msg":"Charge \"created\"\n","level":"warn","service":"shop","logger":"pay","charge.id":"ch_1",` +
			`"charge.took":0.001500,"charge.ratio":0.5,"charge.ok":true,"charge.err":"gone \u001b[2J","charge.none":null,"charge.list":["a b"]}`,
		Logfmt: `_time=2026-11-21T09:30:00.123Z _msg="Charge \"created\"\n" level=warn service=shop logger=pay charge.id=ch_1 ` +
			`charge.took=0.001500 charge.ratio=0.5 charge.ok=true charge.err="gone \u001b[2J" charge.none="null" charge.list="[\"a b\"]"`,
		Text: `09:30:00.123 WARN  Charge \"created\"\n  logger=pay charge.id=ch_1 ` +
			`charge.took=0.001500 charge.ratio=0.5 charge.ok=true charge.err="gone \u001b[2J" charge.none="null" charge.list="[\"a b\"]"`,
	} {
		h, lines := kept(Options{Format: format, Fixed: []slog.Attr{slog.String("service", "shop")}})
		r := slog.NewRecord(at, slog.LevelWarn, "Charge \"created\"\n", 0)
		r.AddAttrs(slog.Duration("took", 1500*time.Microsecond), slog.Float64("ratio", 0.5), slog.Bool("ok", true),
			slog.Any("err", errors.New("gone \x1b[2J")), slog.Any("none", nil), slog.Any("list", []string{"a b"}))
		if err := h.Named("pay").WithGroup("charge").WithAttrs([]slog.Attr{slog.String("id", "ch_1")}).Handle(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		if (*lines)[0] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", &format, (*lines)[0], want)
		}
	}
}

func TestFormatIsAFlag(t *testing.T) {
	var f Format
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&f, "log", "json, logfmt or text")
	if err := flags.Parse([]string{"-log", "text"}); err != nil || f != Text {
		t.Errorf("%v %v", f, err)
	}
	if err := flags.Parse([]string{"-log", "xml"}); err == nil {
		t.Error("xml is a format")
	}
}

func TestLevelNames(t *testing.T) {
	for level, want := range map[slog.Level]string{
		slog.LevelDebug: "debug", slog.LevelDebug - 4: "debug-4", slog.LevelInfo: "info", slog.LevelInfo + 2: "info+2",
		slog.LevelWarn: "warn", slog.LevelError: "error", slog.LevelError + 10: "error+10",
	} {
		if got := levelName(level); got != want {
			t.Errorf("level %d: %s, want %s", level, got, want)
		}
		if back, err := ParseLevel(want); err != nil || back != level {
			t.Errorf("%s reads as %d, %v", want, back, err)
		}
	}
}

func source(slow time.Duration) (*line.Source, *bytes.Buffer) {
	var out bytes.Buffer
	return line.NewSource(line.Options{Put: func(b []byte) { out.Write(b) }, Slow: slow}), &out
}

var work = &line.Kind{Name: "job"}

func TestRecordsCarryIdsAndAreCounted(t *testing.T) {
	for _, format := range []Format{JSON, Logfmt, Text} {
		h, lines := kept(Options{Format: format})
		s, out := source(time.Hour)
		l := new(line.Line)
		s.Begin(l, context.Background(), work, line.Origin{RequestID: "req_1"})
		logger := slog.New(h)
		logger.WarnContext(l, "a")
		logger.ErrorContext(l, "b")
		h.Log(l, slog.LevelError, "c", slog.String("request_id", "mine"))
		h.Log(l, slog.LevelDebug, "unheard")
		l.Finish(line.OK)
		if len(*lines) != 3 || !strings.Contains((*lines)[0], "req_1") || strings.Contains((*lines)[2], "req_1") || !strings.Contains((*lines)[2], "mine") {
			t.Errorf("%s: %q", &format, *lines)
		}
		if !strings.Contains(out.String(), `"log_warnings":1,"log_errors":2`) {
			t.Errorf("canonical line %s", out)
		}
	}
}

func TestRecallWritesDebugOfWhatFailed(t *testing.T) {
	for _, c := range []struct {
		outcome line.Outcome
		want    string
	}{{line.OK, "said"}, {line.ServerError, "said whispered"}} {
		h, lines := kept(Options{Recall: true})
		s, _ := source(time.Hour)
		l := new(line.Line)
		s.Begin(l, context.Background(), work, line.Origin{})
		logger := slog.New(h)
		logger.DebugContext(l, "whispered")
		logger.InfoContext(l, "said")
		logger.Debug("without a request")
		l.Finish(c.outcome)
		var got []string
		for _, s := range *lines {
			_, msg, _ := strings.Cut(s, `"_msg":"`)
			msg, _, _ = strings.Cut(msg, `"`)
			got = append(got, msg)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.outcome, got, c.want)
		}
	}
}

func TestASinkThatPanicsIsNotHeard(t *testing.T) {
	h := New(Options{Put: func([]byte) { panic("sink") }})
	h.Log(context.Background(), slog.LevelInfo, "x")
	slog.New(h).Info("y")
}

func BenchmarkHandler(b *testing.B) {
	attrs := []slog.Attr{
		slog.String("user_id", "usr_123"), slog.Int("database_queries", 34), slog.String("http_method", "POST"),
		slog.String("http_path", "/v1/charges"), slog.Int("http_status", 200), slog.Bool("rate_allowed", true),
		slog.Int("rate_quota", 100), slog.Duration("duration", 9*time.Millisecond), slog.String("team", "acquiring"), slog.Float64("ratio", 0.25),
	}
	record := slog.NewRecord(time.Now(), slog.LevelInfo, "Charge created", 0)
	record.AddAttrs(attrs...)
	ctx := context.Background()
	for _, c := range []struct {
		name string
		h    slog.Handler
	}{
		{"json", New(Options{Put: func([]byte) {}})},
		{"logfmt", New(Options{Put: func([]byte) {}, Format: Logfmt})},
		{"text", New(Options{Put: func([]byte) {}, Format: Text})},
		{"slog-json", slog.NewJSONHandler(io.Discard, nil)},
		{"slog-text", slog.NewTextHandler(io.Discard, nil)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.h.Handle(ctx, record)
			}
		})
	}
	b.Run("Log", func(b *testing.B) {
		h := New(Options{Put: func([]byte) {}})
		b.ReportAllocs()
		for b.Loop() {
			h.Log(ctx, slog.LevelInfo, "Charge created",
				slog.String("user_id", "usr_123"), slog.Int("database_queries", 34), slog.String("http_method", "POST"),
				slog.String("http_path", "/v1/charges"), slog.Int("http_status", 200), slog.Bool("rate_allowed", true),
				slog.Int("rate_quota", 100), slog.Duration("duration", 9*time.Millisecond), slog.String("team", "acquiring"), slog.Float64("ratio", 0.25))
		}
	})
	b.Run("disabled", func(b *testing.B) {
		logger := slog.New(New(Options{Put: func([]byte) {}}))
		for b.Loop() {
			logger.DebugContext(ctx, "x")
		}
	})
}
