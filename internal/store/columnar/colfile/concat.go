package colfile

import (
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Concat puts batches one after the other. Columns of one name come together
// in the narrowest kind that holds all of them to the letter; dictionaries are
// joined. The batches stay as they are.
func Concat(batches ...*row.Batch) *row.Batch {
	return join(batches, new(room), new(terms))
}

// join is Concat in the memory of a room, with a table that was used before.
func join(batches []*row.Batch, in *room, t *terms) *row.Batch {
	if len(batches) == 1 {
		return batches[0]
	}
	out := &row.Batch{}
	places := map[string]int{}
	var names []string
	for _, b := range batches {
		out.Dataset = b.Dataset
		out.Len += b.Len
		for i := range b.Cols {
			if name := b.Cols[i].Name; b.Cols[i].Kind != row.Missing {
				if _, known := places[name]; !known {
					places[name] = len(names)
					names = append(names, name)
				}
			}
		}
	}
	fields := make([]pieces, len(names))
	at := 0
	for _, b := range batches {
		for i := range b.Cols {
			if c := &b.Cols[i]; c.Kind != row.Missing {
				f := &fields[places[c.Name]]
				f.list = append(f.list, piece{c, at, b.Len})
			}
		}
		at += b.Len
	}
	for i := range fields {
		fields[i].rows, fields[i].terms, fields[i].room = out.Len, t, in
		c := fields[i].join()
		c.Name = names[i]
		out.Cols = append(out.Cols, c)
	}
	return out
}

// pieces are the columns of one field, each with the rows it stands for.
type pieces struct {
	list []piece
	rows int // of all batches

	terms *terms // for one field after the other
	room  *room  // for the columns
}

type piece struct {
	*row.Column
	at   int // its first row
	rows int
}

// valueKind is the kind of the values of a column of any form.
func (p piece) valueKind() row.Kind {
	switch p.Kind {
	case row.Const:
		return p.One.Kind
	case row.Dict:
		return row.Text
	}
	return p.Kind
}

// join finds the kind that holds all pieces.
func (f *pieces) join() row.Column {
	nulls := f.nulls()
	c := f.joined()
	if c.Kind != row.Mixed && c.Kind != row.List {
		c.Nulls = nulls
	}
	return c
}

func (f *pieces) joined() row.Column {
	first := f.list[0]
	kind, same, dicts := first.valueKind(), true, true
	numbers, texts := true, true
	for _, p := range f.list {
		k := p.valueKind()
		same = same && k == kind && (k != row.Hex || p.Width == first.Width && p.Prefix == first.Prefix)
		dicts = dicts && (p.Kind == row.Dict || p.Kind == row.Const && k == row.Text)
		numbers = numbers && (k == row.Int || k == row.Decimal)
		texts = texts && (k == row.Text || k == row.Hex || k == row.UUID || k == row.Shape)
	}
	switch {
	case f.constant():
		return row.Column{Kind: row.Const, One: first.One}
	case dicts:
		return f.dict()
	case numbers:
		return f.numbers()
	case same && kind != row.Text && kind != row.List:
		return f.alike(kind)
	case texts && f.textBytes() <= math.MaxUint32:
		return f.text()
	}
	return f.mixed(kind == row.List && same)
}

// constant reports whether all pieces are the same constant.
func (f *pieces) constant() bool {
	one := f.list[0].One
	for _, p := range f.list {
		if p.Kind != row.Const || p.One.Kind != one.Kind || p.One.Nums() != one.Nums() || p.One.Digits != one.Digits || p.One.Str() != one.Str() || one.Kind == row.List {
			return false
		}
	}
	return true
}

// nulls is the set of rows that no piece has a value for; nil when there are
// none.
func (f *pieces) nulls() row.Bitmap {
	nulls := f.room.bitmap(f.rows)
	nulls.Fill(f.rows)
	for _, p := range f.list {
		switch {
		case p.Kind == row.Mixed || p.Kind == row.List:
			for i := range p.rows {
				if p.Has(i) {
					nulls.Unset(p.at + i)
				}
			}
		default:
			nulls.UnsetRange(p.at, p.at+p.rows)
			nulls.OrAt(p.Nulls, p.at)
		}
	}
	if !nulls.Any() {
		return nil
	}
	return nulls
}

func (f *pieces) dict() row.Column {
	c := row.Column{Kind: row.Dict, Codes: f.room.codes.take(f.rows)}
	t := f.terms
	t.restart(f.termsAbout())
	places := places{terms: t}
	for _, p := range f.list {
		if p.Kind == row.Const {
			code := t.idOf(p.One.Str())
			for i := range p.rows {
				c.Codes[p.at+i] = code
			}
			continue
		}
		places.join(c.Codes[p.at:], p)
	}
	c.Dict = f.dictionary()
	return c
}

// dictionary is one of the texts joined.
func (f *pieces) dictionary() *row.Dictionary {
	return row.NewDictionary(f.room.texts.copied(f.terms.texts))
}

// termsAbout is about how many different texts the dictionaries have together:
// mostly the same ones come again, and a table that grows is filled anew.
func (f *pieces) termsAbout() int {
	sum, most := 0, 0
	last := (*row.Dictionary)(nil)
	for _, p := range f.list {
		if p.Dict != nil && p.Dict != last {
			sum, most = sum+p.Dict.Len(), max(most, p.Dict.Len())
			last = p.Dict
		}
	}
	return min(sum, 4*most)
}

// places are what the codes of one dictionary are in that of all.
type places struct {
	terms *terms
	of    *row.Dictionary
	list  []uint32 // code + 1; 0: not looked up
	whole bool     // all are
}

// begin turns to a dictionary. Pieces that share one mostly follow each other.
// One that is not much larger than the piece is looked up as a whole, for then
// it is most likely used as a whole.
func (l *places) begin(p piece) {
	if l.of == p.Dict {
		return
	}
	n := p.Dict.Len()
	l.of, l.whole = p.Dict, n <= 2*p.rows
	l.list = slices.Grow(l.list[:0], n)[:n]
	if !l.whole {
		clear(l.list)
		return
	}
	for code := range l.list {
		l.list[code] = l.terms.idOf(p.Dict.At(uint32(code))) + 1
	}
}

// join translates the codes of a piece.
func (l *places) join(dst []uint32, p piece) {
	l.begin(p)
	if codes := p.Codes[:p.rows]; l.whole && p.Nulls == nil {
		for i, code := range codes {
			dst[i] = l.list[code] - 1
		}
		return
	}
	for i := range p.Nulls.Others(p.rows) {
		code := p.Codes[i]
		if l.list[code] == 0 {
			l.list[code] = l.terms.idOf(p.Dict.At(code)) + 1
		}
		dst[i] = l.list[code] - 1
	}
}

func (f *pieces) numbers() row.Column {
	c := row.Column{Kind: row.Int, Nums: f.room.nums.take(f.rows)}
	digits := f.room.bytes.take(f.rows)
	for _, p := range f.list {
		switch p.Kind {
		case row.Const:
			for i := range p.rows {
				c.Nums[p.at+i], digits[p.at+i] = p.One.Nums(), p.One.Digits
			}
		default:
			copy(c.Nums[p.at:], p.Nums[:p.rows])
			if p.Kind == row.Decimal {
				copy(digits[p.at:], p.Digits[:p.rows])
			}
		}
		if p.valueKind() == row.Decimal {
			c.Kind = row.Decimal
		}
	}
	if c.Kind == row.Decimal {
		c.Digits = digits
	}
	return c
}

// alike joins pieces of one kind, constants among them.
func (f *pieces) alike(kind row.Kind) row.Column {
	c := row.Column{Kind: kind}
	switch kind {
	case row.Time:
		c.Nums = f.room.nums.take(f.rows)
	case row.Float:
		c.Floats = f.room.floats.take(f.rows)
	case row.Bool:
		c.Bits = f.room.bitmap(f.rows)
	case row.Hex, row.UUID:
		c.Width, c.Prefix = f.list[0].Width, f.list[0].Prefix
		if kind == row.UUID {
			c.Width = 16
		}
		c.Bytes = f.room.bytes.take(f.rows * c.Width)
	case row.Shape:
		return f.shapes()
	default:
		return f.mixed(false)
	}
	for _, p := range f.list {
		f.put(&c, p)
	}
	return c
}

func (f *pieces) put(c *row.Column, p piece) {
	switch c.Kind {
	case row.Time:
		if p.Kind != row.Const {
			copy(c.Nums[p.at:], p.Nums[:p.rows])
			return
		}
		for i := range p.rows {
			c.Nums[p.at+i] = p.One.Nums()
		}
	case row.Float:
		if p.Kind != row.Const {
			copy(c.Floats[p.at:], p.Floats[:p.rows])
			return
		}
		v, _ := p.One.Float()
		for i := range p.rows {
			c.Floats[p.at+i] = v
		}
	case row.Bool:
		if p.Kind != row.Const {
			c.Bits.OrAt(p.Bits, p.at)
			return
		}
		for i := range p.rows {
			if p.One.Bool() {
				c.Bits.Set(p.at + i)
			}
		}
	case row.Hex, row.UUID:
		copy(c.Bytes[p.at*c.Width:], p.Bytes[:p.rows*c.Width])
	}
}

func (f *pieces) shapes() row.Column {
	size := uint64(0)
	for _, p := range f.list {
		size += uint64(len(p.Bytes))
	}
	if size > math.MaxUint32 {
		return f.mixed(false)
	}
	c := row.Column{Kind: row.Shape, Codes: f.room.codes.take(f.rows), Offs: f.offsets(), Bytes: f.room.bytes.some(int(size))}
	f.terms.restart(f.termsAbout())
	places := places{terms: f.terms}
	for _, p := range f.list {
		places.join(c.Codes[p.at:], p)
		fillTo(&c, p.at)
		appendRange(&c, p)
	}
	fillTo(&c, f.rows)
	c.Dict = f.dictionary()
	return c
}

// offsets has room for where all texts end, and holds where the first begins.
func (f *pieces) offsets() []uint32 { return append(f.room.codes.some(f.rows+1), 0) }

// fillTo gives the rows before the n-th that have no text an empty one.
func fillTo(c *row.Column, n int) {
	for len(c.Offs) <= n {
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
}

// textBytes is at most what the texts take together.
func (f *pieces) textBytes() uint64 {
	size := uint64(0)
	for _, p := range f.list {
		switch p.Kind {
		case row.Text:
			size += uint64(p.Offs[p.rows])
		case row.Const:
			size += uint64(p.rows) * uint64(len(p.One.Str()))
		case row.Dict, row.Shape:
			for i := range p.rows {
				if p.Has(i) {
					size += uint64(len(p.Dict.At(p.Codes[i])))
				}
			}
			size += uint64(len(p.Bytes))
		default:
			size += uint64(p.rows) * uint64(len(p.Prefix)+2*p.Width+4)
		}
	}
	return size
}

func (f *pieces) text() row.Column {
	c := row.Column{Kind: row.Text, Offs: f.offsets(), Bytes: f.room.bytes.some(int(f.textBytes()))}
	for _, p := range f.list {
		fillTo(&c, p.at)
		if p.Kind == row.Text {
			appendRange(&c, p)
			continue
		}
		for i := range p.rows {
			c.Bytes = p.AppendText(c.Bytes, i)
			c.Offs = append(c.Offs, uint32(len(c.Bytes)))
		}
	}
	fillTo(&c, f.rows)
	return c
}

// appendRange appends the bytes of a piece as they lie, those of rows without
// a value among them.
func appendRange(c *row.Column, p piece) {
	base := uint32(len(c.Bytes)) - p.Offs[0]
	at := len(c.Offs)
	c.Offs = slices.Grow(c.Offs, p.rows)[:at+p.rows]
	for i, o := range p.Offs[1 : p.rows+1] {
		c.Offs[at+i] = base + o
	}
	c.Bytes = append(c.Bytes, p.Bytes[p.Offs[0]:p.Offs[p.rows]]...)
}

func (f *pieces) mixed(lists bool) row.Column {
	c := row.Column{Kind: row.Mixed, Values: make([]row.Value, f.rows)}
	if lists {
		c.Kind = row.List
	}
	for _, p := range f.list {
		for i := range p.rows {
			c.Values[p.at+i] = p.Value(i)
		}
	}
	return c
}
