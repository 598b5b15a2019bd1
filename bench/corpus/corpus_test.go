package corpus

import (
	"bytes"
	"encoding/json"
	"slices"
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
			if when <= last || fields["_msg"] == nil || fields[c.Stream] == nil || unknown(c, fields) != "" {
				t.Fatalf("%s: %s", c.Name, line)
			}
			last = when
		}
	}
}

// unknown is a field that the corpus does not tell of; "" when there is none.
func unknown(c Corpus, line map[string]any) string {
	for name := range line {
		if !slices.ContainsFunc(c.Fields, func(f Field) bool { return f.Name == name }) {
			return name
		}
	}
	return ""
}

func TestFieldsAreTheSameForAnyNumberOfLines(t *testing.T) {
	first, err := Named("wide")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range first.Fields {
		if known[f.Name] {
			t.Errorf("the field %s is there twice", f.Name)
		}
		known[f.Name] = true
	}
	for _, lines := range []int{10, 999} {
		err := first.Posts(lines, func(post []byte) error {
			for line := range bytes.Lines(post) {
				var fields map[string]any
				if err := json.Unmarshal(line, &fields); err != nil {
					return err
				}
				if name := unknown(first, fields); name != "" {
					t.Errorf("%d lines: the field %s is new", lines, name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Named("narrow"); err == nil {
		t.Error("a corpus that is not there is no error")
	}
}
