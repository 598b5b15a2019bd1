package pipe

import (
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// maxText is the longest text a pipe writes: as long as the longest line that
// intake takes by default.
const maxText = 1 << 20

// maxGrowth is how much a pipe may write for one batch, beside four times what
// the batch holds. It keeps a question that doubles a text again and again from
// filling the memory, and is far from what lines need.
const maxGrowth = 64 << 20

// growth bounds what a pipe writes for one batch.
type growth struct{ left int }

func growthOf(b *row.Batch) *growth { return &growth{maxGrowth + 4*b.MemBytes()} }

// take takes the bytes of one text, or of one list.
func (g *growth) take(n int) error {
	if n > maxText {
		return &fault.Limit{Name: "length of a text", Bound: "1 MiB"}
	}
	if g.left -= n; g.left < 0 {
		return &fault.Limit{Name: "text written for one batch of rows", Bound: "64 MiB"}
	}
	return nil
}
