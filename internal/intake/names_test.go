package intake

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// inventions are ways to name in each line a field that no other has; %[1]d is the
// number of the line, and every third is dated.
var inventions = []struct{ name, format, line, dated string }{
	{"keys", "jsonl", `{"user_%[1]d":1,"way":"x"}`, `{"time":"2026-11-20T01:02:03Z","user_%[1]d":1,"way":"x"}`},
	{"objects", "jsonl", `{"users":{"u%[1]d":{"seen":true,"name":"n"}}}`, `{"ts":1200000000,"users":{"u%[1]d":{"seen":true}}}`},
	{"lists", "jsonl", `{"user_%[1]d":[1,"a"]}`, `{"time":"2026-11-20T01:02:03Z","user_%[1]d":[]}`},
	{"escapes", "jsonl", `{"us\u0065r_%[1]d":"a\nb"}`, `{"user_%[1]d":"a\nb","t\u0069me":"2026-11-20T01:02:03Z"}`},
	{"twice", "jsonl", `{"user":{"u%[1]d":1},"user.u%[1]d":"a"}`, `{"time":1,"user":{"u%[1]d":1}}`},
	{"own", "jsonl", `{"_time_sent":%[1]d,"_a%[1]d":1}`, `{"_time":"1970-01-01T00:00:00Z","_a%[1]d":1}`},
	{"pairs", "logfmt", `user_%[1]d=1 way=x`, `time=2026-11-20T01:02:03Z user_%[1]d=1`},
	{"gelf", "gelf", `{"version":"1.1","host":"h","short_message":"m","_user_%[1]d":1}`, `{"timestamp":1200000000,"short_message":"m","_user_%[1]d":1}`},
}

func invented(line, dated string, lines int) []byte {
	var b bytes.Buffer
	for n := range lines {
		if n%3 == 0 {
			line, dated = dated, line
		}
		fmt.Fprintf(&b, line+"\n", n)
	}
	return b.Bytes()
}

// Chunks of lines that make up names are cut before their columns are large, wherever
// and whenever the body is sent.
func TestInventedNames(t *testing.T) {
	const lines, wide = 12_000, 1 << 20
	narrow := func(o *Options) { o.ChunkWide = wide }
	for _, way := range inventions {
		text := invented(way.line, way.dated, lines)
		send := func(in *Intake) map[string]int {
			t.Helper()
			r, err := in.Ingest(t.Context(), Request{Format: way.format, BatchName: "b", Body: bytes.NewReader(text)})
			if err != nil || r.Accepted+r.Refused != lines {
				t.Fatalf("%s: %+v, %v", way.name, r, err)
			}
			s := in.options.Store.(*shelf)
			ends := map[string]int{}
			for name, receipt := range s.receipts {
				c, err := readChunkReceipt(receipt)
				if err != nil {
					t.Fatal(err)
				}
				ends[name] = c.Accepted + c.Refused
			}
			for _, b := range s.batches {
				if places := b.Len * len(b.Cols); places > wide/placeBytes+8*b.Len {
					t.Errorf("%s: %d columns of %d rows", way.name, len(b.Cols), b.Len)
				}
			}
			return ends
		}
		want := send(intakeOn(new(shelf), narrow))
		if len(want) < 10 {
			t.Errorf("%s: %d chunks", way.name, len(want))
		}
		known := intakeOn(new(shelf), narrow)
		for _, before := range []Request{
			{Format: way.format, Body: bytes.NewReader(text[len(text)/2:])},
			{Format: "jsonl", Body: strings.NewReader(`{"a":1}`)},
		} {
			if _, err := known.Ingest(t.Context(), before); err != nil {
				t.Fatal(err)
			}
		}
		known.options.Store = new(shelf)
		later := func(o *Options) { o.Now = func() time.Time { return theNow.AddDate(0, 0, 3) } }
		old := declare(func(d *dataset.Dataset) { d.Retention.Age = 24 * time.Hour })
		for name, in := range map[string]*Intake{
			"names are known":   known,
			"lines are too old": intakeOn(new(shelf), narrow, old, later),
			"times are wrong":   intakeOn(new(shelf), narrow, func(o *Options) { o.Now = func() time.Time { return theNow.AddDate(-30, 0, 0) } }),
		} {
			if got := send(in); !maps.Equal(got, want) {
				t.Errorf("%s, %s: the chunks end at %v, else at %v", way.name, name, got, want)
			}
		}
	}
}

// What the rows of a body take beyond its text is memory of intake, too.
func TestRowsLargerThanTheirText(t *testing.T) {
	text := invented(inventions[0].line, inventions[0].dated, 3000)
	s := &slow{begun: make(chan struct{}), end: make(chan struct{})}
	in := intakeOn(nil, func(o *Options) { o.Store, o.MemoryBytes = s, 10<<20 })
	done := make(chan error)
	send := func() {
		_, err := in.Ingest(t.Context(), Request{Format: "jsonl", Size: int64(len(text)), Body: bytes.NewReader(text)})
		done <- err
	}
	go send()
	<-s.begun
	go send()
	if err := <-done; !fault.Is(err, fault.Busy) {
		t.Errorf("a second body beside the first: %v", err)
	}
	close(s.end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !in.memory.TryAcquire(10 << 20) {
		t.Error("memory is not given back")
	}
}

// slow is a store whose first append waits.
type slow struct {
	shelf
	begun, end chan struct{}
	once       sync.Once
}

func (s *slow) Append(context.Context, ...*row.Batch) error {
	s.once.Do(func() {
		close(s.begun)
		<-s.end
	})
	return nil
}
