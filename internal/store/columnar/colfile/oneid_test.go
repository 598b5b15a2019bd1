package colfile

import (
	"bytes"
	"os"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// oneID are rows of which some hosts say an id of one commit and the others a number,
// beside fields that follow from the host.
func oneID(rows int) *row.Batch {
	b := row.NewBuilder("test")
	for i := range rows {
		host := i % 4
		b.Begin(1_760_000_000_000_000_000 + int64(i)*1_000_000)
		b.Text([]byte("host"), []byte{'h', byte('a' + host)})
		if host < 2 {
			b.Text([]byte("commit"), []byte("9f3ab2c1d4e5f60718293a4b5c6d7e8f90a1b2c3"))
		} else {
			b.Value([]byte("commit"), row.IntOf(int64(host)))
		}
		b.Text([]byte("dc"), []byte{'d', byte('a' + host/2)})
	}
	return b.Batch()
}

// TestTheOnlyID: the only id of a field is a constant. testdata/oneid.part keeps it as
// a map to codes of no bits, which takes no bytes, so that the map of the numbers beside
// it lies at the same place.
func TestTheOnlyID(t *testing.T) {
	t.Parallel()
	want := oneID(1000)
	old, err := os.ReadFile("testdata/oneid.part")
	if err != nil {
		t.Fatal(err)
	}
	today, next := partOf(t, want), later(want, 3600e9)
	for file, form := range map[string]form{string(old): formMapped, string(today): formConst} {
		p := openPart(t, []byte(file))
		g := mustGroup(t, p, 0)
		if c := g.chunks("commit")[0]; c.form != form {
			t.Fatalf("the only id is kept as %s, want %s", c.form, form)
		}
		for range 2 { // as read, then from the cache
			got, err := g.Batch(nil, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			sameBatch(t, want, got)
		}
		var out bytes.Buffer
		if _, err := Merge(&out, "test", p, openPart(t, partOf(t, next))); err != nil {
			t.Fatal(err)
		}
		sameBatch(t, Concat(want, next), rowsOf(t, openPart(t, out.Bytes())))
	}
}
