package colfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// partOf writes batches as the groups of a part.
func partOf(t testing.TB, batches ...*row.Batch) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, batches[0].Dataset)
	for _, b := range batches {
		if err := w.AddGroup(b); err != nil {
			t.Fatal(err)
		}
	}
	meta, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if meta.Bytes != int64(out.Len()) {
		t.Fatalf("%d bytes written, %d said", out.Len(), meta.Bytes)
	}
	return out.Bytes()
}

func openPart(t testing.TB, data []byte) *Part {
	t.Helper()
	p, err := Open(bytes.NewReader(data), int64(len(data)), "test.part", NewCache(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sameBatch fails unless two batches say the same of every row.
func sameBatch(t *testing.T, want, got *row.Batch) {
	t.Helper()
	if want.Dataset != got.Dataset || want.Len != got.Len || false {
		t.Fatalf("%q %d rows %d columns became %q %d %d", want.Dataset, want.Len, len(want.Cols), got.Dataset, got.Len, len(got.Cols))
	}
	for k := range want.Cols {
		w := &want.Cols[k]
		g := got.Col(w.Name)
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

// later moves the rows of a batch in time.
func later(b *row.Batch, by int64) *row.Batch {
	c := *b.Find(row.FieldTime)
	nums := make([]int64, len(c.Nums))
	for i, n := range c.Nums {
		nums[i] = n + by
	}
	c.Nums = nums
	return b.With(c)
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{1, 2, 63, 64, 65, 700, PageRows + 1} {
		b := randomBatch(r, rows)
		p := openPart(t, partOf(t, b))
		g, err := p.Group(0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Batch(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameBatch(t, b, got)
		var reused row.Column
		for k := range b.Cols {
			if err := g.ColumnInto(&reused, b.Cols[k].Name, nil, nil); err != nil {
				t.Fatal(err)
			}
			sameBatch(t, &row.Batch{Len: rows, Cols: b.Cols[k : k+1]}, &row.Batch{Len: rows, Cols: []row.Column{reused}})
		}
		shares := []float64{0, 0.001, 0.5, 1}
		if rows > PageRows {
			shares = shares[1:2] // the others are the same at any size
		}
		for _, share := range shares {
			set := row.NewBitmap(rows)
			for i := range rows {
				if r.Float64() < share {
					set.Set(i)
				}
			}
			got, err := g.Batch(nil, set, nil)
			if err != nil {
				t.Fatal(err)
			}
			sameBatch(t, b.Keep(set), got)
		}
	}
}

func TestGroupsShareDictionaries(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var batches []*row.Batch
	for i := range 4 {
		batches = append(batches, later(randomBatch(r, 1000+i), int64(i)*3600e9))
	}
	p := openPart(t, partOf(t, batches...))
	if p.Groups() != 4 {
		t.Fatalf("%d groups", p.Groups())
	}
	for i, want := range batches {
		g, err := p.Group(i)
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Batch(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameBatch(t, want, got)
		c, err := g.Column("dict-0", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := p.Dictionary("dict-0")
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind == row.Dict && c.Dict != d {
			t.Errorf("group %d has a dictionary of its own", i)
		}
	}
}

func TestBuiltLines(t *testing.T) {
	b := canonical(3*PageRows + 1000) // so many that lines share users
	p := openPart(t, partOf(t, b))
	g, err := p.Group(0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := g.Batch(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	sameBatch(t, b, got)
	forms := map[string]form{}
	for i := range g.header.chunks {
		c := &g.header.chunks[i]
		forms[g.nameOf(c)] = c.form
	}
	for name, want := range map[string]form{
		row.FieldTime: formNums, row.FieldMsg: formConst, "level": formMapped, "dc": formMapped, "host": formCodes,
		"service": formMapped, "http_status": formCodes, "http_path": formShape, "http_route": formMapped, "team": formMapped, "rate_allowed": formMapped, "duration": formNums, "trace_id": formFixed, "request_id": formFixed,
	} {
		if forms[name] != want {
			t.Errorf("%s is kept as %v, want %v", name, forms[name], want)
		}
	}
	if forms["user_id"] == forms["key_id"] {
		t.Errorf("two names of one user are both kept as %v", forms["user_id"])
	}
}

func TestFewRowsOfALargeDictionary(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	b := &row.Batch{Dataset: "test", Len: 3 * GroupRows / 4, Cols: order(r, 3*GroupRows/4)}
	c := row.Column{Name: "user", Kind: row.Dict, Nulls: row.NewBitmap(b.Len)}
	var users []string
	for i := range 20_000 {
		users = append(users, fmt.Sprintf("%d-user", i))
	}
	c.Dict = row.NewDictionary(users)
	for i := range b.Len {
		c.Codes = append(c.Codes, uint32(r.IntN(len(users))))
		if i%7 == 0 {
			c.Nulls.Set(i)
		}
	}
	b = b.With(c)
	g := groupOf(t, b)
	set := row.NewBitmap(b.Len)
	set.Set(7)
	set.Set(11)
	few, err := g.Column("user", set, nil)
	if err != nil {
		t.Fatal(err)
	}
	if few.Kind != row.Text {
		t.Errorf("two rows read as %v", few.Kind)
	}
	sameBatch(t, b.Keep(set), &row.Batch{Dataset: "test", Len: 2, Cols: append(b.Keep(set).Cols[:2:2], few)})
	all, err := g.Column("user", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if all.Kind != row.Dict {
		t.Errorf("all rows read as %v", all.Kind)
	}
	if again, _ := g.Column("user", set, nil); again.Dict != all.Dict {
		t.Error("a dictionary in the cache is not used")
	}
}

// Texts that are empty from the middle of a group on come back like others.
func TestTextsThatEnd(t *testing.T) {
	const rows = 4096
	r := rand.New(rand.NewPCG(91, 92))
	for _, most := range []int64{1e3, 1e5, 1e8, 1e12} {
		c := row.Column{Name: "code", Kind: row.Text, Offs: []uint32{0}}
		for i := range rows {
			if i < rows/2 {
				c.Bytes = fmt.Appendf(c.Bytes, "k%d", r.Int64N(most))
			}
			c.Offs = append(c.Offs, uint32(len(c.Bytes)))
		}
		b := canonical(rows).With(c)
		got, err := groupOf(t, b).Batch(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameBatch(t, b, got)
	}
}
