package expr

import (
	"math/bits"

	"github.com/plumbline/plumbline/internal/row"
)

// askNumbers asks about numbers and times by bounds, in the column's own
// integers, where the test has some.
func (ev *Evaluator) askNumbers(q *question, c *row.Column, rows, out row.Bitmap) {
	if t, ok := q.test.(bounded); ok {
		if b := t.bounds(c.Kind); b != nil {
			askBounds(b, c, rows, out)
			return
		}
	}
	if c.Kind == row.Float {
		mark(rows, out, func(i int) bool { return q.value(c.Value(i)) })
		return
	}
	var seen recent
	mark(rows, out, func(i int) bool { return seen.ask(q, c, i) })
}

func askBounds(b *bounds, c *row.Column, rows, out row.Bitmap) {
	switch c.Kind {
	case row.Int:
		askInts(b.at(0), c.Nums, rows, out)
	case row.Time:
		askInts(b.at(9), c.Nums, rows, out)
	case row.Decimal:
		mark(rows, out, func(i int) bool {
			if e := b.at(c.Digits[i]); e != nil {
				return e.has(c.Nums[i])
			}
			return b.has(c.Value(i))
		})
	default:
		mark(rows, out, func(i int) bool { return b.has(row.FloatOf(c.Floats[i])) })
	}
}

func askInts(e *ends, nums []int64, rows, out row.Bitmap) {
	if e.least > e.greatest {
		return
	}
	least, width := e.least, uint64(e.greatest)-uint64(e.least)
	for w, word := range rows {
		var yes uint64
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			if uint64(nums[w<<6+bit])-uint64(least) <= width {
				yes |= 1 << bit
			}
		}
		out[w] = yes
	}
}

// recent remembers the answers to the numbers seen last: status codes and
// their like have few values, and a test of their text is dear.
type recent [recentNumbers]struct {
	number int64
	digits uint8
	answer verdict
}

// recentNumbers is a power of two that covers the status codes of a service
// and still fits beside everything else in the first cache.
const recentNumbers = 256

func (r *recent) ask(q *question, c *row.Column, i int) bool {
	n, digits := c.Nums[i], uint8(0)
	if c.Kind == row.Decimal {
		digits = c.Digits[i]
	}
	slot := &r[uint64(n)%recentNumbers]
	if slot.answer == unseen || slot.number != n || slot.digits != digits {
		slot.number, slot.digits, slot.answer = n, digits, verdictOf(q.value(c.Value(i)))
	}
	return slot.answer == always
}
