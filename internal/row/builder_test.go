package row

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// model is rows as maps: what a Builder's batch must say.
type model []map[string][]Value

// randomRows writes the same random rows to a Builder and to a model.
func randomRows(rng *rand.Rand, b *Builder, rows int) model {
	var m model
	names := []string{"_msg", "status", "id", "user", "dur", "ok", "at", "ratio", "any", "twice"}
	makers := make([]func() Value, len(names))
	for i := range makers {
		makers[i] = maker(rng, rng.IntN(10))
	}
	gaps := rng.IntN(4)
	for r := range rows {
		if rng.IntN(4) == 0 { // a row that is not to be
			b.Lay([]byte("nothing"))
			b.BeginBare()
			put(rng, b, []byte(names[rng.IntN(len(names))]), maker(rng, rng.IntN(10))(), nil)
			b.Cancel()
		}
		var laid []byte
		if rng.IntN(2) == 0 {
			laid = b.Lay([]byte("word0 word1 word2 word3 word4 word5 word6"))
		}
		b.BeginBare()
		line := map[string][]Value{}
		for i, name := range names {
			if gaps > 0 && rng.IntN(4) < gaps {
				continue
			}
			times := 1
			if name == "twice" && rng.IntN(50) == 0 {
				times = 1 + rng.IntN(3)
			}
			for range times {
				v := makers[i]()
				if rng.IntN(2000) == 0 {
					v = maker(rng, rng.IntN(10))()
				}
				put(rng, b, []byte(name), v, laid)
				line[name] = append(line[name], v)
			}
		}
		m = append(m, line)
		if b.Len() != r+1 {
			panic("Len does not count the rows begun")
		}
	}
	return m
}

// maker gives values of one kind.
func maker(rng *rand.Rand, kind int) func() Value {
	return func() Value {
		n := rng.Int64N(1 << rng.IntN(30))
		switch kind {
		case 0:
			return TextOf("word" + strconv.FormatInt(n%7, 10))
		case 1:
			return TextOf(fmt.Sprintf("text %d of %d", n, rng.Int64()))
		case 2:
			return IntOf(n - 5)
		case 3:
			return DecimalOf(n, uint8(rng.IntN(5)))
		case 4:
			return FloatOf(float64(n) * 1.1e-9)
		case 5:
			return BoolOf(n%2 == 0)
		case 6:
			return TimeOf(n * 1e9)
		case 7:
			return TextOf("req_" + randomHex(rng, 8))
		case 8:
			u := make([]byte, 0, 36)
			raw, _ := hex.DecodeString(randomHex(rng, 16))
			return TextOf(string(AppendUUID(u, raw)))
		}
		return ListOf([]Value{IntOf(n), TextOf("x")})
	}
}

func randomHex(rng *rand.Rand, bytes int) string {
	b := make([]byte, bytes)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return hex.EncodeToString(b)
}

// put sets a value by the narrowest call there is for it, as a part of the line
// that was laid where it is one.
func put(rng *rand.Rand, b *Builder, key []byte, v Value, laid []byte) {
	at := -1
	if v.Kind == Text {
		at = bytes.Index(laid, []byte(v.Str()))
	}
	switch {
	case at >= 0:
		b.TextAt(b.Slot(key), laid[at:at+len(v.Str())])
	case rng.IntN(2) == 0:
		b.Value(key, v)
	case v.Kind == Text:
		b.Text(key, []byte(v.Str()))
	case v.Kind == Int || v.Kind == Decimal:
		b.Number(key, v.AppendText(nil))
	case v.Kind == Bool:
		b.Bool(key, v.Nums() != 0)
	default:
		b.Value(key, v)
	}
}

// agree compares a batch with the model, row by row.
func agree(t *testing.T, m model, b *Batch) {
	t.Helper()
	if b.Len != len(m) {
		t.Fatalf("%d rows, want %d", b.Len, len(m))
	}
	names := map[string]bool{}
	for _, c := range b.Cols {
		present := c.Present(b.Len)
		for i := range b.Len {
			if present.Has(i) != c.Has(i) {
				t.Fatalf("row %d: Present and Has differ in %s %s", i, c.Kind, c.Name)
			}
		}
	}
	for i, line := range m {
		for name := range line {
			names[name] = true
		}
		for _, c := range b.Cols {
			if c.Has(i) && line[c.Name] == nil {
				t.Fatalf("row %d has %s = %s, which was never written", i, c.Name, c.Value(i).Text())
			}
		}
		for name, want := range line {
			agreeValue(t, b.Col(name), i, want)
		}
	}
	if got := slices.Sorted(maps.Keys(names)); len(got) != len(b.Cols) {
		t.Fatalf("%d columns for the fields %v", len(b.Cols), got)
	}
}

func agreeValue(t *testing.T, c *Column, i int, want []Value) {
	t.Helper()
	v := want[0]
	if len(want) > 1 {
		v = flattened(want)
	}
	got := c.Value(i)
	if got.Text() != v.Text() || !Equal(got, v) || !c.Has(i) {
		t.Fatalf("row %d: %s %s is %s %q, want %s %q", i, c.Kind, c.Name, got.Kind, got.Text(), v.Kind, v.Text())
	}
	if text := string(c.AppendText(nil, i)); text != v.Text() {
		t.Fatalf("row %d: text of %s %s is %q, want %q", i, c.Kind, c.Name, text, v.Text())
	}
	if doc := string(c.AppendJSON(nil, i)); doc != string(got.AppendJSON(nil)) {
		t.Fatalf("row %d: JSON of %s %s is %s, of its value %s", i, c.Kind, c.Name, doc, got.AppendJSON(nil))
	}
}

