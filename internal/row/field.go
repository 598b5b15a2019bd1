package row

import "slices"

// field is a column while it is built. It starts in the form of its first
// value and becomes Mixed when a value of another kind comes. Values stand side
// by side; their rows are noted only once one had none.
type field struct {
	name string
	kind Kind
	next int    // the row after the last that has a value
	n    int    // rows that have a value
	rows Bitmap // these rows, once gaps
	gaps bool

	texts  texts
	nums   []int64
	digits []uint8 // of nums, once scaled
	scaled bool    // a number with digits after the point was among them
	floats []float64
	bits   Bitmap
	values []Value
}

// room notes that row i has a value and reports whether it can be kept as this
// kind; if not, the column is Mixed now.
func (f *field) room(i int, kind Kind) bool {
	if f.kind != kind || i < f.next {
		return f.otherRoom(i, kind)
	}
	if f.gaps || i > f.next {
		f.note(i)
	}
	f.next, f.n = i+1, f.n+1
	return true
}

// otherRoom is room for a first value, one of another kind, and a second value
// in one row, for which there is no room of its own.
func (f *field) otherRoom(i int, kind Kind) bool {
	if f.kind == Missing {
		f.kind = kind
		return f.room(i, kind)
	}
	f.toMixed()
	if i >= f.next {
		f.room(i, Mixed)
	}
	return false
}

// note notes the rows that have a value, now that they are not all.
func (f *field) note(i int) {
	if !f.gaps {
		f.gaps = true
		f.rows = slices.Grow(f.rows[:0], i/64+1)[:(f.next+63)/64]
		f.rows.Fill(f.next)
	}
	for len(f.rows) <= i>>6 {
		f.rows = append(f.rows, 0)
	}
	f.rows.Set(i)
}

func (f *field) setText(i int, text []byte) {
	if !f.room(i, Text) {
		f.addMixed(TextOf(string(text)))
		return
	}
	f.texts.add(text)
}

func (f *field) setDecimal(i int, mantissa int64, digits uint8) {
	if !f.room(i, Int) {
		f.addMixed(DecimalOf(mantissa, digits))
		return
	}
	f.addDecimal(mantissa, digits)
}

func (f *field) addDecimal(mantissa int64, digits uint8) {
	if digits > 0 && !f.scaled {
		f.scaled = true
		f.digits = slices.Grow(f.digits[:0], len(f.nums)+1)[:len(f.nums)]
		clear(f.digits)
	}
	if f.scaled {
		f.digits = append(f.digits, digits)
	}
	f.nums = append(f.nums, mantissa)
}

func (f *field) setTime(i int, ns int64) {
	if !f.room(i, Time) {
		f.addMixed(TimeOf(ns))
		return
	}
	f.nums = append(f.nums, ns)
}

func (f *field) setFloat(i int, v float64) {
	if !f.room(i, Float) {
		f.addMixed(FloatOf(v))
		return
	}
	f.floats = append(f.floats, v)
}

func (f *field) setBool(i int, v bool) {
	if !f.room(i, Bool) {
		f.addMixed(BoolOf(v))
		return
	}
	f.addBool(f.n-1, v)
}

func (f *field) addBool(at int, v bool) {
	if at>>6 == len(f.bits) {
		f.bits = append(f.bits, 0)
	}
	if v {
		f.bits.Set(at)
	}
}

func (f *field) setMixed(i int, v Value) {
	f.room(i, Mixed)
	f.addMixed(v)
}

// addMixed puts a value into a Mixed column. When the row has one already,
// both are kept as a list: nothing a sender writes is lost.
func (f *field) addMixed(v Value) {
	if len(f.values) < f.n {
		f.values = append(f.values, v)
		return
	}
	last := &f.values[f.n-1]
	if last.Kind == List {
		*last = ListOf(append(slices.Clip(last.List()), v))
		return
	}
	*last = ListOf([]Value{*last, v})
}

// toMixed turns what was built into single values.
func (f *field) toMixed() {
	if f.kind == Mixed {
		return
	}
	c := f.near() // whose memory the values keep
	values := make([]Value, 0, f.n+1)
	for i := range f.n {
		values = append(values, c.Value(i))
	}
	f.kind, f.values = Mixed, values
	f.texts = texts{}
	f.nums, f.digits, f.floats, f.bits = nil, nil, nil, nil
}

// near is the values side by side, in the memory of the field.
func (f *field) near() Column {
	c := Column{Name: f.name, Kind: f.kind}
	switch f.kind {
	case Text:
		f.texts.column(&c)
	case Int:
		c.Nums = f.nums
		if f.scaled {
			c.Kind, c.Digits = Decimal, f.digits
		}
	case Time:
		c.Nums = f.nums
	case Float:
		c.Floats = f.floats
	case Bool:
		c.Bits = f.bits
	case Mixed:
		c.Values = f.values
	}
	return c
}

// own copies what lies in the memory of a field, which is used again.
func (c *Column) own() {
	c.Codes, c.Nums, c.Digits, c.Floats = slices.Clone(c.Codes), slices.Clone(c.Nums), slices.Clone(c.Digits), slices.Clone(c.Floats)
	c.Bits, c.Offs, c.Bytes, c.Values = slices.Clone(c.Bits), slices.Clone(c.Offs), slices.Clone(c.Bytes), slices.Clone(c.Values)
}

// finish is the column of all rows in the form that suits its values.
func (f *field) finish(rows int) Column {
	f.texts.settle()
	c := f.near()
	switch {
	case c.Kind == Dict && c.Dict.Len() == 1:
		c.Kind, c.One = Const, TextOf(c.Dict.At(0))
		c.Codes, c.Dict = nil, nil
	case c.Kind == Text:
		if h, ok := asHex(&c, f.n); ok {
			c = h
			f.texts.likeHex(&c)
		}
	}
	if f.n < rows {
		c.Nulls = FullBitmap(rows)
		c.Nulls.AndNot(f.present())
		c.Spread(rows) // copies all but the bytes of texts
		if c.Kind == Text {
			c.Bytes = slices.Clone(c.Bytes)
		}
	} else {
		c.own()
	}
	if c.Kind == Mixed {
		c.Nulls = nil // what is missing is a missing value
	}
	return c
}

// present is the set of rows that have a value.
func (f *field) present() Bitmap {
	if f.gaps {
		return f.rows
	}
	return FullBitmap(f.next)
}

func (f *field) memBytes() int {
	n := f.texts.memBytes() + 8*len(f.nums) + len(f.digits) + 8*len(f.floats)
	for _, v := range f.values {
		n += v.MemBytes()
	}
	return n
}

// spreadBytes is what the places of so many rows take that have no value; of a
// field whose values are still on the sheet about that.
func (f *field) spreadBytes(rows int) int {
	width := 8
	switch f.kind {
	case Text:
		width = f.texts.placeBytes()
	case Bool:
		width = 0
	case Mixed:
		width = Value{}.MemBytes()
	}
	if f.n == rows {
		return 0
	}
	return rows/8 + (rows-f.n)*width
}

func (f *field) reset() {
	f.kind, f.next, f.n, f.gaps, f.scaled = Missing, 0, 0, false, false
	f.texts.reset()
	f.nums, f.digits, f.floats = f.nums[:0], f.digits[:0], f.floats[:0]
	f.bits = f.bits[:0]
	clear(f.values)
	f.values = f.values[:0]
}
