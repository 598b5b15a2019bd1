package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
)

// smallChunks make several chunks of a few lines.
func smallChunks(o *Options) { o.ChunkRows = 7 }

// numbered are n lines, every tenth of which cannot be read.
func numbered(n int) (lines []string) {
	for i := range n {
		if i%10 == 9 {
			lines = append(lines, fmt.Sprintf("broken %d", i))
		} else {
			lines = append(lines, fmt.Sprintf(`{"n":%d,"msg":"line"}`, i))
		}
	}
	return lines
}

func TestEveryLineIsAccountedFor(t *testing.T) {
	lines := append(numbered(100), "", "  ", "\r", "\t \r", "last broken")
	s, r := taken(t, Request{Format: "jsonl", Body: body(lines...)}, smallChunks)
	if r.Accepted != 90 || r.Rejected != 11 || len(r.Errors) != errorsMost || r.Errors[0].Line != 10 || r.Errors[9].Line != 100 {
		t.Errorf("receipt %+v", r)
	}
	if a, b := len(s.rows("app")), len(s.rows(dataset.Rejected)); a != 90 || b != 11 {
		t.Errorf("stored %d and %d rows", a, b)
	}
}

// However a body comes in, in reads of any size, the same rows come out.
func TestReadsOfAnySize(t *testing.T) {
	limits := declare(func(d *dataset.Dataset) { d.Limits.LineBytes = 200 })
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&text, `{"n":%d,"msg":"%s"}%s`, i, strings.Repeat("é", random.IntN(150)), []string{"\n", "\r\n", "\n\n"}[i%3])
	}
	want, first := taken(t, Request{Format: "jsonl", Body: bytes.NewReader(text.Bytes())}, limits)
	for name, src := range map[string]io.Reader{
		"bytes":    iotest.OneByteReader(bytes.NewReader(text.Bytes())),
		"halves":   iotest.HalfReader(bytes.NewReader(text.Bytes())),
		"data+EOF": iotest.DataErrReader(bytes.NewReader(text.Bytes())),
		"random":   &randomReader{bytes.NewReader(text.Bytes()), random},
	} {
		s, r := taken(t, Request{Format: "jsonl", Body: src}, limits, smallChunks)
		if !reflect.DeepEqual(r, first) {
			t.Errorf("%s: receipt %+v, want %+v", name, r, first)
		}
		if !slices.Equal(s.rows("app"), want.rows("app")) {
			t.Errorf("%s: other rows", name)
		}
	}
}

type randomReader struct {
	io.Reader
	random *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.Reader.Read(p[:min(len(p), 1+r.random.IntN(300))])
}

func TestPackedBodies(t *testing.T) {
	text := []byte(strings.Join(numbered(50), "\n"))
	for name, c := range map[string]struct {
		encoding string
		pack     func(io.Writer) io.WriteCloser
	}{
		"gzip":             {"gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
		"gzip, not said":   {"", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
		"gzip, said zstd":  {"zstd", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
		"zstd":             {"zstd", func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }},
		"zlib":             {"deflate", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }},
		"zlib, said both":  {"gzip,deflate", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }},
		"plain, said gzip": {"gzip", func(w io.Writer) io.WriteCloser { return nopCloser{w} }},
		"two gzip members": {"gzip", func(w io.Writer) io.WriteCloser {
			z := gzip.NewWriter(w)
			io.WriteString(z, "\n")
			z.Close()
			return gzip.NewWriter(w)
		}},
	} {
		var packed bytes.Buffer
		w := c.pack(&packed)
		w.Write(text)
		w.Close()
		_, r := taken(t, Request{Format: "jsonl", Encoding: c.encoding, Body: &packed})
		if r.Accepted != 45 || r.Rejected != 5 {
			t.Errorf("%s: receipt %+v", name, r)
		}
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestBodiesThatBreakOff(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, strings.Join(numbered(1000), "\n"))
	z.Close()
	cut := packed.Bytes()[:packed.Len()-10]
	s := new(shelf)
	r, err := intakeOn(s, smallChunks).Ingest(t.Context(), Request{Format: "jsonl", Body: bytes.NewReader(cut)})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want Invalid", err)
	}
	if got := len(s.rows("app")) + len(s.rows(dataset.Rejected)); got != r.Accepted+r.Rejected || got%7 != 0 {
		t.Errorf("receipt %+v for %d rows", r, got)
	}
	broken := io.MultiReader(strings.NewReader(`{"a":1}`+"\n"+`{"a":2}`), iotest.ErrReader(errors.New("gone")))
	if r, err := intakeOn(new(shelf)).Ingest(t.Context(), Request{Format: "jsonl", Body: broken}); err == nil || r.Accepted != 0 {
		t.Errorf("receipt %+v, error %v: want none accepted and the error", r, err)
	}
}

