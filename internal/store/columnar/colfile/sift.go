package colfile

import (
	"encoding/binary"

	"github.com/plumbline/plumbline/internal/row"
)

// sift finds the rows whose codes the table has a verdict on. Pages without a
// row of among are passed over.
func (d *decoder) sift(table []byte, among row.Bitmap) (yes, open row.Bitmap, err error) {
	if d.c.form == formMapped && d.c.mask == 0 {
		if d, table, err = d.composed(table); err != nil {
			return nil, nil, err
		}
	}
	s := &sifting{d: d, table: table, yes: row.NewBitmap(d.g.Rows), open: row.NewBitmap(d.g.Rows)}
	if d.c.mask != 0 {
		codes, err := d.localCodes(nil)
		if err == nil {
			siftCodes(s.yes, s.open, codes, table)
		}
		return s.yes, s.open, err
	}
	copy(s.octets[:], table)
	if among == nil {
		err = d.ahead(&d.c.pages)
	}
	for p := 0; p < len(d.c.pages.pages) && err == nil; p++ {
		err = s.page(p, among)
	}
	return s.yes, s.open, err
}

// composed is the decoder of the chunk that decides this one, and the table as
// one of its codes.
func (d *decoder) composed(table []byte) (*decoder, []byte, error) {
	by := *d
	by.c = &d.g.header.chunks[d.c.base]
	to, err := d.table(by.c.count + 1)
	if err != nil {
		return nil, nil, err
	}
	out := make([]byte, len(to))
	for code, own := range to {
		out[code] = table[own]
	}
	return &by, out, nil
}

// sifting goes through the pages of a chunk of which every row has a value.
type sifting struct {
	d         *decoder
	table     []byte
	octets    [256]byte // the table for codes of up to 8 bits
	yes, open row.Bitmap
	codes     []uint32
	places    []uint32
}

// thin is how many times fewer than all rows of a page are taken out of it
// one by one.
const thin = 8

func (s *sifting) page(p int, among row.Bitmap) error {
	lo, hi := s.d.span(p)
	var at []uint32
	if among != nil {
		set := among[lo/64 : (hi+63)/64]
		switch n := set.Count(); {
		case n == 0:
			return nil
		case n < (hi-lo)/thin:
			s.places = set.Append(s.places[:0])
			at = s.places
		}
	}
	return s.d.page(&s.d.c.pages, p, func(page []byte) (err error) {
		yes, open := s.yes[lo/64:(hi+63)/64], s.open[lo/64:(hi+63)/64]
		if width := int(page[0]); at == nil && width > 0 && width <= 8 {
			if width == 1 {
				siftBits(yes, open, page[1:], s.table)
			} else {
				siftOctets(yes, open, page[1:], width, &s.octets)
			}
			trim(yes, open, hi-lo)
			return nil
		}
		if s.codes, err = readCodes(s.codes[:0], page, hi-lo, at); err != nil {
			return err
		}
		if at != nil {
			siftAt(yes, open, s.codes, s.table, at)
		} else {
			siftCodes(yes, open, s.codes, s.table)
		}
		return nil
	})
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

// siftCodes puts the verdicts on codes side by side into both sets.
func siftCodes(yes, open row.Bitmap, codes []uint32, table []byte) {
	for w := 0; len(codes) > 0; w++ {
		part := codes[:min(64, len(codes))]
		codes = codes[len(part):]
		var y, o uint64
		for i, c := range part {
			v := table[c]
			y |= uint64(v&codeYes) << (i & 63)
			o |= uint64(v&codeOpen) >> 1 << (i & 63)
		}
		yes[w], open[w] = y, o
	}
}

// siftOctets is siftCodes for codes packed into 2 to 8 bits, eight of which
// become one byte of each set.
func siftOctets(yes, open row.Bitmap, packed []byte, width int, table *[256]byte) {
	b := uint(width) & 15
	mask := uint64(1)<<b - 1
	for w := range yes {
		var y, o uint64
		for at := 0; at < 64 && len(packed) > 0; at += 8 {
			x := word(packed)
			v := uint64(table[uint8(x&mask)]) | uint64(table[uint8(x>>b&mask)])<<8 |
				uint64(table[uint8(x>>(2*b)&mask)])<<16 | uint64(table[uint8(x>>(3*b)&mask)])<<24 |
				uint64(table[uint8(x>>(4*b)&mask)])<<32 | uint64(table[uint8(x>>(5*b)&mask)])<<40 |
				uint64(table[uint8(x>>(6*b)&mask)])<<48 | uint64(table[uint8(x>>(7*b)&mask)])<<56
			y |= lowBits(v) << at
			o |= lowBits(v>>1) << at
			packed = packed[min(width, len(packed)):]
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
