package frame

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// randomBatch has a column of every kind, with and without gaps.
func randomBatch(r *rand.Rand, rows int) *row.Batch {
	b := &row.Batch{Dataset: pickText(r), Len: rows}
	for kind := row.Missing; kind <= row.Mixed; kind++ {
		for _, gaps := range []float64{0, 0.3, 0.99} {
			c := randomColumn(r, kind, rows)
			c.Name = fmt.Sprintf("%s-%v", kind, gaps)
			if gaps > 0 && rows > 0 {
				c.Nulls = row.NewBitmap(rows)
				for i := range rows {
					if r.Float64() < gaps {
						c.Nulls.Set(i)
					}
				}
			}
			b.Cols = append(b.Cols, c)
		}
	}
	return b
}

var words = []string{"", "a", "GET", "payments", "ünïcode", "\x00\x01\x02\x03\x04", "9f3ab2c1", "-12.50", strings.Repeat("long ", 50)}

func pickText(r *rand.Rand) string { return words[r.IntN(len(words))] }

func randomNum(r *rand.Rand) int64 {
	switch r.IntN(4) {
	case 0:
		return int64(r.IntN(10))
	case 1:
		return int64(r.Uint64())
	case 2:
		return 1_700_000_000_000_000_000 + int64(r.IntN(1000))*1e6
	}
	return []int64{0, -1, math.MaxInt64, math.MinInt64}[r.IntN(4)]
}

func randomValue(r *rand.Rand, depth int) row.Value {
	switch r.IntN(8) {
	case 0:
		return row.Value{}
	case 1:
		return row.TextOf(pickText(r))
	case 2:
		return row.IntOf(randomNum(r))
	case 3:
		return row.DecimalOf(randomNum(r), uint8(r.IntN(20)))
	case 4:
		return row.FloatOf(r.NormFloat64())
	case 5:
		return row.BoolOf(r.IntN(2) == 0)
	case 6:
		return row.TimeOf(randomNum(r))
	}
	return randomList(r, depth)
}

func randomList(r *rand.Rand, depth int) row.Value {
	var list []row.Value
	for range r.IntN(4) {
		if depth > 0 {
			list = append(list, randomValue(r, depth-1))
		}
	}
	return row.ListOf(list)
}

func randomColumn(r *rand.Rand, kind row.Kind, rows int) row.Column {
	c := row.Column{Kind: kind}
	switch kind {
	case row.Const:
		for c.One.IsMissing() {
			c.One = randomValue(r, 2)
		}
	case row.Dict:
		c.Dict = row.NewDictionary(append([]string{"unused"}, words...))
		for range rows {
			c.Codes = append(c.Codes, uint32(1+r.IntN(len(words))))
		}
	case row.Text:
		c.Offs = []uint32{0}
		for range rows {
			c.Bytes = append(c.Bytes, pickText(r)...)
			c.Offs = append(c.Offs, uint32(len(c.Bytes)))
		}
	case row.Int, row.Time, row.Decimal:
		base, by := randomNum(r), int64(1+r.IntN(5))
		wild := r.IntN(2) == 0
		for i := range rows {
			n := base + int64(i)*by*1000
			if wild {
				n = randomNum(r)
			}
			c.Nums = append(c.Nums, n)
			c.Digits = append(c.Digits, uint8(r.IntN(3)*r.IntN(9)))
		}
	case row.Float:
		for range rows {
			c.Floats = append(c.Floats, r.NormFloat64()*math.Pow10(r.IntN(60)-30))
		}
	case row.Bool:
		c.Bits = row.NewBitmap(rows)
		for i := range rows {
			if r.IntN(3) == 0 {
				c.Bits.Set(i)
			}
		}
	case row.Hex, row.UUID:
		c.Width = 16
		if kind == row.Hex {
			c.Width, c.Prefix = 1+r.IntN(20), pickText(r)
		}
		for range rows * c.Width {
			c.Bytes = append(c.Bytes, byte(r.Uint32()))
		}
	case row.Shape:
		shapes(r, &c, rows)
	case row.List, row.Mixed:
		for range rows {
			v := randomValue(r, 3)
			if kind == row.List && r.IntN(10) > 0 {
				v = randomList(r, 3)
			} else if kind == row.List {
				v = row.Value{}
			}
			c.Values = append(c.Values, v)
		}
	}
	return c
}

