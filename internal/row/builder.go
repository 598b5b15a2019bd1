package row

import (
	"github.com/plumbline/plumbline/internal/keyval"
)

// Builder makes a batch row by row: Begin starts a row, then one call per
// field. Values go into typed columns at once; nothing is kept as text first.
// A Builder is used by one goroutine. Batch hands out what was built and makes
// the Builder ready for the next batch; what it learnt about the fields (their
// order, which are ids) it keeps.
type Builder struct {
	dataset string
	rows    int
	cols    []*field
	byName  map[string]int
	// next[i+1] is the column that followed column i last time (next[0] the
	// first of a row): senders write their fields in the same order line after
	// line, so the guess is nearly always right and no key is hashed.
	next []int
	last int
	text []byte
}

// NewBuilder returns a Builder for rows of a dataset ("" for results).
func NewBuilder(dataset string) *Builder {
	return &Builder{dataset: dataset, byName: map[string]int{}, next: []int{0}}
}

// Len is the number of rows begun.
func (b *Builder) Len() int { return b.rows }

// Begin starts a row that happened at t nanoseconds since the Unix epoch.
func (b *Builder) Begin(t int64) {
	b.BeginBare()
	b.field([]byte(FieldTime)).setTime(b.rows-1, t)
}

// BeginBare starts a row of a result, which need not have a time.
func (b *Builder) BeginBare() {
	b.rows++
	b.last = 0
}

// Text sets a field of the row to a text.
func (b *Builder) Text(key, text []byte) {
	b.field(key).setText(b.rows-1, text)
}

// Number sets a field to a number as it was written. What no decimal can give
// back exactly (exponents, more than 18 digits) is kept as the text it is.
func (b *Builder) Number(key, raw []byte) {
	f := b.field(key)
	if m, d, ok := keyval.ParseDecimal(raw); ok {
		f.setDecimal(b.rows-1, m, d)
		return
	}
	f.setText(b.rows-1, raw)
}

// Auto sets a field from a text that did not say its type: a number when it
// is written as a plain decimal, else a text.
func (b *Builder) Auto(key, text []byte) {
	if n := len(text); n > 0 && n <= 20 && (text[0] == '-' || text[0]-'0' <= 9) && text[n-1]-'0' <= 9 {
		b.Number(key, text)
		return
	}
	b.Text(key, text)
}

// Bool sets a field to a truth value.
func (b *Builder) Bool(key []byte, v bool) { b.Value(key, BoolOf(v)) }

// Value sets a field to any value; missing leaves it out.
func (b *Builder) Value(key []byte, v Value) {
	i := b.rows - 1
	switch v.Kind {
	case Missing:
	case Text:
		b.text = append(b.text[:0], v.str...)
		b.field(key).setText(i, b.text)
	case Int, Decimal:
		b.field(key).setDecimal(i, v.num, v.Digits)
	case Time:
		b.field(key).setTime(i, v.num)
	case Bool:
		b.field(key).setBool(i, v.num != 0)
	case Float:
		b.field(key).setFloat(i, v.float())
	default:
		b.field(key).setMixed(i, v)
	}
}

// field finds the column of a key, by the guess first.
func (b *Builder) field(key []byte) *field {
	at := b.next[b.last]
	if at >= len(b.cols) || b.cols[at].name != string(key) {
		var known bool
		if at, known = b.byName[string(key)]; !known {
			at = len(b.cols)
			name := string(key)
			b.byName[name] = at
			b.cols = append(b.cols, &field{name: name})
			b.next = append(b.next, at+1)
		}
		b.next[b.last] = at
	}
	b.last = at + 1
	return b.cols[at]
}

// Has reports whether the row being built has this field already.
func (b *Builder) Has(key []byte) bool {
	at, ok := b.byName[string(key)]
	return ok && b.cols[at].rows == b.rows
}

// MemBytes is about what the rows built so far take.
func (b *Builder) MemBytes() int {
	n := 0
	for _, f := range b.cols {
		n += f.memBytes()
	}
	return n
}

// Batch hands out the rows built and starts anew. Fields that had no value in
// these rows are left out, and forgotten when they stay away for long, so that
// a sender who invents names cannot fill the memory.
func (b *Builder) Batch() *Batch {
	out := &Batch{Dataset: b.dataset, Len: b.rows, Cols: make([]Column, 0, len(b.cols))}
	idle := 0
	for _, f := range b.cols {
		if f.rows == 0 {
			idle++
			continue
		}
		out.Cols = append(out.Cols, f.finish(b.rows))
		f.reset()
	}
	b.rows, b.last = 0, 0
	if idle > len(b.cols)/2 && idle > 64 {
		b.cols, b.byName, b.next = nil, map[string]int{}, []int{0}
	}
	return out
}
