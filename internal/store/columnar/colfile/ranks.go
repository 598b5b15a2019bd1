package colfile

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Ranks are a field as codes of the whole part: to group by such a field is to
// count in an array.
type Ranks struct {
	Kind  row.Kind // Dict, Int, Bool or Shape
	Codes []uint32 // one for each row asked for; None where it has no value
	None  uint32   // the number of values; no value has this code

	Texts *row.Dictionary // Dict, Shape: by code
	Nums  []int64         // Int: by code; Bool: 0 and 1
}

// Ranks gives a field for the rows of a set (nil: all) as codes of the part;
// of shapes only the shape, without what fills it. ok is false when the group
// does not keep the field as codes.
func (g *Group) Ranks(field string, rows row.Bitmap, use *Usage) (r Ranks, ok bool, err error) {
	c := g.chunk(field)
	if c == nil || !c.form.coded() && !c.countable() {
		return Ranks{}, false, nil
	}
	d, err := g.decoder(c, rows, use)
	if err != nil {
		return Ranks{}, false, err
	}
	kind := c.kind
	if c.form == formConst {
		kind = constKinds[c.value.Kind]
	}
	if r, err = g.valuesOf(c, kind); err != nil {
		return Ranks{}, false, err
	}
	if c.form == formConst {
		r.Codes, err = d.constant(r)
		return r, err == nil, err
	}
	local, err := d.localCodes(nil)
	if err != nil {
		return Ranks{}, false, err
	}
	list, err := g.list(c)
	if err != nil {
		return Ranks{}, false, err
	}
	none := uint32(c.count)
	for i, code := range local {
		switch {
		case code == none:
			local[i] = r.None
		case list != nil:
			local[i] = list[code]
		}
	}
	r.Codes = local
	return r, true, nil
}

// constKinds are the kinds of constants that stand in a dictionary of the part,
// and what columns of codes they go with.
var constKinds = map[row.Kind]row.Kind{row.Text: row.Dict, row.Int: row.Int, row.Bool: row.Bool}

// countable reports whether a constant stands in a dictionary of the part.
func (c *chunk) countable() bool {
	return c.form == formConst && constKinds[c.value.Kind] != row.Missing
}

// valuesOf are the values that codes of a kind stand for.
func (g *Group) valuesOf(c *chunk, kind row.Kind) (r Ranks, err error) {
	e := g.entryOf(c)
	r.Kind, r.None = kind, uint32(e.entries(kind))
	switch kind {
	case row.Dict:
		r.Texts, err = g.part.dictionary(&e.texts, e.name)
	case row.Shape:
		r.Texts, err = g.part.dictionary(&e.shapes, e.name)
	case row.Int:
		r.Nums, err = g.part.numbers(e)
	default:
		r.Nums = []int64{0, 1}
	}
	return r, err
}

// constant gives every row that has a value the code of the one.
func (d *decoder) constant(r Ranks) ([]uint32, error) {
	code, found := 0, true
	switch v := d.c.value; r.Kind {
	case row.Dict:
		code, found = slices.BinarySearch(r.Texts.Values(), v.Str())
	case row.Int:
		code, found = slices.BinarySearch(r.Nums, v.Nums())
	default:
		code = int(v.Nums())
	}
	if !found {
		return nil, d.g.part.corrupt("group %d: the constant of %q is not in its dictionary", d.g.index, d.g.nameOf(d.c))
	}
	var err error
	if d.set, err = d.g.maskOf(d.c, d.use); err != nil {
		return nil, err
	}
	nulls := d.nulls(nil)
	codes := make([]uint32, d.rows)
	for i := range codes {
		codes[i] = uint32(code)
		if nulls.Has(i) {
			codes[i] = r.None
		}
	}
	return codes, nil
}