func shapes(r *rand.Rand, c *row.Column, rows int) {
	codes := map[string]uint32{}
	var texts []string
	c.Offs = []uint32{0}
	for range rows {
		msg := fmt.Sprintf("%s took %d ms, id %08x%08X \x01 %s", pickText(r), r.IntN(100000), r.Uint32(), r.Uint32(), strings.Repeat("7", r.IntN(600)))
		shape, fill := row.SplitShape(nil, nil, []byte(msg))
		code, ok := codes[string(shape)]
		if !ok {
			code = uint32(len(texts))
			codes[string(shape)] = code
			texts = append(texts, string(shape))
		}
		c.Codes = append(c.Codes, code)
		c.Bytes = append(c.Bytes, fill...)
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	c.Dict = row.NewDictionary(texts)
}

// sameBatch fails unless two batches say the same of every row.
func sameBatch(t *testing.T, want, got *row.Batch) {
	t.Helper()
	if want.Dataset != got.Dataset || want.Len != got.Len || len(want.Cols) != len(got.Cols) {
		t.Fatalf("%q %d rows %d columns became %q %d %d", want.Dataset, want.Len, len(want.Cols), got.Dataset, got.Len, len(got.Cols))
	}
	for k := range want.Cols {
		w, g := &want.Cols[k], &got.Cols[k]
		if w.Name != g.Name {
			t.Fatalf("column %q became %q", w.Name, g.Name)
		}
		for i := range want.Len {
			a, b := w.Value(i), g.Value(i)
			if a.Text() != b.Text() || a.IsMissing() != b.IsMissing() || string(a.AppendJSON(nil)) != string(b.AppendJSON(nil)) {
				t.Fatalf("%s row %d: %v %q became %v %q", w.Name, i, a.Kind, a.Text(), b.Kind, b.Text())
			}
			if g.Has(i) != !b.IsMissing() && g.Kind != row.Float {
				t.Fatalf("%s row %d: Has and Value disagree", w.Name, i)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{0, 1, 2, 7, 8, 63, 64, 65, 511, 513, 1200} {
		for range 2 {
			b := randomBatch(r, rows)
			data := Append([]byte("before"), b)
			got, err := Read(data[len("before"):])
			if err != nil {
				t.Fatalf("%d rows: %v", rows, err)
			}
			sameBatch(t, b, got)
			again := Append(nil, got)
			if third, err := Read(again); err != nil {
				t.Fatal(err)
			} else {
				sameBatch(t, b, third)
			}
		}
	}
}

func TestBuiltBatchesKeepTheirKinds(t *testing.T) {
	b := canonical(300)
	got, err := Read(Append(nil, b))
	if err != nil {
		t.Fatal(err)
	}
	sameBatch(t, b, got)
	for i := range b.Cols {
		if b.Cols[i].Kind != got.Cols[i].Kind {
			t.Errorf("%s: %v became %v", b.Cols[i].Name, b.Cols[i].Kind, got.Cols[i].Kind)
		}
	}
}

func TestTimesStayNumbers(t *testing.T) {
	b := &row.Batch{Len: 3, Cols: []row.Column{
		{Name: row.FieldTime, Kind: row.Time, Nums: []int64{5, 5, 5}},
		{Name: row.FieldSeq, Kind: row.Int, Nums: []int64{9, 9, 9}},
		{Name: "n", Kind: row.Int, Nums: []int64{7, 7, 7}},
	}}
	got, err := Read(Append(nil, b))
	if err != nil {
		t.Fatal(err)
	}
	if got.Cols[0].Kind != row.Time || got.Cols[1].Kind != row.Int || got.Cols[2].Kind != row.Const {
		t.Errorf("kinds %v %v %v", got.Cols[0].Kind, got.Cols[1].Kind, got.Cols[2].Kind)
	}
}

func TestCutBatchLeavesItsDictionaryBehind(t *testing.T) {
	var texts []string
	for i := range 10000 {
		texts = append(texts, fmt.Sprintf("value number %d", i))
	}
	b := &row.Batch{Len: 3, Cols: []row.Column{{Name: "x", Kind: row.Dict, Dict: row.NewDictionary(texts), Codes: []uint32{17, 9000, 17}}}}
	data := Append(nil, b)
	if len(data) > 100 {
		t.Errorf("%d bytes for three short texts", len(data))
	}
	got, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	sameBatch(t, b, got)
}

func TestDeepListsStayReadable(t *testing.T) {
	v := row.TextOf("bottom")
	for range 200 {
		v = row.ListOf([]row.Value{v})
	}
	b := &row.Batch{Len: 1, Cols: []row.Column{row.ConstColumn("deep", v)}}
	if _, err := Read(Append(nil, b)); err != nil {
		t.Fatal(err)
	}
}

func TestForgedFramesAreRefused(t *testing.T) {
	name := func(kind row.Kind, body ...byte) []byte { return append([]byte{1, 'x', byte(kind)}, body...) }
	frame := func(rows byte, cols ...[]byte) []byte {
		out := []byte{version, 0, rows, byte(len(cols))}
		for _, c := range cols {
			out = append(out, c...)
		}
		return out
	}
	for what, data := range map[string][]byte{
		"nothing":                   {},
		"a later version":           {version + 1, 0, 0, 0},
		"bytes left over":           {version, 0, 0, 0, 0},
		"too many rows":             {version, 0, 0xff, 0xff, 0xff, 0x7f, 0},
		"more columns than bytes":   {version, 0, 1, 200},
		"unknown kind":              frame(1, name(99)),
		"the same name twice":       frame(1, name(row.Missing), name(row.Missing)),
		"a constant that is none":   frame(1, name(row.Const, 0)),
		"a code out of range":       frame(2, name(row.Dict, 3, 1, 0, 'a', 'b', 'c', 0x0f)),
		"a text twice":              frame(2, name(row.Dict, 2, 1, 0, 'a', 'a', 2)),
		"texts too long":            frame(1, name(row.Text, 9, 0, 'a')),
		"bits beyond the last row":  frame(3, name(row.Bool, 0xff)),
		"gaps that are none":        frame(3, name(row.Bool|gapsFlag, 0)),
		"gaps everywhere":           frame(3, name(row.Bool|gapsFlag, 7)),
		"ids of no width":           frame(3, name(row.Hex, 0, 0)),
		"half a hole":               frame(1, name(row.Shape, 1, 1, 0, 1)),
		"letters among digits":      frame(1, name(row.Shape, 1, 2, 0, 1, 6, 0xff)),
		"a value that is no list":   frame(1, name(row.List, byte(row.Bool), 1)),
		"neither true nor false":    frame(1, name(row.Mixed, byte(row.Bool), 2)),
		"numbers in an odd form":    frame(1, name(row.Int, 2, 1, 0, 0)),
		"values wider than a word":  frame(1, name(row.Int, 0, 1, 0, 65)),
		"a list longer than itself": frame(1, name(row.Mixed, byte(row.List), 200)),
	} {
		if b, err := Read(data); err == nil {
			t.Errorf("%s: read as %d rows", what, b.Len)
		} else if k := fault.KindOf(err); k != fault.Corrupt && k != fault.Invalid {
			t.Errorf("%s: %v is of kind %v", what, err, k)
		}
	}
}

func TestTornFramesAreRefused(t *testing.T) {
	data := Append(nil, randomBatch(rand.New(rand.NewPCG(3, 4)), 3))
	for n := range data {
		if _, err := Read(data[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes read as a whole", n, len(data))
		}
	}
}

// touch asks everything of a batch that rooms ask; a batch that is not whole
// panics.
func touch(b *row.Batch) {
	for k := range b.Cols {
		c := &b.Cols[k]
		c.Present(b.Len)
		for i := range b.Len {
			if c.Has(i) {
				c.AppendJSON(c.AppendText(nil, i), i)
			}
		}
		if c.Kind == row.Shape {
			for _, s := range c.Dict.Values() {
				row.AppendShapePattern(nil, s)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, rows := range []int{0, 1, 9, 70} {
		f.Add(Append(nil, randomBatch(r, rows)))
	}
	f.Add(Append(nil, canonical(20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(data)
		if err != nil {
			return
		}
		if n := b.MemBytes(); n > 1<<20+512*len(data)+64*b.Len {
			t.Fatalf("%d bytes became %d", len(data), n)
		}
		if b.Len > 1<<14 {
			return // constants of many rows: nothing to see, and slow
		}
		touch(b)
		again, err := Read(Append(nil, b))
		if err != nil {
			t.Fatal(err)
		}
		sameBatch(t, b, again)
	})
}
