package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
)

func TestSlogTakesLinesAsRecords(t *testing.T) {
	var out bytes.Buffer
	s := Slog{slog.NewJSONHandler(&out, nil)}
	batch := `{"_time":"2026-11-21T09:30:00.5Z","_msg":"hello","level":"warn","n":3,"f":0.5,"ok":true,"s":"a\nb","list":[1]}` + "\n" + "no json\n" + `{"_msg":"quiet","level":"debug"}` + "\n"
	rejected, err := s.Deliver(context.Background(), Batch{Lines: 3, Bytes: []byte(batch)})
	if err != nil || rejected != 1 {
		t.Fatalf("rejected %d, error %v", rejected, err)
	}
	got := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%s: %v", out.Bytes(), err)
	}
	for name, want := range map[string]any{"time": "2026-11-21T09:30:00.5Z", "msg": "hello", "level": "WARN", "n": 3.0, "f": 0.5, "ok": true, "s": "a\nb"} {
		if got[name] != want {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
}
