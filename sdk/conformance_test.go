package plumbline

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/linetest"
)

func TestConformance(t *testing.T) {
	linetest.Run(t, func() linetest.Subject {
		o, k := observe(Options{})
		return linetest.Subject{
			Wrap:  func(h http.Handler) http.Handler { return o.HTTP(h) },
			Lines: func() []linetest.Line { return k.seen() },
			Set: func(ctx context.Context, name string, value int) {
				line.Add(ctx, slog.Int(name, value))
			},
		}
	})
}

// seen are the lines taken so far, as the suite reads them.
func (k *keep) seen() (lines []linetest.Line) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.lines {
		l := linetest.Line{Raw: []byte(s), Bytes: -1}
		if json.Unmarshal(l.Raw, &l.Fields) == nil {
			status, _ := l.Fields["http_status"].(float64)
			bytes, _ := l.Fields["bytes_out"].(float64)
			l.Outcome, _ = l.Fields["outcome"].(string)
			l.Status, l.Bytes = int(status), int64(bytes)
			l.Failed = line.Outcome(l.Outcome).Fails()
		}
		lines = append(lines, l)
	}
	return lines
}
