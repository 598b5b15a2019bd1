package agg

import (
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// lent is the first dictionary that a coder meets. Its texts get their codes by
// their places, without being hashed or copied; lanes that read one part merge
// by places too. Another one in order is laid beside it, and only its texts that
// are not in the lent one are hashed. Only when many texts come from elsewhere,
// which may be the same ones, are all of them hashed.
type lent struct {
	dict     *row.Dictionary
	codes    []uint32 // code+1 by place in dict; 0: not met
	searched int      // texts from elsewhere that were looked for in dict
	hashed   bool     // all texts met stand in the table of texts, and new ones must
}

// leastSearches for single texts are less than hashing even few texts is.
const leastSearches = 16

// lentText is the mark, in form.digits, of what groups by a text whose num is
// its place in the lent dictionary. Only decimals have digits of their own.
const lentText = 1

func (f *form) isLent() bool { return f.digits == lentText && f.kind != row.Decimal }

// borrow makes d the lent dictionary, if it is or can be.
func (c *coder) borrow(d *row.Dictionary) bool {
	if c.lent.dict == nil && !c.lent.hashed {
		c.lent.dict, c.lent.codes = d, make([]uint32, d.Len())
	}
	return c.lent.dict == d
}

// entry is the code+1 of an entry of a dictionary, which was not met before.
// aligned is what align says of the dictionary; nil: nothing.
func (c *coder) entry(d *row.Dictionary, place uint32, aligned []uint32) uint32 {
	if d != c.lent.dict && aligned == nil || !d.Wordish() && isNumber(d.At(place)) {
		return c.text(d.At(place)) + 1
	}
	if d != c.lent.dict {
		if aligned[place] == 0 {
			return c.tableText(d.At(place), row.Text) + 1
		}
		place = aligned[place] - 1
	}
	if c.lent.codes[place] == 0 {
		if c.lent.hashed {
			return c.text(c.lent.dict.At(place)) + 1
		}
		c.lendCode(place)
	}
	return c.lent.codes[place]
}

// lendCode gives a code to a text of the lent dictionary that has none yet.
func (c *coder) lendCode(place uint32) {
	c.forms = append(c.forms, form{num: int64(place), kind: row.Text, digits: lentText})
	c.lent.codes[place] = uint32(len(c.forms))
}

// align lays a dictionary beside the lent one: for each of its texts the place
// there and one, 0 where it is not. It is nil when they are in no order, or when
// n values are too few for the pains.
func (c *coder) align(d *row.Dictionary, n int) []uint32 {
	lent := c.lent.dict
	if lent == nil || c.lent.hashed || !lent.Sorted() || !d.Sorted() || lent.Len()+d.Len() > sparseUse*n {
		return nil
	}
	out := make([]uint32, d.Len())
	at := uint32(0)
	for i := range out {
		text, order := d.At(uint32(i)), 1
		for at < uint32(lent.Len()) {
			if order = strings.Compare(lent.At(at), text); order >= 0 {
				break
			}
			at++
		}
		if order == 0 {
			at++
			out[i] = at
		}
	}
	return out
}

// search looks for a text from elsewhere in the lent dictionary. When there are
// many such, the texts met are hashed instead.
func (c *coder) search(text string) (code uint32, found bool) {
	l := &c.lent
	if l.searched++; l.dict == nil || !l.dict.Sorted() || l.searched > leastSearches+len(c.forms)/4 {
		c.hashLent()
		return 0, false
	}
	place, found := l.dict.Search(text)
	if !found {
		return 0, false
	}
	if l.codes[place] == 0 {
		c.lendCode(uint32(place))
	}
	return l.codes[place] - 1, true
}

// hashLent puts the texts met so far into the table of texts.
func (c *coder) hashLent() {
	c.lent.hashed = true
	for code := range c.forms {
		if c.forms[code].isLent() {
			c.texts.put(c, uint32(code))
		}
	}
}

// mergeLent codes the values of o, whose lent dictionary is the same, or aligned
// with the one here.
func (c *coder) mergeLent(o *coder, aligned []uint32) (to []uint32) {
	to = make([]uint32, o.len())
	for code := range to {
		if f := &o.forms[code]; f.isLent() && f.kind == row.Text {
			to[code] = c.entry(o.lent.dict, uint32(f.num), aligned) - 1
		} else {
			to[code] = c.merged(o, uint32(code))
		}
	}
	return to
}
