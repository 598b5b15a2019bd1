package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/httplog/v3"
	sloghttp "github.com/samber/slog-http"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/linetest"
)

// kept is a writer and a sink that keeps whole lines.
type kept struct {
	mu    sync.Mutex
	lines [][]byte
}

func (k *kept) Write(b []byte) (int, error) { k.Put(b); return len(b), nil }

func (k *kept) Put(b []byte) {
	k.mu.Lock()
	k.lines = append(k.lines, bytes.Clone(b))
	k.mu.Unlock()
}

// read gives the lines as the suite wants them, by what says how each ended.
func (k *kept) read(ended func(fields map[string]any) linetest.Line) (lines []linetest.Line) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, raw := range k.lines {
		fields := map[string]any{}
		if json.Unmarshal(raw, &fields) != nil {
			fields = nil
		}
		l := ended(fields)
		l.Fields, l.Raw = fields, raw
		lines = append(lines, l)
	}
	return lines
}

func number(fields map[string]any, names ...string) int64 {
	for i, name := range names {
		if i == len(names)-1 {
			n, _ := fields[name].(float64)
			return int64(n)
		}
		fields, _ = fields[name].(map[string]any)
	}
	return 0
}

func ours() linetest.Subject {
	k := &kept{}
	o := plumbline.New(plumbline.Options{Service: "shop", Lines: k, Logs: &kept{}})
	return linetest.Subject{
		Wrap: o.HTTP,
		Lines: func() []linetest.Line {
			return k.read(func(f map[string]any) linetest.Line {
				outcome, _ := f["outcome"].(string)
				return linetest.Line{Status: int(number(f, "http_status")), Bytes: number(f, "bytes_out"), Outcome: outcome, Failed: line.Outcome(outcome).Fails()}
			})
		},
		Set: func(ctx context.Context, name string, v int) { line.Add(ctx, slog.Int(name, v)) },
	}
}

// httplog's default options recover panics, and so answer 500 to them.
func chi() linetest.Subject {
	k := &kept{}
	wrap := httplog.RequestLogger(slog.New(slog.NewJSONHandler(k, nil)), &httplog.Options{Level: slog.LevelInfo, RecoverPanics: true})
	return linetest.Subject{
		Wrap: wrap,
		Lines: func() []linetest.Line {
			return k.read(func(f map[string]any) linetest.Line {
				return linetest.Line{
					Status: int(number(f, "http.response.status_code")), Bytes: number(f, "http.response.body.bytes"),
					Failed: f["level"] == "ERROR" || f["error.message"] != nil, Outcome: abandoned(f["error.type"]),
				}
			})
		},
		Set: func(ctx context.Context, name string, v int) { httplog.SetAttrs(ctx, slog.Int(name, v)) },
	}
}

// abandoned gives httplog its word for a client that left.
func abandoned(v any) string {
	if s, _ := v.(string); strings.Contains(s, "ClientAborted") {
		return "client_abort"
	}
	return ""
}

func samber() linetest.Subject {
	k := &kept{}
	wrap := sloghttp.NewWithConfig(slog.New(slog.NewJSONHandler(k, nil)), sloghttp.Config{
		DefaultLevel: slog.LevelInfo, ClientErrorLevel: slog.LevelWarn, ServerErrorLevel: slog.LevelError, WithRequestID: true,
	})
	return linetest.Subject{
		Wrap: wrap,
		Lines: func() []linetest.Line {
			return k.read(func(f map[string]any) linetest.Line {
				return linetest.Line{Status: int(number(f, "response", "status")), Bytes: number(f, "response", "length"), Failed: f["level"] == "ERROR"}
			})
		},
		Set: func(ctx context.Context, name string, v int) { sloghttp.AddContextAttributes(ctx, slog.Int(name, v)) },
	}
}

// Ours answers everything right; what the others answer is reported.
func TestConformance(t *testing.T) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Run("ours", func(t *testing.T) { linetest.Run(t, ours) })
	for _, rival := range []struct {
		name  string
		start func() linetest.Subject
	}{{"httplog", chi}, {"slog-http", samber}} {
		results := linetest.Check(rival.start)
		right := 0
		for _, r := range results {
			if r.Err == nil {
				right++
				continue
			}
			t.Logf("%-10s %-42s %v", rival.name, r.Question, r.Err)
		}
		t.Logf("%-10s %d of %d right", rival.name, right, len(results))
	}
}
