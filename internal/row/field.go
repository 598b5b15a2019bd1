package row

import "slices"

// field is a column while it is built. It starts in the form of its first
// value and becomes Mixed when a value of another kind comes.
type field struct {
	name  string
	kind  Kind
	rows  int // rows passed, those without a value included
	gaps  bool
	nulls Bitmap

	terms  interner
	codes  []uint32
	plain  bool // too many different texts for a dictionary; remembered from batch to batch
	offs   []uint32
	bytes  []byte
	nums   []int64
	digits []uint8
	scaled bool // a number with digits after the point was among them
	floats []float64
	bits   Bitmap
	values []Value
}

// A dictionary is given up when nearly every value is new: at 50 % different
// the ids of users, which are worth a dictionary, would be lost.
const (
	trialRows     = 512
	trialDistinct = trialRows * 95 / 100
)

// room fills the rows that were passed without a value and reports whether
// row i can be set in a column of this kind; if not, the column is Mixed now.
func (f *field) room(i int, kind Kind) bool {
	if f.kind == Missing {
		f.kind = kind
	}
	if f.rows > i { // the second value of one field in one row
		f.toMixed()
		return false
	}
	if f.kind != kind && f.kind != Mixed {
		f.toMixed()
	}
	for f.rows < i {
		f.gap()
	}
	f.rows++
	return f.kind == kind
}

// gap passes a row without a value.
func (f *field) gap() {
	f.gaps = true
	for len(f.nulls) <= f.rows>>6 {
		f.nulls = append(f.nulls, 0)
	}
	f.nulls.Set(f.rows)
	switch f.kind {
	case Text:
		if f.plain {
			f.offs = append(f.offs, uint32(len(f.bytes)))
		} else {
			f.codes = append(f.codes, 0)
		}
	case Int:
		f.nums, f.digits = append(f.nums, 0), append(f.digits, 0)
	case Time:
		f.nums = append(f.nums, 0)
	case Float:
		f.floats = append(f.floats, 0)
	case Mixed:
		f.values = append(f.values, Value{})
	}
	f.rows++
}

func (f *field) setText(i int, text []byte) {
	if !f.room(i, Text) {
		f.addMixed(i, TextOf(string(text)))
		return
	}
	if f.plain {
		f.bytes = append(f.bytes, text...)
		f.offs = append(f.offs, uint32(len(f.bytes)))
		return
	}
	f.codes = append(f.codes, f.terms.code(text))
	if len(f.codes) == trialRows && f.terms.len() > trialDistinct {
		f.toPlain()
	}
}

// toPlain turns a dictionary that does not pay into plain text.
func (f *field) toPlain() {
	f.plain = true
	f.offs, f.bytes = f.offs[:0], f.bytes[:0]
	for i, c := range f.codes {
		if !f.nulls.Has(i) {
			f.bytes = append(f.bytes, f.terms.at(c)...)
		}
		f.offs = append(f.offs, uint32(len(f.bytes)))
	}
	f.codes = f.codes[:0]
	f.terms.reset()
}

func (f *field) setDecimal(i int, mantissa int64, digits uint8) {
	if !f.room(i, Int) {
		f.addMixed(i, DecimalOf(mantissa, digits))
		return
	}
	f.nums, f.digits = append(f.nums, mantissa), append(f.digits, digits)
	f.scaled = f.scaled || digits > 0
}

func (f *field) setTime(i int, ns int64) {
	if !f.room(i, Time) {
		f.addMixed(i, TimeOf(ns))
		return
	}
	f.nums = append(f.nums, ns)
}

func (f *field) setFloat(i int, v float64) {
	if !f.room(i, Float) {
		f.addMixed(i, FloatOf(v))
		return
	}
	f.floats = append(f.floats, v)
}

func (f *field) setBool(i int, v bool) {
	if !f.room(i, Bool) {
		f.addMixed(i, BoolOf(v))
		return
	}
	for len(f.bits) <= i>>6 {
		f.bits = append(f.bits, 0)
	}
	if v {
		f.bits.Set(i)
	}
}

func (f *field) setMixed(i int, v Value) {
	f.room(i, Mixed)
	f.addMixed(i, v)
}

// addMixed puts a value into a Mixed column. When the row has one already,
// both are kept as a list: nothing a sender writes is lost.
func (f *field) addMixed(i int, v Value) {
	if i == len(f.values) {
		f.values = append(f.values, v)
		return
	}
	old := f.values[i]
	if old.Kind == List {
		f.values[i] = ListOf(append(slices.Clip(old.List()), v))
		return
	}
	f.values[i] = ListOf([]Value{old, v})
}

// toMixed turns what was built into single values.
func (f *field) toMixed() {
	if f.kind == Mixed {
		return
	}
	values := make([]Value, 0, f.rows+1)
	if f.rows > 0 {
		c := f.column(f.rows)
		for i := range f.rows {
			values = append(values, c.Value(i))
		}
	}
	f.kind, f.values = Mixed, values
	f.terms.reset()
	f.codes, f.nums, f.digits, f.floats, f.bits = nil, nil, nil, nil, nil
	f.offs, f.bytes = nil, nil
}

// column is what was built so far, of n rows, in copies: the slices of the
// field are used again.
func (f *field) column(n int) Column {
	c := Column{Name: f.name, Kind: f.kind}
	if f.gaps {
		c.Nulls = append(make(Bitmap, 0, (n+63)/64), f.nulls...)[:(n+63)/64]
	}
	switch f.kind {
	case Text:
		if f.plain {
			c.Offs = append(make([]uint32, 1, n+1), f.offs...)
			c.Bytes = append([]byte(nil), f.bytes...)
			break
		}
		c.Kind, c.Codes, c.Dict = Dict, append([]uint32(nil), f.codes...), f.terms.dictionary()
	case Int:
		c.Nums = append([]int64(nil), f.nums...)
		if f.scaled {
			c.Kind, c.Digits = Decimal, append([]uint8(nil), f.digits...)
		}
	case Time:
		c.Nums = append([]int64(nil), f.nums...)
	case Float:
		c.Floats = append([]float64(nil), f.floats...)
	case Bool:
		c.Bits = append(make(Bitmap, 0, (n+63)/64), f.bits...)[:(n+63)/64]
	case Mixed:
		c.Nulls, c.Values = nil, append([]Value(nil), f.values...)
	}
	return c
}

// finish is the column of all n rows in the form that suits its values.
func (f *field) finish(n int) Column {
	for f.rows < n {
		f.gap()
	}
	c := f.column(n)
	switch {
	case c.Kind == Dict && c.Dict.Len() == 1:
		c.Kind, c.One = Const, TextOf(c.Dict.At(0))
		c.Codes, c.Dict = nil, nil
	case c.Kind == Text:
		if h, ok := asHex(&c, n); ok {
			return h
		}
	}
	return c
}

func (f *field) memBytes() int {
	n := 4*len(f.codes) + len(f.terms.arena) + 12*f.terms.len() + 4*len(f.offs) + len(f.bytes) + 8*len(f.nums) + len(f.digits) + 8*len(f.floats)
	for _, v := range f.values {
		n += v.MemBytes()
	}
	return n
}

func (f *field) reset() {
	f.kind, f.rows, f.gaps, f.scaled = Missing, 0, false, false
	f.nulls, f.bits = f.nulls[:0], f.bits[:0]
	f.terms.reset()
	f.codes, f.offs, f.bytes = f.codes[:0], f.offs[:0], f.bytes[:0]
	f.nums, f.digits, f.floats, f.values = f.nums[:0], f.digits[:0], f.floats[:0], f.values[:0]
}
