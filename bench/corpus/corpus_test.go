package corpus

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestLinesAreTheSameEveryTime(t *testing.T) {
	t.Setenv("SAMPLES", "")
	for _, c := range All() {
		var once, again bytes.Buffer
		for _, b := range []*bytes.Buffer{&once, &again} {
			if err := c.Posts(1200, func(post []byte) error { b.Write(post); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(once.Bytes(), again.Bytes()) {
			t.Errorf("%s: the second time other lines", c.Name)
		}
		lines := bytes.Split(bytes.TrimSuffix(once.Bytes(), []byte("\n")), []byte("\n"))
		if len(lines) != 1200 {
			t.Errorf("%s: %d lines of 1200", c.Name, len(lines))
		}
		last := ""
		for _, line := range lines {
			var fields map[string]any
			if err := json.Unmarshal(line, &fields); err != nil {
				t.Fatalf("%s: %s: %v", c.Name, line, err)
			}
			when, _ := fields["_time"].(string)
			if when <= last || fields["_msg"] == nil || fields[c.Stream] == nil {
				t.Fatalf("%s: %s", c.Name, line)
			}
			last = when
		}
	}
}
