package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/row"
)

// FuzzTokensAsPairs: a record that is read as tokens gives the row that it gives
// as pairs, whatever came before.
func FuzzTokensAsPairs(f *testing.F) {
	for _, text := range []string{
		`{"time":"2026-11-20T10:00:00.5Z","msg":"done","n":1.50,"ok":true,"none":null}` + "\n" + `{"n":-0.5,"time":1795000000,"ok":"x"}`,
		`{"a":1,"a":[2],"a":"3","b":[4],"b":5}` + "\n" + `{"a":1,"a":1}` + "\n" + `{"b":"\u00e9","b":{"c":{}},"b.c":{"d":7}}`,
		`{"_time":"soon","_time_sent":1,"_msg":"a","msg":"b","_msg_sent":"c","_seq":1,"":2}` + "\n" + `{"_msg_sent":1,"message":{},"_msg":2}`,
		`{"want_number":"1","want_text":1,"want_bool":"true","want_time":5}` + "\n" + `{"want_number":"x","want_text":[1],"want_bool":0,"want_time":{"a":1}}`,
		`{"a":007,"b":1e5,"c":12345678901234567890,"d":-,"e":-Infinity,"f":1.2.3}` + "\n" + `{"a":1,"b":` + "\n" + `{"a":"x`,
		`{"a":1}` + "\n" + `{"a":"9f3ab2c19f3ab2c1"}` + "\n" + `{"a":true}` + "\n" + `{ "a" : 1 }` + "\n" + `{"\u0061":2}` + "\n" + `{"a":3} x`,
		// Texts that are no part of their line, and so many that the sheet moves.
		strings.Repeat(`{"id":"a","x":"`+strings.Repeat(`ab\n`, 50)+`","y":"yes","n":3}`+"\n", 20),
		strings.Repeat(`{"id":"req_9f3ab2c1","n":3}`+"\n", 70) + `{"id":"req_9f3ab2cx","n":3.5}`,
	} {
		f.Add(text, 0)
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		rows := func(pairsOnly bool) (out []string, r Receipt, l Tally) {
			in := intakeOn(new(shelf), declare(func(d *dataset.Dataset) {
				d.Limits.FieldCount = max(most, 0)
				d.Fields = map[string]dataset.Field{
					"want_number": {Type: dataset.Number}, "want_text": {Type: dataset.Text},
					"want_bool": {Type: dataset.Bool}, "want_time": {Type: dataset.Time},
				}
			}))
			j, err := in.check(Request{Dataset: "app", Format: "jsonl"})
			if err != nil {
				t.Fatal(err)
			}
			d := newDoor("app", new(guard))
			for _, part := range strings.SplitAfter(text, "\n\n") { // a batch each
				d.serve(j)
				if pairsOnly {
					d.plain = nil
				}
				for line := range bytes.Lines([]byte(part)) {
					d.admit(record{text: line, line: 1})
				}
				h, err := d.take(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, b := range h.batches {
					for i := range b.Len {
						out = append(out, fmt.Sprint(fields(t, string(b.AppendJSON(nil, i)))))
					}
					cols := slices.SortedFunc(slices.Values(b.Cols), func(x, y row.Column) int { return strings.Compare(x.Name, y.Name) })
					for _, c := range cols {
						out = append(out, fmt.Sprint(c.Name, c.Kind, c.Present(b.Len)))
					}
				}
				r, l = h.receipt, h.tally
				d.discard()
			}
			return out, r, l
		}
		a, ar, al := rows(false)
		b, br, bl := rows(true)
		if fmt.Sprint(a, ar, al) != fmt.Sprint(b, br, bl) {
			t.Fatalf("%q: as tokens\n%s\n%+v %+v\nas pairs\n%s\n%+v %+v", text, strings.Join(a, "\n"), ar, al, strings.Join(b, "\n"), br, bl)
		}
	})
}

// TestNamesOfRefusedLines: a sender of old lines who makes up names cannot fill
// the memory of a door.
func TestNamesOfRefusedLines(t *testing.T) {
	in := intakeOn(new(shelf), declare(func(d *dataset.Dataset) { d.Retention.Age = time.Hour }))
	j, err := in.check(Request{Dataset: "app", Format: "jsonl"})
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor("app", new(guard))
	admit := func(lines ...string) (row string) {
		d.serve(j)
		for _, line := range lines {
			d.admit(record{text: []byte(line), line: 1})
		}
		h, err := d.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range h.batches {
			row = string(b.AppendJSON(nil, 0))
		}
		d.discard()
		return row
	}
	for i := range 3 {
		var lines []string
		for k := range 9000 {
			lines = append(lines, fmt.Sprintf(`{"time":"2020-01-01T00:00:00Z","name%d":1}`, i*9000+k))
		}
		if got := admit(lines...); got != "" {
			t.Fatalf("kept %s", got)
		}
	}
	if n := d.rows.Slot([]byte("another")); n > 1<<13 {
		t.Errorf("%d fields are remembered", n)
	}
	if got, want := admit(`{"a":1,"time":"2026-11-21T12:00:00Z","msg":"m"}`), `{"_time":"2026-11-21T12:00:00Z","a":1,"_msg":"m"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
