package colfile

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// TestDiffering: how many values differ is estimated within a quarter, however many
// rows have one.
func TestDiffering(t *testing.T) {
	t.Parallel()
	s := &sheet{scratch: &scratch{}}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, differ := range []int{2_000, 20_000, 60_000} {
		for _, n := range []int{4_096, 65_536} {
			values, seen := make([]uint64, n), map[int]bool{}
			for i := range values {
				k := rng.IntN(differ)
				seen[k] = true
				values[i] = keyval.SightOf(fmt.Appendf(nil, "session %d of many", k)).Hash()
			}
			s.room.empty()
			got := s.differing(n, func(i int) uint64 { return values[i] })
			if got < len(seen)*3/4 || got > len(seen)*5/4 {
				t.Errorf("%d different of %d values are thought to be %d", len(seen), n, got)
			}
		}
	}
}

// TestSharedIDs: ids that rows share are codes, those of a row each are bytes, and both
// come back.
func TestSharedIDs(t *testing.T) {
	t.Parallel()
	const n = 20_000
	rng := rand.New(rand.NewPCG(5, 6))
	uuid := func() string {
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", rng.Uint32(), rng.Uint32N(1<<16), rng.Uint32N(1<<16), rng.Uint32N(1<<16), rng.Uint64()>>16)
	}
	sessions := make([]string, n/5)
	for i := range sessions {
		sessions[i] = uuid()
	}
	b := row.NewBuilder("app")
	want := make([][3]string, n)
	for i := range n {
		id := sessions[rng.IntN(len(sessions))]
		want[i] = [3]string{id, uuid(), "req_" + id[:8] + id[24:]}
		b.Begin(int64(i))
		for k, name := range []string{"session", "audit", "request"} {
			if i%7 != 3 {
				b.Text([]byte(name), []byte(want[i][k]))
			}
		}
	}
	batch := b.Batch()
	g := groupOf(t, batch)
	got, err := g.Batch(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	sameBatch(t, batch, got)
	// Which request it is follows from the session.
	for name, want := range map[string]form{"session": formCodes, "audit": formFixed, "request": formMapped} {
		if c := g.chunk(name); c == nil || c.form != want {
			t.Errorf("%s is kept as %+v, want %s", name, c, want)
		}
	}
}
