package agg

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// keptDictionaries is for how many dictionaries a coder remembers its codes.
// Batches of one part share one, and a lane reads few parts at a time; more
// would hold dictionaries that nobody reads any longer.
const keptDictionaries = 2

// dictCodes are the codes of the texts of a dictionary, worked out when one is
// met first.
type dictCodes struct {
	dict   *row.Dictionary
	codes  []uint32 // code+1 by place in the dictionary; 0: not met
	places []uint32 // in the lent dictionary; nil: they were not laid together
}

// move follows a lent dictionary that became part of another.
func (d *dictCodes) move(to []uint32) {
	if d.places == nil {
		return
	}
	moved := make([]uint32, len(d.places)) // lanes share the old ones
	for i, place := range d.places {
		moved[i] = to[place]
	}
	d.places = moved
}

// sparseUse is how many times more texts than rows a dictionary may have before
// it is not worth while to work something out for each of them.
const sparseUse = 16

// sparseCodes is the same for codes of texts, which are worked out only for
// those that rows have: clearing a code costs 0.2 ns, hashing a text that lies
// in no cache 100; and mostly further rows point into the same dictionary.
const sparseCodes = 1024

// column appends the codes of n rows of a column to dst, row.None where missing.
func (c *coder) column(col *row.Column, n int, dst []uint32) []uint32 {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	out := dst[at:]
	switch col.Kind {
	case row.Missing:
		fill(out, row.None)
		return dst
	case row.Const:
		if col.Nulls.Count() < n { // a value that no row has is no group
			fill(out, c.code(col.One))
		}
	case row.Dict:
		c.dict(col, out)
	case row.Int:
		c.ints(col, out)
	case row.Time:
		c.times(col, out)
	case row.Decimal:
		for i, m := range col.Nums {
			if !col.Nulls.Has(i) {
				out[i] = c.decimal(m, col.Digits[i], form{kind: row.Decimal})
			}
		}
	case row.Text, row.Hex, row.UUID, row.Shape:
		c.textColumn(col, out)
	case row.Bool:
		c.bools(col, out)
	default:
		for i := range out {
			out[i] = c.code(col.Value(i))
		}
		return dst
	}
	blank(out, col.Nulls)
	return dst
}

// textColumn codes columns that keep their texts, or that make them.
func (c *coder) textColumn(col *row.Column, out []uint32) {
	var text []byte
	for i := range out {
		switch {
		case col.Nulls.Has(i):
		case col.Kind == row.Text:
			out[i] = c.text(view(col.Bytes[col.Offs[i]:col.Offs[i+1]]))
		default:
			text = col.AppendText(text[:0], i)
			out[i] = c.text(view(text))
		}
	}
}

func (c *coder) dict(col *row.Column, out []uint32) {
	codes, places := c.dictCodes(col.Dict, len(out))
	if codes == nil {
		for i, place := range col.Codes {
			if !col.Nulls.Has(i) {
				out[i] = c.text(col.Dict.At(place))
			}
		}
		return
	}
	nulls := col.Nulls
	for i, place := range col.Codes[:len(out)] {
		if nulls != nil && nulls.Has(i) {
			continue
		}
		code := codes[place]
		if code == 0 {
			code = c.entry(col.Dict, place, places)
			codes[place] = code
		}
		out[i] = code - 1
	}
}

// placed appends the codes of n rows whose codes in col stand for these places in its
// dictionary. A place that no row has gets no code.
func (c *coder) placed(col *row.Column, places []uint32, n int, dst []uint32) []uint32 {
	codes, united := c.dictCodes(col.Dict, n)
	local := c.known(places, codes)
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	out := dst[at:]
	for i, own := range col.Codes[:n] {
		code := local[own]
		if isNone(code) {
			code = c.place(col.Dict, places[own], codes, united)
			local[own] = code
		}
		out[i] = code
	}
	return dst
}

