package colfile

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// oldRows are what testdata/version2.part holds: so many rows that a merge copies
// their group, few of them with an id and a message whose digits have usual ones.
func oldRows() *row.Batch {
	b := row.NewBuilder("test")
	for i := range copyRows {
		b.Begin(1_742_083_200_000_000_000 + int64(i)*1_000_000)
		if i%100 == 0 {
			b.Text([]byte("request_id"), fmt.Appendf(nil, "req_%016x", uint64(i+1)*0x9e3779b97f4a7c15))
			b.Text([]byte("msg"), fmt.Appendf(nil, "order 2025%04d of the customer was taken and is on its way", i/100))
		}
	}
	return b.Batch()
}

// TestOldVersionIsRead: a part of version 2, whose keys of ids have 30 bits, is read,
// and merged with one of today by a copy of its group.
func TestOldVersionIsRead(t *testing.T) {
	data, err := os.ReadFile("testdata/version2.part")
	if err != nil {
		t.Fatal(err)
	}
	want := oldRows()
	old := openPart(t, data)
	if old.version != 2 || mustGroup(t, old, 0).chunk("msg").usual.stored == 0 {
		t.Fatalf("the part is of version %d, and its digits are %+v", old.version, mustGroup(t, old, 0).chunk("msg").usual)
	}
	var out bytes.Buffer
	today := later(want, 365*24*3600e9)
	if _, err := Merge(&out, "test", old, openPart(t, partOf(t, today))); err != nil {
		t.Fatal(err)
	}
	merged := openPart(t, out.Bytes())
	if mustGroup(t, merged, 0).chunk("msg").fills.pages[0].sum != mustGroup(t, old, 0).chunk("msg").fills.pages[0].sum {
		t.Error("the group of the old part was not copied")
	}
	for _, p := range []*Part{old, merged} {
		if err := Verify(p); err != nil {
			t.Fatal(err)
		}
		for i := range p.Groups() {
			got, err := mustGroup(t, p, i).Batch(nil, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			sameBatch(t, []*row.Batch{want, today}[i], got)
		}
		id := want.Col("request_id")
		for i := 0; i < want.Len; i += 100 {
			at, err := p.Locate("request_id", NewWanted([]string{id.Value(i).Text()}), nil)
			if err != nil {
				t.Fatal(err)
			}
			for g := range p.Groups() {
				if at.in(g) == nil {
					t.Fatalf("version %d: %s is not in group %d", p.version, id.Value(i).Text(), g)
				}
			}
		}
	}
}
