package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

func piped(text string) func(*Options) { return declare(func(d *dataset.Dataset) { d.Pipes = text }) }

// sorted is an object of JSON with its fields in the order of their names.
func sorted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(fields(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestPipesOfADataset: lines are cleaned up before they are stored, those that
// the pipes leave out are counted, and what the house says of a line stays.
func TestPipesOfADataset(t *testing.T) {
	lines := []string{
		`{"_time":"2026-11-21T10:00:00Z","msg":"pay with 4111111111111111","lvl":"info","user":"a"}`,
		`{"_time":"2026-11-21T10:00:01Z","msg":"probe","lvl":"debug"}`,
		`broken`,
		`{"_time":"2026-11-21T10:00:02Z","msg":"done","lvl":"warn","_seq":7,"_dataset":"x"}`,
	}
	for _, c := range []struct {
		pipes   string
		want    []string
		dropped int
	}{
		{`rename lvl as level | where level != "debug" | replace ~"\d{16}" with "…" in _msg`, []string{
			`{"_msg":"pay with …","_time":"2026-11-21T10:00:00Z","level":"info","user":"a"}`,
			`{"_dataset_sent":"x","_msg":"done","_seq_sent":7,"_time":"2026-11-21T10:00:02Z","level":"warn"}`,
		}, 1},
		{`fields - _time, _dataset, _seq, lvl, user, *_sent`, []string{
			`{"_msg":"pay with 4111111111111111","_time":"2026-11-21T10:00:00Z"}`, `{"_msg":"probe","_time":"2026-11-21T10:00:01Z"}`, `{"_msg":"done","_time":"2026-11-21T10:00:02Z"}`,
		}, 0},
		{`where lvl != "info" | eval _time = lvl, _seq = 3, _dataset = "other" | fields lvl`, []string{
			`{"_time":"2026-11-21T10:00:01Z","lvl":"debug"}`, `{"_time":"2026-11-21T10:00:02Z","lvl":"warn"}`,
		}, 1},
		{`eval _time = _time + 3600 | search lvl=warn`, []string{`{"_dataset_sent":"x","_msg":"done","_seq_sent":7,"_time":"2026-11-21T11:00:02Z","lvl":"warn"}`}, 2},
		{`where false`, nil, 3},
	} {
		s, r := taken(t, Request{Format: "jsonl", Body: body(lines...)}, piped(c.pipes))
		if r.Accepted != len(c.want) || r.Dropped != c.dropped || r.Rejected != 1 {
			t.Errorf("%s: receipt %+v", c.pipes, r)
		}
		var got []string
		for _, text := range s.rows("app") {
			got = append(got, sorted(t, text))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.pipes, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
		if rejected := s.count(dataset.Rejected, "_time"); rejected != 1 {
			t.Errorf("%s: %d lines are kept as rejected", c.pipes, rejected)
		}
	}
}

// TestPipesAreCounted: offered = stored + rejected + refused + dropped, in chunks
// of any size, and also for a body that is sent again.
func TestPipesAreCounted(t *testing.T) {
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf(`{"n":%d,"time":"%s"}`, i, time.Date(2026, 11, 21-i%10, 12, 0, 0, 0, time.UTC).Format(time.RFC3339)))
	}
	lines = append(lines, "broken")
	s := new(shelf)
	in := intakeOn(s, smallChunks, declare(func(d *dataset.Dataset) {
		d.Retention.Age = 72 * time.Hour
		d.Pipes = "where n % 2 = 0"
	}))
	for sent := range 2 {
		r, err := in.Ingest(t.Context(), Request{Format: "jsonl", BatchName: "b", Body: body(lines...)})
		if err != nil || r.Accepted != 20 || r.Dropped != 20 || r.Refused != 60 || r.Rejected != 1 || r.Repeated != (sent > 0) {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	c := in.Counters()[0]
	if c.Offered != 101 || c.Stored != 20 || c.Rejected != 1 || c.Refused != 60 || c.Dropped != 20 || c.CleanedUp != 20 {
		t.Fatalf("%+v", c)
	}
}

// TestPipesThatGrow: the pipes of a dataset cannot fill the memory.
func TestPipesThatGrow(t *testing.T) {
	list, err := cleanupOf(dataset.Dataset{Name: "app", Pipes: strings.TrimSuffix(strings.Repeat(`format "<_msg><_msg><_msg><_msg><_msg><_msg><_msg><_msg>" | `, 3), " | ")})
	if err != nil {
		t.Fatal(err)
	}
	b := row.NewBuilder("app")
	for range 1000 {
		b.Begin(0)
		b.Text([]byte(row.FieldMsg), bytes.Repeat([]byte("m"), 1000))
	}
	if _, err := list.run(t.Context(), b.Batch(), 0); fault.KindOf(err) != fault.OverLimit {
		t.Errorf("error %v", err)
	}
}

// TestWrongPipes: pipes that cannot be are told to whoever declares the dataset,
// and to whoever sends lines to it.
func TestWrongPipes(t *testing.T) {
	d := dataset.New("app")
	d.Pipes = "where a=1 | sort a"
	if err := CheckPipes(d); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "dataset app: pipes: line 1, column 13: sort cannot stand here") {
		t.Error(err)
	}
	_, err := intakeOn(new(shelf), piped(d.Pipes)).Ingest(t.Context(), Request{Format: "jsonl", Body: bytes.NewReader(nil)})
	if !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
