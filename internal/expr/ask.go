package expr

import (
	"bytes"
	"encoding/hex"
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
		mark(rows, out, func(i int) bool { return q.text(view(c.Bytes[c.Offs[i]:c.Offs[i+1]])) })
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

// askDict asks about each entry once, and only about those that are used.
func (ev *Evaluator) askDict(q *question, c *row.Column, rows, out row.Bitmap) {
	known := ev.verdicts(q, c.Dict)
	codes := c.Codes
	for w, word := range rows {
		var yes uint64
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			code := codes[w<<6+bit]
			v := known[code]
			if v == unseen {
				v = verdictOf(q.text(c.Dict.At(code)))
				known[code] = v
			}
			if v == always {
				yes |= 1 << bit
			}
		}
		out[w] = yes
	}
}

// askShapes asks about each shape once; only messages of shapes that do not
// decide are put together.
func (ev *Evaluator) askShapes(q *question, c *row.Column, rows, out row.Bitmap) {
	shaped, _ := q.test.(shaped)
	known := ev.verdicts(q, c.Dict)
	mark(rows, out, func(i int) bool {
		code := c.Codes[i]
		v := known[code]
		if v == unseen {
			v = open
			if shaped != nil {
				ev.shape.read(c.Dict.At(code))
				v = shaped.shape(&ev.shape)
			}
			known[code] = v
		}
		if v != open {
			return v == always
		}
		ev.text = row.AppendShape(ev.text[:0], c.Dict.At(code), c.Bytes[c.Offs[i]:c.Offs[i+1]])
		return q.text(view(ev.text))
	})
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

// askHex compares bytes when the test is for one text; all others look at the
// text, unless it cannot stand in any value of this form.
func (ev *Evaluator) askHex(q *question, c *row.Column, rows, out row.Bitmap) {
	if t, ok := q.test.(whole); ok {
		if text, exact, ok := t.whole(); ok {
			askBytes(c, text, exact, rows, out)
			return
		}
	}
	if t, ok := q.test.(shaped); ok {
		ev.shape.readColumn(c)
		if t.shape(&ev.shape) == never {
			return
		}
	}
	mark(rows, out, func(i int) bool {
		ev.text = c.AppendText(ev.text[:0], i)
		return q.text(view(ev.text))
	})
}

func askBytes(c *row.Column, text string, exact bool, rows, out row.Bitmap) {
	want, ok := hexBytes(c, text, exact)
	if !ok {
		return
	}
	width := c.Width
	mark(rows, out, func(i int) bool { return string(c.Bytes[i*width:(i+1)*width]) == string(want) })
}

// hexBytes is a text as the bytes of a Hex or UUID column, if it can be one of
// its values.
func hexBytes(c *row.Column, text string, exact bool) ([]byte, bool) {
	prefix, given := []byte(c.Prefix), []byte(text)
	if !exact {
		prefix, given = appendFold(nil, c.Prefix), appendFold(nil, text)
	}
	if c.Kind == row.UUID {
		want := make([]byte, c.Width)
		return want, row.ParseUUID(want, given)
	}
	digits, ok := bytes.CutPrefix(given, prefix)
	if !ok || len(digits) != 2*c.Width || bytes.ContainsAny(digits, "ABCDEF") {
		return nil, false
	}
	want := make([]byte, c.Width)
	_, err := hex.Decode(want, digits)
	return want, err == nil
}
