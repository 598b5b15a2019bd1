package colfile

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// strange is rows of which each names a field that no other has.
func strange(from, rows int, list bool) *row.Batch {
	b := row.NewBuilder("app")
	for n := from; n < from+rows; n++ {
		b.Begin(int64(n) + 1)
		b.Value([]byte(row.FieldSeq), row.IntOf(int64(n)))
		v := row.IntOf(int64(n))
		if list {
			v = row.ListOf([]row.Value{v})
		}
		b.Value(fmt.Appendf(nil, "user_%d", n), v)
	}
	return b.Batch()
}

func TestUnion(t *testing.T) {
	alike := [3]*row.Batch{strange(0, 100, false), strange(0, 100, false), strange(0, 100, false)}
	for _, c := range []struct {
		name    string
		batches [3]*row.Batch
		places  int
		want    bool
	}{
		{"the same fields", alike, 1, false},
		{"other fields", [3]*row.Batch{strange(0, 100, false), strange(100, 100, false), strange(200, 100, false)}, 302*300 - 1, true},
		{"other fields, few", [3]*row.Batch{strange(0, 100, false), strange(100, 100, false), strange(200, 100, false)}, 302 * 300, false},
		{"other kinds", [3]*row.Batch{strange(0, 100, false), strange(0, 100, true), strange(0, 100, false)}, 502*300 - 1, true},
		{"lists", [3]*row.Batch{strange(0, 100, true), strange(0, 100, true), strange(0, 100, true)}, 1, false},
	} {
		var u Union
		for _, b := range c.batches {
			u.Add(b)
		}
		if got := u.Sparse(c.places); got != c.want {
			t.Errorf("%s: Sparse(%d) = %t of %d × %d, one by one %d", c.name, c.places, got, u.width, u.rows, u.each)
		}
	}
}

// Parts whose rows all name other fields become one part of several groups.
func TestMergeStrangeFields(t *testing.T) {
	const parts, rows = 5, 1500
	var all []*Part
	for i := range parts {
		all = append(all, openPart(t, partOf(t, strange(i*rows, rows, false))))
	}
	var out bytes.Buffer
	meta, err := Merge(&out, "app", all...)
	if err != nil {
		t.Fatal(err)
	}
	if meta.Rows != parts*rows || meta.Groups < 2 {
		t.Fatalf("%+v", meta)
	}
	p := openPart(t, out.Bytes())
	for i := range p.Groups() {
		g, err := p.Group(i)
		if err != nil {
			t.Fatal(err)
		}
		b, err := g.Batch(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if places := b.Len * len(b.Cols); places > holdPlaces {
			t.Errorf("a group of %d rows has %d columns", b.Len, len(b.Cols))
		}
		for k := range b.Len {
			n := b.Col(row.FieldSeq).Value(k).Nums()
			if v := b.Col(fmt.Sprintf("user_%d", n)).Value(k); v.Nums() != n {
				t.Fatalf("row %d has %v", n, v)
			}
		}
	}
}
