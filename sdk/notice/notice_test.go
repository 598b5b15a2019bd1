package notice_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/notice"
)

func at() time.Time { return time.Date(2026, 11, 21, 9, 30, 20, 0, time.UTC) }

func TestNilSaysNothing(*testing.T) {
	var w *notice.Writer
	w.Say("status", "status proxy")
}

func TestAPanicOfTheSinkEndsThere(*testing.T) {
	w := notice.New(func([]byte) { panic("disk") }, at)
	w.Say("status", "status proxy")
	w.Say("status", "status proxy") // nor is it held locked
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
