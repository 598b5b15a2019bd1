package notice_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/notice"
)

func at() time.Time { return time.Date(2026, 11, 21, 9, 30, 20, 0, time.UTC) }

func ExampleWriter_Say() {
	put := func(line []byte) { fmt.Println(string(line)) } // or the Put of a sink
	w := notice.New(put, at, slog.String("service", "shop"))
	w.Say("reload", "reload name_conf", slog.String("version", "7"), slog.Duration("took", 2*time.Millisecond))
	// Output: {"_time":"2026-11-21T09:30:20Z","_msg":"reload name_conf","kind":"reload","service":"shop","version":"7","took":0.002000}
}

func ExampleNew() {
	w := notice.New(func(line []byte) { os.Stdout.Write(append(line, '\n')) }, at)
	w.Say("health", "ready")
	// Output: {"_time":"2026-11-21T09:30:20Z","_msg":"ready","kind":"health"}
}

func TestNilSaysNothing(*testing.T) {
	var w *notice.Writer
	w.Say("status", "status proxy")
}

// Whatever is said is one JSON object on one line.
func FuzzSay(f *testing.F) {
	f.Add("state\n", "a\"b", 1.5, []byte("\xff"))
	f.Fuzz(func(t *testing.T, key, text string, number float64, raw []byte) {
		var said []byte
		w := notice.New(func(line []byte) { said = append(said, line...) }, at)
		w.Say(key, text, slog.String("k"+key, text), slog.Float64("n", number), slog.Any("raw", raw))
		if !json.Valid(said) {
			t.Fatalf("not JSON: %s", said)
		}
		for _, c := range said {
			if c < ' ' {
				t.Fatalf("a control character in %q", said)
			}
		}
	})
}