func TestBombsAreStopped(t *testing.T) {
	var packed bytes.Buffer
	z, _ := zstd.NewWriter(&packed)
	line := append(bytes.Repeat([]byte(" "), 1<<20), '\n')
	for range 100 {
		z.Write(line)
	}
	z.Close()
	_, err := intakeOn(new(shelf)).Ingest(t.Context(), Request{Format: "jsonl", Body: &packed})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "times its size") {
		t.Errorf("error %v", err)
	}
}

func TestFailingStore(t *testing.T) {
	s := &shelf{failAt: 3}
	in := intakeOn(s, smallChunks)
	r, err := in.Ingest(t.Context(), Request{Format: "jsonl", Body: body(numbered(100)...)})
	if !errors.Is(err, errFull) || r.Accepted+r.Rejected != 14 || len(s.rows("app")) != r.Accepted {
		t.Errorf("receipt %+v, error %v, %d rows", r, err, len(s.rows("app")))
	}
	c := in.Counters()[0]
	if c.Offered != 21 || c.Stored != 13 || c.Rejected != 1 || c.Refused != 7 {
		t.Errorf("counters %+v", c)
	}
}

func TestCountersBalance(t *testing.T) {
	in := intakeOn(new(shelf), declare(func(d *dataset.Dataset) {
		d.Limits = dataset.Limits{LineBytes: 40, FieldCount: 2, NameBytes: 9}
		d.Fields = map[string]dataset.Field{"n": {Type: dataset.Number}}
	}))
	lines := []string{`{"ts":1}`, `{"n":"x"}`, `{"a":1,"b":2,"c":3}`, "{\"m\":\"\xff\"}", `{"m":"` + strings.Repeat("x", 50) + `"}`, "x"}
	if _, err := in.Ingest(t.Context(), Request{Format: "jsonl", Dataset: "b", Body: body(lines...)}); err != nil {
		t.Fatal(err)
	}
	want := []Counters{{"b", "jsonl", Tally{Offered: 6, Stored: 5, Rejected: 1, Undated: 4, Clamped: 1, Cut: 1, Packed: 1, Repaired: 1, Malformed: 1}}}
	if got := in.Counters(); !reflect.DeepEqual(got, want) {
		t.Errorf("counters\n got %+v\nwant %+v", got, want)
	}
}

func TestNamedBodiesAreStoredOnce(t *testing.T) {
	text := strings.Join(numbered(100), "\n")
	s := new(shelf)
	in := intakeOn(s, smallChunks)
	send := func(name, text string) (Receipt, error) {
		return in.Ingest(t.Context(), Request{Format: "jsonl", BatchName: name, Body: strings.NewReader(text)})
	}
	first, err := send("one", text)
	if err != nil || first.Accepted != 90 || first.Repeated {
		t.Fatalf("receipt %+v, error %v", first, err)
	}
	stored := len(s.rows("app"))
	for _, again := range []string{text, text + "\n{}\n{}", strings.Join(numbered(20), "\n") + "\n{}"} {
		r, err := send("one", again)
		if err != nil || len(s.rows("app")) != stored {
			t.Errorf("again: receipt %+v, error %v, %d rows", r, err, len(s.rows("app")))
		}
	}
	second, _ := send("one", text)
	if second.Accepted != first.Accepted || second.Rejected != first.Rejected || !reflect.DeepEqual(second.Errors, first.Errors) || !second.Repeated {
		t.Errorf("repeat %+v, want %+v", second, first)
	}
	if other, err := send("two", text); err != nil || other.Repeated || len(s.rows("app")) != 2*stored {
		t.Errorf("other name: %+v, %v", other, err)
	}
}

