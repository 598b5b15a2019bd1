package colfile

import (
	"encoding/binary"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// sifting finds the rows of a chunk whose codes a table has a verdict on.
type sifting struct {
	d         *decoder
	asker     *Asker
	table     []byte    // by code, the last for rows without a value
	octets    [256]byte // the table, for codes of up to 8 bits
	short     *byShort  // the table, for those of up to 16; nil: no page has them yet
	several   several   // the table, for pages of codes of 2 to 4 bits
	seek      *seeker   // looks into the digits of what the table says nothing of; nil: nobody does
	empty     bool      // the table says nothing at all
	yes, open row.Bitmap
	codes     []uint32
	places    []uint32
	near      [2]row.Bitmap // yes and open of a page, for its values side by side
}

// byShort is verdicts by any code of up to 16 bits, so that no look into it needs
// a check. Beyond the codes there are it may hold anything.
type byShort [1 << 16]byte

// sift goes through the pages; those without a row of among are passed over.
func (s *sifting) sift(among row.Bitmap) (yes, open row.Bitmap, err error) {
	s.yes, s.open = row.NewBitmap(s.d.g.Rows), row.NewBitmap(s.d.g.Rows)
	if s.d.c.form == formMapped {
		if s.d.c.mask != 0 {
			codes, err := s.d.localCodes(nil)
			if err == nil {
				siftCodes(s.yes, s.open, codes, s.table)
			}
			return s.yes, s.open, err
		}
		if err = s.compose(); err != nil {
			return nil, nil, err
		}
	}
	if s.d.set, err = s.d.g.maskOf(s.d.c, s.d.use); err != nil {
		return nil, nil, err
	}
	copy(s.octets[:], s.table)
	s.empty = !slices.ContainsFunc(s.table, func(v byte) bool { return v != codeNo })
	if among == nil {
		err = s.d.ahead(&s.d.c.pages)
		if err == nil && s.seek != nil {
			err = s.d.ahead(&s.d.c.fills)
		}
	}
	for p := 0; p < len(s.d.c.pages.pages) && err == nil; p++ {
		err = s.page(p, among)
	}
	return s.yes, s.open, err
}

// wide is the table for codes of up to 16 bits, in the memory that the asker has for it.
func (s *sifting) wide() *byShort {
	if s.short == nil {
		if s.asker.short == nil {
			s.asker.short = new(byShort)
		}
		s.short = s.asker.short
		copy(s.short[:], s.table)
	}
	return s.short
}

// compose goes over to the chunk that decides this one, and its codes.
func (s *sifting) compose() error {
	by := *s.d
	by.c = &s.d.g.header.chunks[s.d.c.base]
	to, err := s.d.table(by.c.count + 1)
	if err != nil {
		return err
	}
	table := make([]byte, len(to))
	for code, own := range to {
		table[code] = s.table[own]
	}
	s.d, s.table = &by, table
	return nil
}

// thin is how many times fewer than all rows of a page are taken out of it
// one by one.
const thin = 8

func (s *sifting) page(p int, among row.Bitmap) error {
	lo, hi := s.d.span(p)
	yes, open := s.yes[lo/64:(hi+63)/64], s.open[lo/64:(hi+63)/64]
	wanted := hi - lo
	if among != nil {
		among = among[lo/64 : (hi+63)/64]
		if wanted = among.Count(); wanted == 0 {
			return nil
		}
	}
	switch {
	case s.d.set != nil:
		return s.gaps(p, yes, open)
	case wanted >= (hi-lo)/thin, s.seek != nil: // what is sought the table leaves to the digits
		return s.all(p, yes, open, hi-lo)
	}
	s.places = among.Append(s.places[:0])
	return s.d.page(&s.d.c.pages, p, func(page []byte) (err error) {
		if s.codes, err = readCodes(s.codes[:0], page, hi-lo, s.places); err == nil {
			siftAt(yes, open, s.codes, s.table, s.places)
		}
		return err
	})
}

// all sifts a page of n values side by side.
func (s *sifting) all(p int, yes, open row.Bitmap, n int) error {
	err := s.d.page(&s.d.c.pages, p, func(page []byte) (err error) {
		if width := int(page[0]); width > 0 && width <= 16 && s.seek == nil {
			switch {
			case width == 1:
				siftBits(yes, open, page[1:], s.table)
			case width <= 4:
				s.several.of(width, s.table)
				s.several.sift(yes, open, page[1:])
			case width <= 8:
				siftOctets(yes, open, page[1:], width, &s.octets)
			default:
				siftQuads(yes, open, page[1:], width, s.wide())
			}
			trim(yes, open, n)
			return nil
		}
		if s.codes, err = readCodes(s.codes[:0], page, n, nil); err == nil && !s.empty {
			siftCodes(yes, open, s.codes, s.table)
		}
		return err
	})
	if err != nil || s.seek == nil {
		return err
	}
	return s.d.page(&s.d.c.fills, p, func(packed []byte) error {
		return s.seek.page(yes, open, s.codes, packed)
	})
}

// gaps sifts a page of which only some rows have a value.
func (s *sifting) gaps(p int, yes, open row.Bitmap) error {
	lo, hi := s.d.span(p)
	set := s.d.set[lo/64 : (hi+63)/64]
	switch s.table[s.d.c.count] {
	case codeYes:
		yes.Fill(hi - lo)
		yes.AndNot(set)
	case codeOpen:
		open.Fill(hi - lo)
		open.AndNot(set)
	}
	n := set.Count()
	if n == 0 {
		return nil
	}
	for i := range s.near {
		s.near[i] = emptied(s.near[i], n)
	}
	if err := s.all(p, s.near[0], s.near[1], n); err != nil {
		return err
	}
	apartInto(yes, s.near[0], set)
	apartInto(open, s.near[1], set)
	return nil
}

// apartInto adds a set of values side by side to one of their rows, which are
// those of has.
func apartInto(to, near, has row.Bitmap) {
	if !near.Any() {
		return
	}
	k := 0
	for i := range has.Rows {
		if near.Has(k) {
			to.Set(i)
		}
		k++
	}
}

// siftAt puts the verdicts on the codes of some places into both sets.
func siftAt(yes, open row.Bitmap, codes []uint32, table []byte, places []uint32) {
	for i, c := range codes {
		switch table[c] {
		case codeYes:
			yes.Set(int(places[i]))
		case codeOpen:
			open.Set(int(places[i]))
		}
	}
}

// siftCodes puts the verdicts on codes side by side into both sets. Most clauses
// pass over most rows, eight of them at a time.
func siftCodes(yes, open row.Bitmap, codes []uint32, table []byte) {
	for w := 0; len(codes) > 0; w++ {
		part := codes[:min(64, len(codes))]
		codes = codes[len(part):]
		var y, o uint64
		at := 0
		for ; len(part) >= 8; part, at = part[8:], at+8 {
			c := part[:8]
			v := uint64(table[c[0]]) | uint64(table[c[1]])<<8 | uint64(table[c[2]])<<16 | uint64(table[c[3]])<<24 |
				uint64(table[c[4]])<<32 | uint64(table[c[5]])<<40 | uint64(table[c[6]])<<48 | uint64(table[c[7]])<<56
			if v != 0 {
				y |= lowBits(v) << at
				o |= lowBits(v>>1) << at
			}
		}
		for i, c := range part {
			y |= uint64(table[c]&codeYes) << ((at + i) & 63)
			o |= uint64(table[c]&codeOpen) >> 1 << ((at + i) & 63)
		}
		yes[w], open[w] = y, o
	}
}

// siftOctets is siftCodes for codes packed into 2 to 8 bits, eight of which
// become one byte of each set.
func siftOctets(yes, open row.Bitmap, packed []byte, width int, table *[256]byte) {
	b := uint(width) & 15 // and shifts by less than 64, which spares their checks
	mask := uint64(1)<<b - 1
	for w := range yes {
		var y, o uint64
		for at := 0; at < 64 && len(packed) > 0; at += 8 {
			x := word(packed)
			v := uint64(table[uint8(x&mask)]) | uint64(table[uint8(x>>b&mask)])<<8 |
				uint64(table[uint8(x>>(2*b&63)&mask)])<<16 | uint64(table[uint8(x>>(3*b&63)&mask)])<<24 |
				uint64(table[uint8(x>>(4*b&63)&mask)])<<32 | uint64(table[uint8(x>>(5*b&63)&mask)])<<40 |
				uint64(table[uint8(x>>(6*b&63)&mask)])<<48 | uint64(table[uint8(x>>(7*b&63)&mask)])<<56
			y |= lowBits(v) << at
			o |= lowBits(v>>1) << at
			packed = packed[min(width, len(packed)):]
		}
		yes[w], open[w] = y, o
	}
}

// siftQuads is siftCodes for codes packed into 9 to 16 bits, of which two words
// hold four each.
func siftQuads(yes, open row.Bitmap, packed []byte, width int, table *byShort) {
	b := uint(width) & 31
	mask := uint64(1)<<b - 1
	half, skew := width/2, uint(width%2)*4 // where the fifth code starts
	for w := range yes {
		var y, o uint64
		for at := 0; at < 64 && len(packed) > 0; at += 8 {
			lo, hi := word(packed), word(packed[min(half, len(packed)):])>>skew
			v := uint64(table[uint16(lo&mask)]) | uint64(table[uint16(lo>>b&mask)])<<8 |
				uint64(table[uint16(lo>>(2*b&63)&mask)])<<16 | uint64(table[uint16(lo>>(3*b&63)&mask)])<<24 |
				uint64(table[uint16(hi&mask)])<<32 | uint64(table[uint16(hi>>b&mask)])<<40 |
				uint64(table[uint16(hi>>(2*b&63)&mask)])<<48 | uint64(table[uint16(hi>>(3*b&63)&mask)])<<56
			if v != 0 {
				y |= lowBits(v) << at
				o |= lowBits(v>>1) << at
			}
			packed = packed[min(width, len(packed)):]
		}
		yes[w], open[w] = y, o
	}
}

// several is verdicts on several neighbours at once, by the bits of four codes of
// 2 bits, or of two of 3 or 4: in the low byte a bit for each that is yes, in the
// high one for each that is open.
type several struct {
	width    int // 0: of none
	verdicts [256]uint16
}

// of makes the verdicts of a table by code, once for pages of one width.
func (s *several) of(width int, table []byte) {
	if s.width == width {
		return
	}
	s.width = width
	together := s.together()
	for bits := range 1 << (together * width) {
		v := uint16(0)
		for i := range together {
			if code := bits >> (i * width) & (1<<width - 1); code < len(table) {
				v |= uint16(table[code]&codeYes)<<i | uint16(table[code]&codeOpen)>>1<<(i+8)
			}
		}
		s.verdicts[bits] = v
	}
}

// together is how many codes have a verdict together.
func (s *several) together() int {
	if s.width == 2 {
		return 4
	}
	return 2
}

// sift is siftCodes.
func (s *several) sift(yes, open row.Bitmap, packed []byte) {
	pair := uint(2*s.width) & 15
	mask := uint64(1)<<pair - 1
	for w := range yes {
		var y, o uint64
		for at := 0; at < 64 && len(packed) > 0; at += 8 {
			x := word(packed)
			var v uint16
			if s.width == 2 {
				v = s.verdicts[uint8(x)] | s.verdicts[uint8(x>>8)]<<4
			} else {
				v = s.verdicts[uint8(x&mask)] | s.verdicts[uint8(x>>pair&mask)]<<2 |
					s.verdicts[uint8(x>>(2*pair&63)&mask)]<<4 | s.verdicts[uint8(x>>(3*pair&63)&mask)]<<6
			}
			y |= uint64(uint8(v)) << at
			o |= uint64(v>>8) << at
			packed = packed[min(s.width, len(packed)):]
		}
		yes[w], open[w] = y, o
	}
}

// siftBits is siftCodes for codes of one bit: the page is the set, or what it
// leaves out.
func siftBits(yes, open row.Bitmap, packed []byte, table []byte) {
	zero, one := table[0], table[1]
	every := func(set bool) uint64 {
		if set {
			return ^uint64(0)
		}
		return 0
	}
	for w := range yes {
		bits := word(packed)
		yes[w] = bits&every(one == codeYes) | ^bits&every(zero == codeYes)
		open[w] = bits&every(one == codeOpen) | ^bits&every(zero == codeOpen)
		packed = packed[min(8, len(packed)):]
	}
}

// word is the first eight bytes, zeros where there are fewer.
func word(packed []byte) uint64 {
	if len(packed) >= 8 {
		return binary.LittleEndian.Uint64(packed)
	}
	var last [8]byte
	copy(last[:], packed)
	return binary.LittleEndian.Uint64(last[:])
}

// lowBits are the lowest bits of eight bytes, side by side.
func lowBits(v uint64) uint64 { return v & 0x0101010101010101 * 0x0102040810204080 >> 56 }

// trim takes out of both sets what lies beyond n rows, where a page was filled up.
func trim(yes, open row.Bitmap, n int) {
	if n%64 != 0 {
		last, mask := n/64, uint64(1)<<(n%64)-1
		yes[last] &= mask
		open[last] &= mask
	}
}
