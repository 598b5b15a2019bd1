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
		askDecimals(b, c, rows, out)
	default:
		mark(rows, out, func(i int) bool { return b.has(row.FloatOf(c.Floats[i])) })
	}
}

func askDecimals(b *bounds, c *row.Column, rows, out row.Bitmap) {
	last, inside := uint8(0), b.at(0) // one column writes most numbers alike
	mark(rows, out, func(i int) bool {
		if c.Digits[i] != last || inside == nil {
			last = c.Digits[i]
			if inside = b.at(last); inside == nil {
				return b.has(c.Value(i))
			}
		}
		return inside.has(c.Nums[i])
	})
}

func askInts(e *ends, nums []int64, rows, out row.Bitmap) {
	if e.least > e.greatest {
		return
	}
	least, width := uint64(e.least), uint64(e.greatest)-uint64(e.least)
	for w, word := range rows {
		var yes uint64
		if word == full {
			for bit, n := range nums[w<<6 : w<<6+64] {
				var in uint64
				if uint64(n)-least <= width {
					in = 1
				}
				yes |= in << bit
			}
			out[w] = yes
			continue
		}
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			if uint64(nums[w<<6+bit])-least <= width {
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
