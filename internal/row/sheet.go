package row

import (
	"slices"

	"github.com/plumbline/plumbline/internal/keyval"
)

// A value that is set is at first only noted on the Builder's sheet: its text is
// in the one or other line there, and a cell says where. When the sheet is full
// its cells are sorted by field, and each field takes those of its own. So a
// column takes some hundred values in one loop: what it looks up stays near, and
// no value waits for the one before.
//
//	text   {"user":"usr_7","status":200}{"user":"usr_9","status":404}
//	cells  row 0 user usr_7 · row 0 status 200 · row 1 user usr_9 · row 1 status 404
//	sorted user usr_7 usr_9 · status 200 404
type sheet struct {
	text   []byte
	values []Value // those that are neither texts nor numbers
	cells  []cell
	sorted []cell
	ends   []uint32 // by slot, of its part of sorted
	first  int      // the Builder's row that is row 0 here
	begun  int      // the cells before the present row
	line   int      // where the line begins that was laid last
	laid   bool     // a line for the row to come
}

// cell is a value on the sheet.
type cell struct {
	a, b   uint32 // where a text begins, and its size; the halves of a number; a place in values
	slot   uint32
	row    uint16
	kind   cellKind
	digits uint8 // of a decimal
}

type cellKind uint8

const (
	aText    cellKind = iota
	aWritten          // a number when it is written as a decimal, else a text
	aNumber           // of JSON, as it is written
	aDecimal          // or an integer
	aTime
	aBool
	aValue
)

const (
	// Half of a megabyte, which is what a core has of fast cache, is enough for a
	// sheet of this much text, its cells and the tables they are looked up in.
	sheetBytes = 128 << 10
	sheetCells = 8 << 10
	sheetRows  = 1 << 15
	cellBytes  = 16
)

// full reports whether there should be no further row on the sheet.
func (s *sheet) full(rows int) bool {
	return len(s.text) > sheetBytes || len(s.cells) > sheetCells || rows-s.first >= sheetRows
}

// place is where a text stands on the sheet; one that does not is copied.
func (s *sheet) place(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	// Slices of one array end where it ends.
	if at := cap(s.text) - cap(text); uint(at) < uint(len(s.text)) && &s.text[at] == &text[0] {
		return at
	}
	s.text = append(s.text, text...)
	return len(s.text) - len(text)
}

// Lay copies the line of the row to come into the Builder and gives the copy,
// which is good until the next is laid. Values of the row that are parts of it
// are not copied again. There is room for keyval.TokenSlack bytes behind it.
func (b *Builder) Lay(line []byte) []byte {
	if b.sheet.full(b.rows) {
		b.settle()
	}
	s := &b.sheet
	s.laid, s.line = true, len(s.text)
	s.text = append(slices.Grow(s.text, len(line)+keyval.TokenSlack), line...)
	return s.text[s.line:]
}

// room readies the sheet for a row.
func (b *Builder) room() {
	if !b.sheet.laid && b.sheet.full(b.rows) {
		b.settle()
	}
	b.sheet.laid, b.sheet.begun = false, len(b.sheet.cells)
}

// Cancel takes the row back that was begun last.
func (b *Builder) Cancel() {
	b.sheet.cells = b.sheet.cells[:b.sheet.begun]
	b.rows--
}

// NoSlot is where no value goes.
const NoSlot Slot = -1

// Tokens sets fields to the values of tokens of the line that was laid last, each
// at the slot that slots have at the number of its key. Nulls are passed over. It
// gives how many it took: up to the first that has no slot, or is neither a
// plain text nor a number nor a truth value.
func (b *Builder) Tokens(tokens []keyval.Token, slots []Slot) int {
	s := &b.sheet
	base, row := uint32(s.line), uint16(b.rows-1-s.first)
	s.cells = slices.Grow(s.cells, len(tokens))
	cells := s.cells[len(s.cells) : len(s.cells)+len(tokens)]
	n, set := 0, 0
	for ; n < len(tokens); n++ {
		t := &tokens[n]
		if t.Kind == keyval.Null {
			continue
		}
		slot := slots[t.Key]
		if slot == NoSlot || t.Escaped || int(t.Kind) >= len(tokenKinds) {
			break
		}
		c := &cells[set]
		set++
		c.a, c.b, c.slot, c.row, c.kind, c.digits = base+t.From, t.Size, uint32(slot), row, tokenKinds[t.Kind], 0
		if c.kind == aBool {
			c.a = uint32(keyval.False - t.Kind) // which is right behind True
		}
	}
	s.cells = s.cells[:len(s.cells)+set]
	return n
}

var tokenKinds = [...]cellKind{keyval.String: aText, keyval.Number: aNumber, keyval.True: aBool, keyval.False: aBool}

func (b *Builder) noteText(at Slot, kind cellKind, text []byte) {
	from := b.sheet.place(text)
	b.note(at, kind, 0, uint32(from), uint32(len(text)))
}

func (b *Builder) noteNumber(at Slot, kind cellKind, n int64, digits uint8) {
	b.note(at, kind, digits, uint32(n), uint32(n>>32))
}

func (b *Builder) note(at Slot, kind cellKind, digits uint8, first, second uint32) {
	s := &b.sheet
	n := len(s.cells)
	if n == cap(s.cells) {
		s.cells = slices.Grow(s.cells, 1)
	}
	s.cells = s.cells[:n+1]
	c := &s.cells[n] // written in place: put together elsewhere it would be waited for
	c.a, c.b, c.slot, c.row, c.kind, c.digits = first, second, uint32(at), uint16(b.rows-1-s.first), kind, digits
}

func (b *Builder) noteValue(at Slot, v Value) {
	b.sheet.values = append(b.sheet.values, v)
	b.noteNumber(at, aValue, int64(len(b.sheet.values)-1), 0)
}

// settle lets each field take what is on the sheet, and cleans it.
func (b *Builder) settle() {
	s := &b.sheet
	s.sort(len(b.cols))
	s.text = slices.Grow(s.text, keyval.SightSlack)
	text, from := s.text[:len(s.text)+keyval.SightSlack], uint32(0)
	for slot, f := range b.cols {
		f.take(s, text, s.sorted[from:s.ends[slot]])
		from = s.ends[slot]
	}
	clear(s.values)
	s.text, s.values, s.cells, s.first = s.text[:0], s.values[:0], s.cells[:0], b.rows
	if cap(s.text) > 4*sheetBytes { // of one long line
		s.text = nil
	}
}

// sort puts the cells of each slot side by side, in their order.
func (s *sheet) sort(slots int) {
	s.ends = append(s.ends[:0], make([]uint32, slots)...)
	for i := range s.cells {
		s.ends[s.cells[i].slot]++
	}
	from := uint32(0)
	for i, n := range s.ends {
		s.ends[i] = from
		from += n
	}
	s.sorted = slices.Grow(s.sorted[:0], len(s.cells))[:len(s.cells)]
	for i := range s.cells {
		c := &s.cells[i]
		at := &s.ends[c.slot]
		s.sorted[*at] = *c
		*at++
	}
}

func (s *sheet) memBytes() int {
	n := len(s.text) + 2*cellBytes*len(s.cells)
	for _, v := range s.values {
		n += v.MemBytes()
	}
	return n
}
