package pipe

import (
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// maxText is the longest text a pipe writes: as long as the longest line that
// intake takes by default.
const maxText = 1 << 20

// maxGrowth is how much a pipe may write for one piece of a batch, beside four
// times what the piece holds. It keeps a question that doubles a text again and
// again from filling the memory, and is far from what lines need.
const maxGrowth = 64 << 20

// growth bounds what a pipe writes for one piece of a batch.
type growth struct{ left int }

func growthOf(b *row.Batch) *growth { return &growth{maxGrowth + 4*b.MemBytes()} }

// take takes the bytes of one text, or of one list.
func (g *growth) take(n int) error {
	if n > maxText {
		return &fault.Limit{Name: "length of a text", Bound: "1 MiB"}
	}
	if g.left -= n; g.left < 0 {
		return &fault.Limit{Name: "text written for some rows", Bound: "64 MiB"}
	}
	return nil
}

// pieceBytes is how large the pieces are in which large batches are worked on
// by pipes that write texts: what they write then stays small, too, and whoever
// stops the question does not wait for a whole batch.
const pieceBytes = 16 << 20

// pieces is in with large batches cut up.
func pieces(in row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		for b, err := range in {
			n := 1
			if err == nil {
				n = min(b.MemBytes()/pieceBytes+1, b.Len)
			}
			if n <= 1 {
				if !yield(b, err) {
					return
				}
				continue
			}
			for i := range n {
				if !yield(b.Slice(i*b.Len/n, (i+1)*b.Len/n), nil) {
					return
				}
			}
		}
	}
}
