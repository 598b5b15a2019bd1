package colfile

import (
	"fmt"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// What fills the shapes of a chunk is digits, two to a byte, each row from a
// byte of its own. Where most rows of a shape have the same digit at a place –
// the year, the high end of a counter, the octets of a network – the digits
// are kept less the shape's usual ones: then most are zero, and huff0 takes
// them at a bit or two.

const (
	// usualRows is how many rows of a shape are looked at for its usual digits.
	usualRows = 48
	// leastUsual is the fewest rows that usual digits, which are kept too, pay
	// for: of two rows the second mostly has half its digits from the first.
	leastUsual = 2
)

// usuals are the usual digits of each shape of a group, as values 0 to 15.
type usuals struct {
	values []byte
	offs   []uint32 // by code, one more than shapes
	packed []byte   // two to a byte, each shape from a byte of its own, as rows are
	starts []uint32 // of packed, by code

	settled *settled // nil: rows keep every digit
}

func (u *usuals) of(code uint32) []byte { return u.values[u.offs[code]:u.offs[code+1]] }

// from is of with all that lies behind.
func (u *usuals) from(code uint32) []byte { return u.values[u.offs[code]:cap(u.values)] }

// pack makes packed, for whoever looks into rows as they are.
func (u *usuals) pack() {
	shapes := len(u.offs) - 1
	u.starts = make([]uint32, shapes)
	u.packed = make([]byte, 0, (len(u.values)+shapes)/2+2*frame.Slack)
	for code := range shapes {
		u.starts[code] = uint32(len(u.packed))
		u.packed = frame.PackValues(u.packed, u.of(uint32(code)))
	}
}

// packedFrom is what is usual of a code, two digits to a byte, with some more
// behind.
func (u *usuals) packedFrom(code uint32) []byte { return u.packed[u.starts[code]:cap(u.packed)] }

// usualDigits finds the digit most rows have at each place of each shape.
func (s *sheet) usualDigits(v *vector, fills []frame.ShapeFill) usuals {
	u := newUsuals(len(fills), func(code int) int { return fills[code].Len })
	rows := s.rowsByCode(v)
	at := 0
	var counts [][16]uint8
	for code := range fills {
		n := int(v.rows[code])
		some := rows[at : at+min(n, usualRows)]
		at += n
		if n < leastUsual {
			continue
		}
		usual := u.of(uint32(code))
		counts = slices.Grow(counts[:0], len(usual))[:len(usual)]
		clear(counts)
		for _, i := range some {
			for place, c := range v.bytes[v.offs[i]:v.offs[i+1]] {
				counts[place][digitValue(c)&15]++
			}
		}
		for place := range counts {
			usual[place] = most(&counts[place])
		}
	}
	return u
}

// most is the first digit that has the greatest count.
func most(counts *[16]uint8) byte {
	best := uint16(0) // count, and then the lower digit
	for d, n := range counts {
		best = max(best, uint16(n)<<4|uint16(15-d))
	}
	return byte(15 - best&15)
}

func newUsuals(shapes int, digits func(code int) int) usuals {
	u := usuals{offs: make([]uint32, shapes+1)}
	for code := range shapes {
		u.offs[code+1] = u.offs[code] + uint32(digits(code))
	}
	u.values = make([]byte, u.offs[shapes], u.offs[shapes]+2*frame.Slack)
	return u
}

func digitValue(c byte) byte { return c&15 + c>>6*9 }

// rowsByCode lists the places of the values of each code, one code after the
// other.
func (s *sheet) rowsByCode(v *vector) []uint32 {
	next := s.room.codes.take(v.count + 1)
	for code, n := range v.rows {
		next[code+1] = next[code] + uint32(n)
	}
	out := s.room.codes.some(v.present)[:v.present]
	for i := range v.present {
		code := v.dense(i)
		out[next[code]] = uint32(i)
		next[code]++
	}
	return out
}

// storeFills writes what fills the shapes in the way that is shortest: as it is,
// less what is usual, or without what is settled besides.
func (s *sheet) storeFills(v *vector) error {
	fills, ok := fillsOf(v.texts)
	if !ok {
		return fault.New(fault.Internal, "half a hole in a shape of %q", v.book.name)
	}
	usual := s.usualDigits(v, fills)
	table := frame.PackValues(nil, usual.values)
	ways := []fillWay{{page: s.fillPage}, {
		page:  func(v *vector, from, to int) []byte { return s.lessPage(v, fills, &usual, nil, from, to) },
		table: table,
	}}
	if t := s.settledDigits(v, &usual); t != nil {
		ways = append(ways, fillWay{
			page:    func(v *vector, from, to int) []byte { return s.lessPage(v, fills, &usual, t, from, to) },
			table:   appendBits(slices.Clone(table), t.marks, len(usual.values)),
			settled: true,
		})
	}
	best, least := ways[0], math.MaxInt
	for _, w := range ways {
		if n := s.tryFills(v, w); n < least {
			best, least = w, n
		}
	}
	if best.table != nil {
		var err error
		if v.usual, err = s.w.put(best.table, tryAll); err != nil {
			return err
		}
	}
	v.settled = best.settled
	return s.storePages(v, &v.fills, tryAll, best.page)
}

// fillWay is a way to keep digits, and what it keeps beside the pages.
type fillWay struct {
	page    func(v *vector, from, to int) []byte
	table   []byte
	settled bool
}

// fillPage is the digits of shapes as they are.
func (s *sheet) fillPage(v *vector, from, to int) []byte {
	s.page = s.page[:0]
	for i := from; i < to; i++ {
		s.page = frame.AppendNibbles(s.page, v.bytes[v.offs[i]:v.offs[i+1]])
	}
	return s.page
}

// lessPage is the digits of shapes less the usual ones; without those that are
// settled, unless t is nil.
func (s *sheet) lessPage(v *vector, fills []frame.ShapeFill, u *usuals, t *settled, from, to int) []byte {
	s.page = s.page[:0]
	for i := from; i < to; i++ {
		code := v.dense(i)
		f := &fills[code]
		s.fill = slices.Grow(s.fill[:0], f.Len)
		digits, usual, scratch := v.bytes[v.offs[i]:v.offs[i+1]], u.of(code), s.fill[:f.Len]
		if t == nil {
			s.page = f.AppendLess(s.page, digits, usual, scratch)
			continue
		}
		s.split = f.AppendLess(s.split[:0], digits, usual, scratch)
		s.page = t.appendKept(s.page, s.split, code)
	}
	return s.page
}

// trialFills is the rows on which ways are compared: huff0 needs some thousand
// digits to show what it can do.
const trialFills = 2048

// tryFills is about how many bytes a way takes, by rows from the middle of the
// group. Huff0 alone tells: where zstd does better, rows repeat as they are.
func (s *sheet) tryFills(v *vector, w fillWay) int {
	n := min(v.present, trialFills)
	from := (v.present - n) / 2
	packed, _ := s.w.tools.enc.shrink(w.page(v, from, from+n), tryHuffman)
	return len(packed)*v.present/n + len(w.table)*3/4 // zeros for rare shapes shrink the table
}

// usualOf are the usual digits of a chunk; nil when its digits are kept as they
// are.
func (g *Group) usualOf(c *chunk, fills []*frame.ShapeFill) (*usuals, error) {
	if c.usual.stored == 0 {
		return nil, nil
	}
	u := newUsuals(len(fills), func(code int) int { return fills[code].Len })
	data, err := g.part.load(c.usual)
	if err == nil {
		err = u.read(data, c.settled)
	}
	if err != nil {
		return nil, fmt.Errorf("part %s: group %d: read the usual digits of %q: %w", g.part.name, g.index, g.nameOf(c), err)
	}
	return &u, nil
}

// read reads the digits, and the marks of settled ones behind them.
func (u *usuals) read(data []byte, marked bool) error {
	digits, ok := (len(u.values)+1)/2, true
	if marked && len(data) >= digits {
		var marks row.Bitmap
		if marks, ok = readBits(data[digits:], len(u.values)); ok {
			u.settled, data = newSettled(marks, u.offs), data[:digits]
		}
	}
	if !ok || len(data) != digits || marked != (u.settled != nil) {
		return fault.New(fault.Corrupt, "%d bytes for %d digits", len(data), len(u.values))
	}
	frame.UnpackValues(u.values, data)
	u.pack()
	return nil
}

func (u *usuals) bytes() int64 {
	if u == nil {
		return 0
	}
	return int64(len(u.values) + len(u.packed) + 8*len(u.offs))
}

// fillsOf are the holes of each shape.
func fillsOf(shapes []string) ([]frame.ShapeFill, bool) {
	fills := make([]frame.ShapeFill, len(shapes))
	for i, s := range shapes {
		f, ok := frame.FillOf(s)
		if !ok {
			return nil, false
		}
		fills[i] = f
	}
	return fills, true
}
