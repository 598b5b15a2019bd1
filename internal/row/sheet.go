package row

import (
	"slices"

	"github.com/plumbline/plumbline/internal/keyval"
)

// A value that is set is at first only noted on the Builder's sheet: its text is
// in the one or other line there, and a cell of its field says where. When the
// sheet is full each field takes its cells. So a column takes some hundred values
// in one loop: what it looks up stays near, and no value waits for the one before.
//
//	text   {"user":"usr_7","status":200}{"user":"usr_9","status":404}
//	cells  user    row 0 usr_7 · row 1 usr_9
//	       status  row 0 200 · row 1 404
type sheet struct {
	text   []byte
	values []Value  // those that are neither texts nor numbers
	cells  [][]cell // by slot
	held   int      // cells of all slots
	first  int      // the Builder's row that is row 0 here
	line   int      // where the line begins that was laid last
	laid   bool     // a line for the row to come
}

// cell is a value on the sheet.
type cell struct {
	a, b   uint32 // where a text begins, and its size; the halves of a number; a place in values
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
	cellBytes  = 12
)

// full reports whether there should be no further row on the sheet.
func (s *sheet) full(rows int) bool {
	return len(s.text) > sheetBytes || s.held > sheetCells || rows-s.first >= sheetRows
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
	b.sheet.laid = false
}

// Cancel takes the row back that was begun last.
func (b *Builder) Cancel() {
	s := &b.sheet
	row := uint16(b.rows - 1 - s.first)
	for slot, list := range s.cells {
		n := len(list)
		for n > 0 && list[n-1].row == row {
			n--
		}
		s.cells[slot], s.held = list[:n], s.held-len(list)+n
	}
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
	n := 0
	for ; n < len(tokens); n++ {
		t := &tokens[n]
		if t.Kind == keyval.Null {
			continue
		}
		slot := slots[t.Key]
		if slot == NoSlot || t.Escaped || int(t.Kind) >= len(tokenKinds) {
			break
		}
		list := &s.cells[slot] // as cell does, which is too long to be put here by the compiler
		at := len(*list)
		if at == cap(*list) {
			*list = slices.Grow(*list, 1)
		}
		*list = (*list)[:at+1]
		c := &(*list)[at]
		s.held++
		c.a, c.b, c.row, c.kind, c.digits = base+t.From, t.Size, row, tokenKinds[t.Kind], 0
		if c.kind == aBool {
			c.a = uint32(keyval.False - t.Kind) // which is right behind True
		}
	}
	return n
}

// cell is a new cell of a slot. It is written in place: put together elsewhere it
// would be waited for.
func (s *sheet) cell(at Slot) *cell {
	list := &s.cells[at]
	n := len(*list)
	if n == cap(*list) {
		*list = slices.Grow(*list, 1)
	}
	*list = (*list)[:n+1]
	s.held++
	return &(*list)[n]
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
	c := b.sheet.cell(at)
	c.a, c.b, c.row, c.kind, c.digits = first, second, uint16(b.rows-1-b.sheet.first), kind, digits
}

func (b *Builder) noteValue(at Slot, v Value) {
	b.sheet.values = append(b.sheet.values, v)
	b.noteNumber(at, aValue, int64(len(b.sheet.values)-1), 0)
}

// settle lets each field take what is on the sheet, and cleans it.
func (b *Builder) settle() {
	s := &b.sheet
	s.text = slices.Grow(s.text, keyval.SightSlack)
	text := s.text[:len(s.text)+keyval.SightSlack]
	for slot, f := range b.cols {
		f.take(s, text, s.cells[slot])
		s.cells[slot] = s.cells[slot][:0]
	}
	clear(s.values)
	s.text, s.values, s.held, s.first = s.text[:0], s.values[:0], 0, b.rows
	if cap(s.text) > 4*sheetBytes { // of one long line
		s.text = nil
	}
}

func (s *sheet) memBytes() int {
	n := len(s.text) + cellBytes*s.held
	for _, v := range s.values {
		n += v.MemBytes()
	}
	return n
}