// allPlaced are the codes of these places in a dictionary, also of those that no row
// of n may have.
func (c *coder) allPlaced(d *row.Dictionary, places []uint32, n int) []uint32 {
	codes, united := c.dictCodes(d, n)
	c.local = slices.Grow(c.local[:0], len(places))[:len(places)]
	for i, place := range places {
		if int(place) < len(codes) && codes[place] != 0 {
			c.local[i] = codes[place] - 1
		} else {
			c.local[i] = c.place(d, place, codes, united)
		}
	}
	return c.local
}

// known are the codes of places as far as dictCodes has them, else row.None.
func (c *coder) known(places, codes []uint32) []uint32 {
	c.local = slices.Grow(c.local[:0], len(places))[:len(places)]
	for i, place := range places {
		c.local[i] = row.None
		if codes != nil && place != row.None {
			c.local[i] = codes[place] - 1
		}
	}
	return c.local
}

// place is the code of a place in a dictionary, of which dictCodes gave this.
func (c *coder) place(d *row.Dictionary, place uint32, codes, united []uint32) uint32 {
	switch {
	case place == row.None:
		return row.None
	case codes == nil:
		return c.text(d.At(place))
	case codes[place] == 0:
		codes[place] = c.entry(d, place, united)
	}
	return codes[place] - 1
}

// dictCodes is what is known of a dictionary that n rows point into; the one
// known for longest makes room for a new one. It is nil when remembering a new
// one is not worth while.
func (c *coder) dictCodes(d *row.Dictionary, n int) (codes, places []uint32) {
	if c.lent.dict == d {
		return c.lent.codes, nil
	}
	for i := range c.dicts {
		if c.dicts[i].dict == d {
			return c.dicts[i].codes, c.dicts[i].places
		}
	}
	if d.Len() > sparseCodes*n {
		return nil, nil
	}
	if c.borrow(d) {
		return c.lent.codes, nil
	}
	kept := &c.dicts[c.oldest]
	c.oldest = (c.oldest + 1) % keptDictionaries
	kept.dict, kept.places = d, nil
	kept.places = c.unite(d, n)
	if d.Len() <= cap(kept.codes) {
		kept.codes = kept.codes[:d.Len()]
		clear(kept.codes)
	} else {
		kept.codes = make([]uint32, d.Len())
	}
	for i, place := range kept.places {
		kept.codes[i] = c.lent.codes[place]
	}
	return kept.codes, kept.places
}

func (c *coder) ints(col *row.Column, out []uint32) {
	for i, v := range col.Nums {
		if col.Nulls != nil && col.Nulls.Has(i) {
			continue
		}
		if c.texted == 0 && uint64(v) < uint64(len(c.small)) && c.small[v] != 0 {
			out[i] = c.small[v] - 1
			continue
		}
		out[i] = c.whole(v, form{num: v, kind: row.Int})
	}
}

// times asks once for each run of equal times: they come in order, and binned
// ones in long runs.
func (c *coder) times(col *row.Column, out []uint32) {
	last, code, nulls := int64(0), row.None, col.Nulls
	for i, v := range col.Nums[:len(out)] {
		if nulls != nil && nulls.Has(i) {
			continue
		}
		if v != last || code == row.None {
			last, code = v, c.number(classTime, v, form{num: v, kind: row.Time})
		}
		out[i] = code
	}
}

// bools codes each of the two values when it is met.
func (c *coder) bools(col *row.Column, out []uint32) {
	codes := [2]uint32{row.None, row.None}
	for i := range out {
		if col.Nulls != nil && col.Nulls.Has(i) {
			continue
		}
		b := col.Bits[i>>6] >> (i & 63) & 1
		if codes[b] == row.None {
			codes[b] = c.code(row.BoolOf(b == 1))
		}
		out[i] = codes[b]
	}
}

func fill(out []uint32, code uint32) {
	for i := range out {
		out[i] = code
	}
}

// blank takes the codes of missing rows away.
func blank(out []uint32, nulls row.Bitmap) {
	for i := range nulls.Rows {
		out[i] = row.None
	}
}
