package expr

import (
	"math/bits"

	"github.com/plumbline/plumbline/internal/row"
)

// ask is the set of those rows of among whose value passes the question's
// test. It looks once at the kind of the column, then at its typed slices.
func (ev *Evaluator) ask(q *question, c *row.Column, n int, among row.Bitmap) row.Bitmap {
	out := row.NewBitmap(n)
	rows := present(c, among)
	switch c.Kind {
	case row.Missing:
	case row.Const:
		if holds(q, c.One, q.elements) {
			copy(out, rows)
		}
	case row.Dict:
		ev.askDict(q, c, rows, out)
	case row.Shape:
		ev.askShapes(q, c, rows, out)
	case row.Text:
		askTexts(q, c, rows, out)
	case row.Int, row.Decimal, row.Float, row.Time:
		ev.askNumbers(q, c, rows, out)
	case row.Bool:
		askBits(q, c, rows, out)
	case row.Hex, row.UUID:
		ev.askHex(q, c, rows, out)
	default:
		mark(rows, out, func(i int) bool { return holds(q, c.Values[i], q.elements) })
	}
	return out
}

// present is among without the rows whose value is missing; among itself when
// none is.
func present(c *row.Column, among row.Bitmap) row.Bitmap {
	if c.Nulls == nil {
		return among
	}
	out := among.Clone()
	out.AndNot(c.Nulls)
	return out
}

// mark adds to out those of rows for which yes holds.
func mark(rows, out row.Bitmap, yes func(i int) bool) {
	for w, word := range rows {
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			if yes(w<<6 + bit) {
				out[w] |= 1 << bit
			}
		}
	}
}

// full is a word of a set that holds all of its 64 rows. Kernels run through
// such words without looking for the bits.
const full = ^uint64(0)

// askDict asks about each entry once, and only about those that are used.
func (ev *Evaluator) askDict(q *question, c *row.Column, rows, out row.Bitmap) {
	known := ev.verdicts(q, c.Kind, c.Dict)
	decide := func(code uint32) verdict {
		v := verdictOf(q.text(c.Dict.At(code)))
		known[code] = v
		return v
	}
	for w, word := range rows {
		var yes uint64
		if word == full {
			for bit, code := range c.Codes[w<<6 : w<<6+64] {
				v := known[code]
				if v == unseen {
					v = decide(code)
				}
				yes |= uint64(v>>1) << bit // always is 2, never is 1
			}
			out[w] = yes
			continue
		}
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			code := c.Codes[w<<6+bit]
			v := known[code]
			if v == unseen {
				v = decide(code)
			}
			yes |= uint64(v>>1) << bit
		}
		out[w] = yes
	}
}

// askTexts looks for a piece that every text needs in all texts at once, where
// the test has one and most rows are asked about.
func askTexts(q *question, c *row.Column, rows, out row.Bitmap) {
	t, ok := q.test.(fragmented)
	if ok && 4*rows.Count() > len(c.Offs) {
		if n := t.fragment(); n != nil {
			scanTexts(q, n, c, rows, out)
			return
		}
	}
	mark(rows, out, func(i int) bool { return q.text(view(c.Bytes[c.Offs[i]:c.Offs[i+1]])) })
}

// scanTexts asks only about the texts that have the needle in them.
func scanTexts(q *question, n *needle, c *row.Column, rows, out row.Bitmap) {
	all := view(c.Bytes)
	at := cursor{from: int(c.Offs[0])}
	for i := 0; ; {
		start, end := n.next(all, &at)
		if start < 0 {
			return
		}
		for i+1 < len(c.Offs) && int(c.Offs[i+1]) <= start {
			i++
		}
		if i+1 == len(c.Offs) {
			return
		}
		if stop := int(c.Offs[i+1]); end <= stop {
			if rows.Has(i) && q.text(all[c.Offs[i]:stop]) {
				out.Set(i)
			}
			at.from = stop
		}
	}
}

func askBits(q *question, c *row.Column, rows, out row.Bitmap) {
	yes, no := q.value(row.BoolOf(true)), q.value(row.BoolOf(false))
	for w, word := range rows {
		b := c.Bits[w]
		if yes {
			out[w] |= word & b
		}
		if no {
			out[w] |= word &^ b
		}
	}
}
