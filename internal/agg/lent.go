package agg

import "github.com/plumbline/plumbline/internal/row"

// lent is the first dictionary that a coder meets. Its texts get their codes by
// their places, without being hashed or copied; lanes that read one part merge
// by places too. Only when texts come from elsewhere, which may be the same
// ones, are all of them hashed.
type lent struct {
	dict   *row.Dictionary
	codes  []uint32 // code+1 by place in dict; 0: not met
	hashed bool     // all texts stand in the table of texts, and new ones must
}

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
func (c *coder) entry(d *row.Dictionary, place uint32) uint32 {
	text := d.At(place)
	if d != c.lent.dict || c.lent.hashed || isNumber(text) {
		return c.text(text) + 1
	}
	c.forms = append(c.forms, form{num: int64(place), kind: row.Text, digits: lentText})
	return uint32(len(c.forms))
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

// mergeLent codes the values of o, whose lent dictionary is the same.
func (c *coder) mergeLent(o *coder) (to []uint32) {
	to = make([]uint32, o.len())
	for code := range to {
		f := &o.forms[code]
		if !f.isLent() || f.kind != row.Text {
			to[code] = c.merged(o, uint32(code))
			continue
		}
		known := &c.lent.codes[f.num]
		if *known == 0 {
			*known = c.entry(o.lent.dict, uint32(f.num))
		}
		to[code] = *known - 1
	}
	return to
}
