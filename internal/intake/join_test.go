package intake

import (
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
)

const traces = `2026-11-21 10:00:00 ERROR a
java.io.IOException: b

	at c
2026-11-21 10:00:01 INFO d
`

func TestTracesAreJoined(t *testing.T) {
	s, r := taken(t, Request{Format: "text", TimeFormat: "auto", Body: body(traces)})
	if r.Accepted != 2 || r.Joined != 2 {
		t.Errorf("receipt %+v", r)
	}
	same(t, s.rows("app")[0], `{"_time":"2026-11-21T10:00:00Z","_msg":"2026-11-21 10:00:00 ERROR a\njava.io.IOException: b\n\tat c"}`)
	s, r = taken(t, Request{Format: "text", Multiline: "off", Body: body(traces)})
	if r.Accepted != 4 || r.Joined != 0 || fields(t, s.rows("app")[0])["_time"] != "2026-11-21T12:00:00Z" {
		t.Errorf("not joined: receipt %+v, rows %q", r, s.rows("app"))
	}
	if _, err := intakeOn(new(shelf)).Ingest(t.Context(), Request{Format: "text", Multiline: "(", Body: body(traces)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("wrong rule: %v", err)
	}
}

// What would grow beyond the limit goes on as a record of its own: no line is
// lost in a trace without an end.
func TestTracesHaveAnEnd(t *testing.T) {
	limit := declare(func(d *dataset.Dataset) { d.Limits.LineBytes = 100 })
	lines := append([]string{"first"}, slices.Repeat([]string{"\tat x"}, 50)...)
	s, r := taken(t, Request{Format: "text", Body: body(lines...)}, limit)
	if r.Accepted+r.Joined != 51 || r.Accepted < 3 {
		t.Errorf("receipt %+v", r)
	}
	if got := strings.Count(strings.Join(s.rows("app"), ""), "at x"); got != 50 {
		t.Errorf("%d lines stored", got)
	}
}

func TestWhole(t *testing.T) {
	whole, err := Whole("text", "")
	if err != nil {
		t.Fatal(err)
	}
	if at := whole([]byte(traces)); traces[at:] != "2026-11-21 10:00:01 INFO d\n" {
		t.Errorf("the last record is %q", traces[at:])
	}
	if at := whole([]byte("a\n b\n")); at != 0 {
		t.Errorf("one record: %d", at)
	}
	looking, err := Whole("", "auto")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := looking([]byte("{}\n{}\n")), looking([]byte("a\nb\n")); a != 6 || b != 2 {
		t.Errorf("by looking: %d and %d", a, b)
	}
	if whole, err := Whole("jsonl", ""); whole != nil || err != nil {
		t.Error("lines of JSON are no records")
	}
	if _, err := Whole("text", "("); !fault.Is(err, fault.Invalid) {
		t.Errorf("wrong rule: %v", err)
	}
}

// Requests of many datasets at once share doors without mixing them.
func TestDoorsAreReused(t *testing.T) {
	s := new(shelf)
	in := intakeOn(s)
	for i := range 40 {
		name := string(rune('a' + i%12))
		if _, err := in.Ingest(t.Context(), Request{Format: "jsonl", Dataset: name, Body: body(`{"msg":"` + name + `"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(in.idle) != idleMost {
		t.Errorf("%d doors wait", len(in.idle))
	}
	for i := range 12 {
		name := string(rune('a' + i))
		if rows := s.rows(name); len(rows) < 3 || fields(t, rows[0])["_msg"] != name {
			t.Errorf("dataset %s has %q", name, rows)
		}
	}
}
