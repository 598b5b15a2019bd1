package agg

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// lent is the first dictionary that a coder meets. Its texts get their codes by
// their places, without being hashed or copied; lanes that read one part merge
// by places too. Further ones in order are laid together with it, text by text
// in their order, and the union is lent from then on. Only when many texts come
// from elsewhere, which may be the same ones, are all of them hashed.
type lent struct {
	dict     *row.Dictionary
	codes    []uint32 // code+1 by place in dict; 0: not met
	united   bool     // dict is no other's
	searched int      // texts from elsewhere that were looked for in dict
	hashed   bool     // all texts met stand in the table of texts, and new ones must
}

// leastSearches for single texts are less than hashing even few texts is.
const leastSearches = 16

// leastForms there is room for from the start; then for twice as many each time.
const leastForms = 64

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
// places are those of its entries in the lent dictionary; nil: it is that, or
// was not laid together with it.
func (c *coder) entry(d *row.Dictionary, place uint32, places []uint32) uint32 {
	switch {
	case !d.Wordish() && isNumber(d.At(place)):
		return c.text(d.At(place)) + 1
	case places != nil:
		return c.lentCode(places[place])
	case d == c.lent.dict:
		return c.lentCode(place)
	}
	return c.plainText(d.At(place), row.Text) + 1
}

// lentCode is the code+1 of a text of the lent dictionary.
func (c *coder) lentCode(place uint32) uint32 {
	code := &c.lent.codes[place]
	switch {
	case *code != 0:
	case c.lent.hashed || c.texts.len > 0: // it may have come from elsewhere
		*code = c.tableText(c.lent.dict.At(place), row.Text) + 1
	default:
		if n := len(c.forms); n == cap(c.forms) {
			c.forms = slices.Grow(c.forms, min(max(n, leastForms), c.lent.dict.Len()))
		}
		c.forms = append(c.forms, form{num: int64(place), kind: row.Text, digits: lentText})
		*code = uint32(len(c.forms))
	}
	return *code
}

// unite lays a dictionary together with the lent one and gives the places of its
// texts there. It is nil when one is in no order, or when n values are too few
// for the pains.
func (c *coder) unite(d *row.Dictionary, n int) (places []uint32) {
	l := &c.lent
	if l.dict == nil || l.hashed || !l.dict.Sorted() || !d.Sorted() || l.dict.Len()+d.Len() > sparseUse*n {
		return nil
	}
	u := c.unions.of(l.dict, d)
	if u.dict == l.dict {
		return u.fromB
	}
	codes := make([]uint32, u.dict.Len())
	for place, code := range l.codes {
		codes[u.fromA[place]] = code
	}
	l.dict, l.codes, l.united = u.dict, codes, true
	for i := range c.forms {
		if f := &c.forms[i]; f.isLent() {
			f.num = int64(u.fromA[f.num])
		}
	}
	for i := range c.dicts {
		c.dicts[i].move(u.fromA)
	}
	return u.fromB
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
	return c.lentCode(uint32(place)) - 1, true
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

// mergeLent codes the values of o, whose lent dictionary is the one here, or has
// these places in it.
func (c *coder) mergeLent(o *coder, places []uint32) (to []uint32) {
	to = make([]uint32, o.len())
	for code := range to {
		if f := &o.forms[code]; f.isLent() && f.kind == row.Text {
			to[code] = c.entry(o.lent.dict, uint32(f.num), places) - 1
		} else {
			to[code] = c.merged(o, uint32(code))
		}
	}
	return to
}
