package agg

import (
	"math"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// isNone tells row.None from groups and codes, of which there are never so many that the
// highest bit is needed; also in what a | b is of two.
func isNone(code uint32) bool { return int32(code) < 0 }

// coder gives each different value a code, in order of first sight. Two values
// are one exactly when row.Value.AppendKey says so: 200 and "200", 1.5 and
// 1.50. Which form of a value is shown does not depend on the order of rows: a
// number when one was seen, in its shortest form, else the shortest text; a truth
// value or a list, not the text that looks like it.
type coder struct {
	forms   []form
	texted  int      // numbers that are shown as texts, so far
	small   []uint32 // code+1 of the integers below smallInts
	numbers []numberTable
	texts   textTable
	arena   arena                // the texts
	lists   map[uint32]row.Value // the codes that are shown as lists
	lent    lent
	unions  *Unions
	dicts   [keptDictionaries]dictCodes
	oldest  int
	scratch []byte
	local   []uint32 // what known gave last
}

// form is a value as it is shown. For what groups by its text (Text,
// Bool, List), num is where that lies in the arena, and size its length; see
// lentText for texts that lie elsewhere.
type form struct {
	num    int64
	size   uint32
	kind   row.Kind
	digits uint8
}

// Numbers that are equal share a class and, in it, an int64.
const (
	classTime  = 0 // nanoseconds
	classFloat = 1 // bits of a float that no decimal gives back
	classWhole = 2 // integers; 2+d: mantissas with d digits after the point, the last one not 0
)

// smallInts are looked up in an array: status codes, counts, ages.
const smallInts = 1024

func (c *coder) len() int { return len(c.forms) }

// code is the code of any value, row.None when it is missing.
func (c *coder) code(v row.Value) uint32 {
	switch v.Kind {
	case row.Missing:
		return row.None
	case row.Int:
		return c.whole(v.Nums(), form{num: v.Nums(), kind: row.Int})
	case row.Decimal:
		return c.decimal(v.Nums(), v.Digits, form{kind: row.Decimal})
	case row.Float:
		return c.float(v)
	case row.Time:
		return c.number(classTime, v.Nums(), form{num: v.Nums(), kind: row.Time})
	case row.Text:
		return c.text(v.Str())
	}
	c.scratch = v.AppendText(c.scratch[:0])
	code := c.plainText(view(c.scratch), v.Kind)
	if c.forms[code].kind = v.Kind; v.Kind == row.List && c.lists[code].IsMissing() {
		if c.lists == nil {
			c.lists = map[uint32]row.Value{}
		}
		c.lists[code] = v
	}
	return code
}

// whole is the code of an integer.
func (c *coder) whole(v int64, f form) uint32 {
	if uint64(v) >= smallInts {
		return c.number(classWhole, v, f)
	}
	if c.small == nil {
		c.small = make([]uint32, smallInts)
	}
	found := c.small[v] != 0
	if !found {
		c.small[v] = uint32(len(c.forms)) + 1
	}
	return c.show(c.small[v]-1, found, f)
}

// decimal is the code of mantissa · 10^-digits. Of a number, f gets the
// shortest form.
func (c *coder) decimal(mantissa int64, digits uint8, f form) uint32 {
	for digits > 0 && mantissa%10 == 0 {
		mantissa, digits = mantissa/10, digits-1
	}
	if f.kind != row.Text {
		f = form{num: mantissa, kind: row.Decimal, digits: digits}
	}
	if digits == 0 {
		return c.whole(mantissa, f)
	}
	return c.number(classWhole+int(digits), mantissa, f)
}

// show keeps the form in which the number of a code is shown.
func (c *coder) show(code uint32, found bool, f form) uint32 {
	if !found {
		c.forms = append(c.forms, f)
		if f.kind == row.Text {
			c.texted++
		}
	} else if c.texted > 0 && f.kind != row.Text && c.forms[code].kind == row.Text {
		c.forms[code] = f
		c.texted--
	}
	return code
}

// float is the code of a float: that of the decimal its shortest text is.
func (c *coder) float(v row.Value) uint32 {
	if d := v.Canonical(); d.Kind != row.Float {
		return c.decimal(d.Nums(), d.Digits, form{kind: row.Decimal})
	}
	fl, _ := v.Float()
	f := form{num: int64(math.Float64bits(fl)), kind: row.Float}
	return c.number(classFloat, f.num, f)
}

func (c *coder) number(class int, key int64, f form) uint32 {
	for len(c.numbers) <= class {
		c.numbers = append(c.numbers, numberTable{})
	}
	code, found := c.numbers[class].find(key, uint32(len(c.forms)))
	return c.show(code, found, f)
}

// text is the code of a text, which may be a number. The text is copied.
func (c *coder) text(s string) uint32 {
	if row.LooksNumeric(s) {
		if d := row.TextOf(s).Number(); d.Kind != row.Missing {
			return c.numericText(s, d)
		}
	}
	return c.plainText(s, row.Text)
}

// numericText puts the text into the arena only when it is the first of its
// number, or shorter than the one there.
func (c *coder) numericText(s string, d row.Value) uint32 {
	known := len(c.forms)
	f := form{size: uint32(len(s)), kind: row.Text}
	code := c.decimal(d.Nums(), d.Digits, f)
	if old := &c.forms[code]; len(c.forms) > known || old.kind == row.Text && f.size < old.size {
		*old = f
		old.num = c.arena.add(s)
	}
	return code
}

// plainText is the code of what groups by a text that is no number; kind is
// the form it has.
func (c *coder) plainText(s string, kind row.Kind) uint32 {
	if !c.lent.hashed {
		if code, found := c.search(s); found {
			return code
		}
	}
	return c.tableText(s, kind)
}

// tableText is plainText for what is no text of the lent dictionary, or where
// those are hashed.
func (c *coder) tableText(s string, kind row.Kind) uint32 {
	if 2*c.texts.len >= len(c.texts.slots) {
		c.texts.grow()
	}
	t := &c.texts
	h := t.hash(s)
	mask := uint32(len(t.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		slot := &t.slots[p]
		if slot.code == 0 {
			t.len++
			c.forms = append(c.forms, form{num: c.arena.add(s), size: uint32(len(s)), kind: kind})
			*slot = textSlot{hash: h, code: uint32(len(c.forms))}
			return uint32(len(c.forms)) - 1
		}
		if slot.hash == h && c.textOf(slot.code-1) == s {
			return slot.code - 1
		}
	}
}

// textOf is the text of a code that has one, as a view of where it lies.
func (c *coder) textOf(code uint32) string {
	f := &c.forms[code]
	if f.isLent() {
		return c.lent.dict.At(uint32(f.num))
	}
	return c.arena.text(f.num, f.size)
}

// value is the value of a code as it is shown. Its text is a copy.
func (c *coder) value(code uint32) row.Value {
	switch f := &c.forms[code]; f.kind {
	case row.Int:
		return row.IntOf(f.num)
	case row.Decimal:
		return row.DecimalOf(f.num, f.digits)
	case row.Float:
		return row.FloatOf(math.Float64frombits(uint64(f.num)))
	case row.Time:
		return row.TimeOf(f.num)
	case row.Bool:
		return row.BoolOf(c.textOf(code) == "true")
	case row.List:
		return c.lists[code]
	default:
		return row.TextOf(strings.Clone(c.textOf(code)))
	}
}

// merge codes the values of o here; to[code of o] is the code here.
func (c *coder) merge(o *coder) (to []uint32) {
	if d := o.lent.dict; d != nil {
		if c.borrow(d) {
			c.lent.united = c.lent.united || o.lent.united
			return c.mergeLent(o, nil)
		}
		if places := c.unite(d, o.len()); places != nil {
			return c.mergeLent(o, places)
		}
	}
	to = make([]uint32, o.len())
	for code := range to {
		to[code] = c.merged(o, uint32(code))
	}
	return to
}

// merged is the code here of a code of o.
func (c *coder) merged(o *coder, code uint32) uint32 {
	if o.forms[code].kind == row.Text {
		return c.text(o.textOf(code))
	}
	return c.code(o.value(code))
}

// memBytes is about what the coder holds; dictionaries are the batches', but
// for a union.
func (c *coder) memBytes() int {
	n := 16*cap(c.forms) + 4*len(c.small) + 4*cap(c.local) + 4*len(c.lent.codes) + 8*len(c.texts.slots) + c.arena.bytes
	for i := range c.numbers {
		n += c.numbers[i].memBytes()
	}
	for i := range c.dicts {
		n += 4 * (len(c.dicts[i].codes) + len(c.dicts[i].places))
	}
	if c.lent.united {
		n += c.lent.dict.MemBytes()
	}
	return n
}