// flattened is what several values of one field in one row become.
func flattened(want []Value) Value {
	list := []Value{}
	if want[0].Kind == List {
		list = append(list, want[0].List()...)
	} else {
		list = append(list, want[0])
	}
	return ListOf(append(list, want[1:]...))
}

func TestBuilderKeepsWhatIsWritten(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 7))
		b := NewBuilder("app")
		for range 3 { // what one batch taught the Builder must not show in the next
			m := randomRows(rng, b, rng.IntN(1000))
			batch := b.Batch()
			agree(t, m, batch)
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
}

func TestPickGivesTheseRows(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 8))
		b := NewBuilder("app")
		m := randomRows(rng, b, 700)
		batch := b.Batch()
		var rows []uint32
		var want model
		for range rng.IntN(300) {
			i := rng.IntN(len(m))
			rows, want = append(rows, uint32(i)), append(want, m[i])
		}
		agreeLoosely(t, want, batch.Pick(rows))

		from := rng.IntN(len(m))
		to := from + rng.IntN(len(m)-from+1)
		part := &Batch{Dataset: batch.Dataset, Len: to - from}
		for i := range batch.Cols {
			part.Cols = append(part.Cols, batch.Cols[i].Slice(from, to))
		}
		agreeLoosely(t, m[from:to], part)

		keep, kept := NewBitmap(len(m)), model(nil)
		for i := range m {
			if rng.IntN(3) == 0 {
				keep.Set(i)
				kept = append(kept, m[i])
			}
		}
		agreeLoosely(t, kept, batch.Keep(keep))
		if got := batch.Keep(FullBitmap(len(m))); got != batch {
			t.Error("Keep of all rows makes a new batch")
		}
		agreeLoosely(t, m[100:200], batch.Slice(100, 200))
	}
}

// agreeLoosely is agree for batches that may keep columns without a value.
func agreeLoosely(t *testing.T, m model, b *Batch) {
	t.Helper()
	out := *b
	out.Cols = slices.DeleteFunc(slices.Clone(b.Cols), func(c Column) bool { return !c.Present(b.Len).Any() })
	agree(t, m, &out)
}

func TestBuilderChoosesForms(t *testing.T) {
	const rows = 2000
	b := NewBuilder("app")
	for i := range rows {
		b.Begin(int64(i))
		b.Text([]byte("same"), []byte("x"))
		b.Text([]byte("few"), fmt.Appendf(nil, "u%d", i%100))
		b.Text([]byte("all"), fmt.Appendf(nil, "line %d of it", i))
		b.Text([]byte("id"), fmt.Appendf(nil, "req_%016x", i*7919))
		b.Text([]byte("uuid"), fmt.Appendf(nil, "%08x-0000-4000-8000-%012x", i, i*31))
		b.Number([]byte("status"), []byte("200"))
		b.Auto([]byte("ms"), fmt.Appendf(nil, "%d.%d", i, i%10))
		b.Number([]byte("big"), []byte("1e400"))
		b.Bool([]byte("ok"), i%2 == 0)
	}
	batch := b.Batch()
	for name, want := range map[string]Kind{FieldTime: Time, "same": Const, "few": Dict, "all": Text, "id": Hex, "uuid": UUID, "status": Int, "ms": Decimal, "big": Const, "ok": Bool} {
		if got := batch.Col(name).Kind; got != want {
			t.Errorf("%s is a %s column, want %s", name, got, want)
		}
	}
	if got := batch.Col("id"); got.Prefix != "req_" || got.Width != 8 {
		t.Errorf("id: prefix %q, width %d", got.Prefix, got.Width)
	}
	if got := batch.Col(FieldDataset).Value(3).Text(); got != "app" {
		t.Errorf("_dataset is %q", got)
	}
}

// What the builder was given may be used again by the caller at once, and a
// batch handed out must not change with the next one.
func TestBatchesShareNothingWithTheBuilder(t *testing.T) {
	b := NewBuilder("")
	buf := []byte("first value here")
	list := append(make([]Value, 0, 8), IntOf(1))
	for range 2 {
		b.BeginBare()
		b.Text([]byte("a"), buf)
		b.Value([]byte("l"), ListOf(list))
		b.Value([]byte("l"), IntOf(2))
	}
	one := b.Batch()
	copy(buf, "XXXXX")
	b.BeginBare()
	b.Text([]byte("a"), buf)
	b.Value([]byte("l"), IntOf(9))
	b.Batch()
	if got := string(one.AppendJSON(nil, 1)); got != `{"a":"first value here","l":[1,2]}` {
		t.Error(got)
	}
	if full := list[:2]; !full[1].IsMissing() {
		t.Error("a list that was handed in was written to")
	}
}

func TestNamesThatStayAwayAreForgotten(t *testing.T) {
	b := NewBuilder("")
	for i := range 1000 {
		b.BeginBare()
		b.Text(fmt.Appendf(nil, "invented%d", i), []byte("x"))
		if i%100 == 99 {
			b.Batch()
		}
	}
	b.BeginBare()
	b.Batch()
	if len(b.cols) > 300 {
		t.Errorf("%d fields are remembered", len(b.cols))
	}
}
