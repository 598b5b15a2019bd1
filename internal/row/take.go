package row

import (
	"slices"

	"github.com/plumbline/plumbline/internal/keyval"
)

func (c *cell) number() int64 { return int64(c.b)<<32 | int64(c.a) }

func (c *cell) text(sheet []byte) []byte { return sheet[c.a : c.a+c.b] }

// columnKinds are the kinds of columns that values of a kind are put into.
var columnKinds = [...]Kind{aText: Text, aWritten: Int, aNumber: Int, aDecimal: Int, aTime: Time, aBool: Bool, aValue: Mixed}

// take puts the field's cells into the column: as far as may be in runs, of
// which every value is of one kind, and of a later row than the one before.
func (f *field) take(s *sheet, text []byte, cells []cell) {
	for len(cells) > 0 {
		run, next := f.run(cells, s.first)
		n := 0
		if len(run) > 0 {
			switch run[0].kind {
			case aText:
				n = f.texts.take(text, run)
			case aWritten, aNumber:
				n = f.takeWritten(text, run)
			case aDecimal:
				n = f.takeDecimals(run)
			case aTime:
				n = f.takeTimes(run)
			case aBool:
				n = f.takeBools(run)
			}
		}
		if n == 0 {
			f.set(s, text, &cells[0])
			cells = cells[1:]
			continue
		}
		if n < len(run) {
			next = s.first + int(run[n-1].row) + 1
		}
		f.kind = columnKinds[run[0].kind]
		f.takeRows(run[:n], s.first, next)
		cells = cells[n:]
	}
}

// run is the run that the cells begin with, none when the column is of another
// kind; next is the row behind it.
func (f *field) run(cells []cell, first int) (run []cell, next int) {
	kind := cells[0].kind
	if f.kind != Missing && f.kind != columnKinds[kind] {
		return nil, f.next
	}
	n, from := 0, f.next-first
	for n < len(cells) && cells[n].kind == kind && int(cells[n].row) >= from {
		from = int(cells[n].row) + 1
		n++
	}
	return cells[:n], first + from
}

// takeRows notes the rows of a run.
func (f *field) takeRows(run []cell, first, next int) {
	if f.gaps || next-f.next != len(run) {
		for i := range run {
			f.note(first + int(run[i].row))
			f.next = first + int(run[i].row) + 1
		}
	}
	f.next, f.n = next, f.n+len(run)
}

// takeWritten takes numbers up to the first that is no decimal.
func (f *field) takeWritten(text []byte, run []cell) int {
	f.nums = slices.Grow(f.nums, len(run))
	for i := range run {
		m, digits, ok := keyval.DecimalAt(text, run[i].a, run[i].b)
		if !ok {
			return i
		}
		f.addDecimal(m, digits)
	}
	return len(run)
}

func (f *field) takeDecimals(run []cell) int {
	for i := range run {
		f.addDecimal(run[i].number(), run[i].digits)
	}
	return len(run)
}

func (f *field) takeTimes(run []cell) int {
	f.nums = slices.Grow(f.nums, len(run))
	for i := range run {
		f.nums = append(f.nums, run[i].number())
	}
	return len(run)
}

func (f *field) takeBools(run []cell) int {
	for i := range run {
		f.addBool(f.n+i, run[i].a != 0)
	}
	return len(run)
}

// set takes one value, of whatever kind.
func (f *field) set(s *sheet, text []byte, c *cell) {
	i := s.first + int(c.row)
	switch c.kind {
	case aText:
		f.setText(i, c.text(text))
	case aWritten, aNumber:
		f.setWritten(i, c.text(text), c.kind == aNumber)
	case aDecimal:
		f.setDecimal(i, c.number(), c.digits)
	case aTime:
		f.setTime(i, c.number())
	case aBool:
		f.setBool(i, c.a != 0)
	default:
		if v := s.values[c.a]; v.Kind == Float {
			f.setFloat(i, v.float())
		} else {
			f.setMixed(i, v)
		}
	}
}

func (f *field) setWritten(i int, text []byte, number bool) {
	if m, digits, ok := keyval.ParseDecimal(text); ok {
		f.setDecimal(i, m, digits)
		return
	}
	if number {
		if real, whole, ok := keyval.ParseReal(text); ok && !whole {
			f.setFloat(i, real)
			return
		}
	}
	f.setText(i, text)
}