// A named body that broke off anywhere is completed by sending it again.
func TestNamedBodiesGoOn(t *testing.T) {
	text := strings.Join(numbered(100), "\n")
	for failAt := 1; failAt <= 15; failAt++ {
		s := &shelf{failAt: failAt}
		in := intakeOn(s, smallChunks)
		request := func() Request {
			return Request{Format: "jsonl", BatchName: "one", Body: strings.NewReader(text)}
		}
		if _, err := in.Ingest(t.Context(), request()); !errors.Is(err, errFull) {
			t.Fatalf("append %d: %v", failAt, err)
		}
		r, err := in.Ingest(t.Context(), request())
		if err != nil || r.Accepted != 90 || r.Rejected != 10 || r.Repeated {
			t.Errorf("append %d: receipt %+v, error %v", failAt, r, err)
		}
		if a, b := len(s.rows("app")), len(s.rows(dataset.Rejected)); a != 90 || b != 10 {
			t.Errorf("append %d: %d and %d rows", failAt, a, b)
		}
	}
}

func TestFullHouseIsBusy(t *testing.T) {
	in := intakeOn(new(shelf), func(o *Options) { o.MemoryBytes = 20 << 20 })
	hold, wait := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := in.Ingest(context.Background(), Request{Format: "jsonl", Body: hold})
		done <- err
	}()
	io.WriteString(wait, `{"a":1}`+"\n") // returns when the first request reads
	_, err := in.Ingest(t.Context(), Request{Format: "jsonl", Body: body("{}")})
	if !fault.Is(err, fault.Busy) {
		t.Errorf("error %v, want Busy", err)
	}
	if _, err := in.Ingest(t.Context(), Request{Format: "jsonl", Body: body("{}"), Size: 2}); err != nil {
		t.Errorf("a small body: %v", err)
	}
	wait.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := in.Ingest(t.Context(), Request{Format: "jsonl", Body: body("{}")}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestChunksDoNotMove sends a named body again when some of its lines have become
// too old meanwhile: the chunks are those of before, so that no line is passed
// over.
func TestChunksDoNotMove(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf(`{"n":%d,"time":"%s"}`, i, theNow.Add(time.Duration(i%2-1)*time.Hour).Format(time.RFC3339)))
	}
	s := &shelf{failAt: 2}
	now := theNow
	in := intakeOn(s, smallChunks, declare(func(d *dataset.Dataset) { d.Retention.Age = 2 * time.Hour }), func(o *Options) { o.Now = func() time.Time { return now } })
	if _, err := in.Ingest(t.Context(), Request{Format: "jsonl", BatchName: "b", Body: body(lines...)}); err == nil {
		t.Fatal("the store was to fail")
	}
	now = now.Add(90 * time.Minute) // every other line is too old by now
	r, err := in.Ingest(t.Context(), Request{Format: "jsonl", BatchName: "b", Body: body(lines...)})
	if err != nil || r.Accepted+r.Refused != len(lines) || r.Refused == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	seen := map[string]bool{}
	for _, text := range s.rows("app") {
		seen[fmt.Sprint(fields(t, text)["n"])] = true
	}
	for i := range lines {
		if old := i%2 == 0 && i >= 7; seen[fmt.Sprint(i)] == old {
			t.Errorf("line %d: too old %v, stored %v", i, old, !old)
		}
	}
}
