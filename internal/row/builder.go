package row

// Builder makes a batch row by row: Begin starts a row, then one call per
// field. Values go into typed columns, some hundred rows at a time. A Builder is
// used by one goroutine. Batch hands out what was built and makes the Builder
// ready for the next batch; what it learnt about the fields (their order, which
// are ids) it keeps.
type Builder struct {
	dataset string
	rows    int
	cols    []*field
	byName  map[string]int
	epoch   int
	next    []followers // by column + 1; at 0 of the beginning of a row
	last    int
	sheet   sheet
}

// followers are the two columns that followed one last time: senders write
// their fields in the same order line after line, and leave some out, so that
// one of the two is nearly always right and no key is hashed.
type followers [2]int

// Slot is the place of a field in a Builder, for callers that know their keys.
// It is good as long as Epoch stays the same.
type Slot int

// NewBuilder returns a Builder for rows of a dataset ("" for results).
func NewBuilder(dataset string) *Builder {
	return &Builder{dataset: dataset, byName: map[string]int{}, next: make([]followers, 1)}
}

// Len is the number of rows begun.
func (b *Builder) Len() int { return b.rows }

// Begin starts a row that happened at t nanoseconds since the Unix epoch.
func (b *Builder) Begin(t int64) {
	b.BeginBare()
	b.TimeAt(b.predicted([]byte(FieldTime)), t)
}

// BeginBare starts a row of a result, which need not have a time.
func (b *Builder) BeginBare() {
	b.room()
	b.rows++
	b.last = 0
}

// Slot finds the slot of a key.
func (b *Builder) Slot(key []byte) Slot { return Slot(b.place(key)) }

// Epoch changes when the Builder forgets its fields: slots must be found anew.
func (b *Builder) Epoch() int { return b.epoch }

// Text sets a field of the row to a text.
func (b *Builder) Text(key, text []byte) { b.TextAt(b.predicted(key), text) }

// TextAt is Text for a slot.
func (b *Builder) TextAt(s Slot, text []byte) { b.noteText(s, aText, text) }

// Number sets a field to a number of JSON as it was written. What no decimal holds
// exactly is the nearest float64, as keyval.ParseReal reads it; a whole number beyond an
// int64, and what is no number, is kept as the text it is.
func (b *Builder) Number(key, raw []byte) { b.NumberAt(b.predicted(key), raw) }

// NumberAt is Number for a slot.
func (b *Builder) NumberAt(s Slot, raw []byte) { b.noteText(s, aNumber, raw) }

// Auto sets a field from a text that did not say its type: a number when it
// is written as a plain decimal, else a text.
func (b *Builder) Auto(key, text []byte) {
	if LooksNumeric(view(text)) {
		b.noteText(b.predicted(key), aWritten, text)
		return
	}
	b.Text(key, text)
}

// Bool sets a field to a truth value.
func (b *Builder) Bool(key []byte, v bool) { b.BoolAt(b.predicted(key), v) }

// BoolAt is Bool for a slot.
func (b *Builder) BoolAt(s Slot, v bool) {
	n := int64(0)
	if v {
		n = 1
	}
	b.noteNumber(s, aBool, n, 0)
}

// TimeAt sets the field of a slot to a time.
func (b *Builder) TimeAt(s Slot, ns int64) { b.noteNumber(s, aTime, ns, 0) }

// Value sets a field to any value; missing leaves it out.
func (b *Builder) Value(key []byte, v Value) {
	if v.Kind != Missing {
		b.ValueAt(b.predicted(key), v)
	}
}

// ValueAt is Value for a slot.
func (b *Builder) ValueAt(s Slot, v Value) {
	switch v.Kind {
	case Missing:
	case Text:
		at := len(b.sheet.text)
		b.sheet.text = append(b.sheet.text, v.str...)
		b.TextAt(s, b.sheet.text[at:])
	case Int, Decimal:
		b.noteNumber(s, aDecimal, v.num, v.Digits)
	case Time:
		b.TimeAt(s, v.num)
	case Bool:
		b.BoolAt(s, v.num != 0)
	default:
		b.noteValue(s, v)
	}
}

// predicted finds the slot of a key among those that followed the last one.
func (b *Builder) predicted(key []byte) Slot {
	near := &b.next[b.last]
	at := near[0]
	if at >= len(b.cols) || b.cols[at].name != string(key) {
		if at = near[1]; at >= len(b.cols) || b.cols[at].name != string(key) {
			at = b.place(key)
			near = &b.next[b.last] // it may have grown
		}
		near[0], near[1] = at, near[0]
	}
	b.last = at + 1
	return Slot(at)
}

// place finds the column of a key, or makes it.
func (b *Builder) place(key []byte) int {
	at, known := b.byName[string(key)]
	if !known {
		at = len(b.cols)
		name := string(key)
		b.byName[name] = at
		b.cols, b.sheet.cells = append(b.cols, &field{name: name}), append(b.sheet.cells, nil)
		b.next = append(b.next, followers{at + 1, at + 1})
	}
	return at
}

// MemBytes is about what the rows built so far take, and will take as a batch: in
// it each field has a place for every row.
func (b *Builder) MemBytes() int {
	n := b.sheet.memBytes()
	for _, f := range b.cols {
		n += f.memBytes() + f.spreadBytes(b.rows)
	}
	return n
}

// Batch hands out the rows built and starts anew. Fields that had no value in
// these rows are left out, and forgotten when they stay away for long, so that
// a sender who invents names cannot fill the memory.
func (b *Builder) Batch() *Batch {
	b.settle()
	out := &Batch{Dataset: b.dataset, Len: b.rows, Cols: make([]Column, 0, len(b.cols))}
	idle := 0
	for _, f := range b.cols {
		if f.n == 0 {
			idle++
			continue
		}
		out.Cols = append(out.Cols, f.finish(b.rows))
		f.reset()
	}
	if b.rows > 0 && idle > len(b.cols)/2 && idle > 64 {
		b.cols, b.byName, b.next = nil, map[string]int{}, make([]followers, 1)
		b.sheet.cells = nil
		b.epoch++
	}
	b.rows, b.last, b.sheet.first = 0, 0, 0
	return out
}
