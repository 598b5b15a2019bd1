package expr

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// A whole id is found where it is its row's, and not where it only lies across two: ids
// of two digits hold each other everywhere.
func TestWholeIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, width := range []int{1, 4, 8, 12, 16, 20, 24, 32, 64, 72} {
		for _, n := range []int{0, 1, 2, 7, 8, 9, 63, 64, 65, 300} {
			c := row.Column{Kind: row.Hex, Width: width, Bytes: make([]byte, n*width)}
			for word := 0; word < len(c.Bytes); word += 4 {
				c.Bytes[word] = byte(rng.IntN(2))
			}
			rows := row.FullBitmap(n)
			for i := range rows.Rows {
				if rng.IntN(8) == 0 {
					rows[i/64] &^= 1 << (i % 64)
				}
			}
			id := make([]byte, width)
			if n > 0 {
				k := rng.IntN(n)
				copy(id, c.Bytes[k*width:])
			}
			out := row.NewBitmap(n)
			askBytes(&c, hex.EncodeToString(id), true, rows, out)
			for i := range n {
				if want := rows.Has(i) && slices.Equal(c.Bytes[i*width:(i+1)*width], id); out.Has(i) != want {
					t.Fatalf("width %d, row %d of %d: %t, want %t", width, i, n, out.Has(i), want)
				}
			}
		}
	}
}
