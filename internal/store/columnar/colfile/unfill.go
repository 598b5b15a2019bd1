package colfile

import (
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// holes are what a chunk of shapes is filled with, by code of the group.
type holes struct {
	ranks []uint32 // in the dictionary of the part
	fills []*frame.ShapeFill
	sizes []uint32 // bytes of a row
	usual *usuals  // nil: digits are kept as they are
}

// holesOf works out the holes of a chunk, once while they stay in the cache.
func (g *Group) holesOf(c *chunk) (*holes, error) {
	return cached(g.part, c.pages.pages[0].off, whatHoles, func() (*holes, int64, error) {
		fills, err := g.part.fills(g.entryOf(c))
		if err != nil {
			return nil, 0, err
		}
		list, err := g.list(c)
		if err != nil {
			return nil, 0, err
		}
		h := &holes{ranks: list, fills: make([]*frame.ShapeFill, c.count), sizes: make([]uint32, c.count)}
		if list == nil {
			h.ranks = make([]uint32, c.count)
			for i := range h.ranks {
				h.ranks[i] = uint32(i)
			}
		}
		for code, rank := range h.ranks {
			h.fills[code] = &fills[rank]
			h.sizes[code] = uint32(fills[rank].Len+1) / 2
		}
		if h.usual, err = g.usualOf(c, h.fills); err != nil {
			return nil, 0, err
		}
		return h, int64(20*c.count) + h.usual.bytes(), nil
	})
}

// shapes decodes codes of shapes and the digits that fill them.
func (d *decoder) shapes(out *row.Column) error {
	e := d.g.entryOf(d.c)
	h, err := d.g.holesOf(d.c)
	if err != nil {
		return err
	}
	if out.Dict, err = d.g.part.dictionary(&e.shapes, e.name); err != nil {
		return err
	}
	out.Codes = slices.Grow(out.Codes, d.rows)
	out.Offs = append(slices.Grow(out.Offs, d.rows+1), 0)
	if d.want == nil {
		out.Bytes = slices.Grow(out.Bytes, 2*d.c.fills.size())
	}
	if err := d.ahead(&d.c.fills); err != nil {
		return err
	}
	var codes []uint32
	return d.eachPage(&d.c.pages, func(p int, data []byte, n int, at []uint32) error {
		if at != nil && len(at) <= n/startEvery {
			return d.fewShapes(out, h, p, data, n, at)
		}
		if codes, err = readCodes(codes[:0], data, n, nil); err != nil {
			return err
		}
		return d.page(&d.c.fills, p, func(data []byte) error {
			if at == nil {
				return h.all(out, codes, data)
			}
			return h.some(out, codes, data, at)
		})
	})
}

// all appends the digits of all rows of a page.
func (h *holes) all(out *row.Column, codes []uint32, packed []byte) error {
	size, stored := 0, 0
	for _, code := range codes {
		size += h.fills[code].Len
		stored += int(h.sizes[code])
	}
	if stored != len(packed) {
		return fault.New(fault.Corrupt, "%d bytes of digits where the shapes take %d", len(packed), stored)
	}
	out.Codes = slices.Grow(out.Codes, len(codes))
	out.Offs = slices.Grow(out.Offs, len(codes))
	out.Bytes = slices.Grow(out.Bytes, size+2*frame.Slack)
	from := 0
	for _, code := range codes {
		if err := h.fill(out, code, packed[from:]); err != nil {
			return err
		}
		from += int(h.sizes[code])
	}
	return nil
}

// some appends the digits of the rows at the places given.
func (h *holes) some(out *row.Column, codes []uint32, packed []byte, at []uint32) error {
	from, i := 0, 0
	for _, place := range at {
		from, i = from+h.bytes(codes[i:place]), int(place)
		if from+int(h.sizes[codes[i]]) > len(packed) {
			return errFewDigits
		}
		if err := h.fill(out, codes[i], packed[from:]); err != nil {
			return err
		}
	}
	return nil
}

// bytes is how many the digits of some rows take.
func (h *holes) bytes(codes []uint32) int {
	n, sizes := 0, h.sizes
	for _, code := range codes {
		n += int(sizes[code])
	}
	return n
}

// startEvery: of every so many rows of a page of shapes it is kept where its digits begin,
// so that one row is found from the codes of few. It is a multiple of eight.
const startEvery = 16

// starts is where the digits of every startEvery-th row of a page begin, worked out once
// while it stays in the cache.
func (d *decoder) starts(h *holes, p int, page []byte, n int) ([]uint32, error) {
	return cached(d.g.part, d.c.pages.pages[p].off, whatStarts, func() ([]uint32, int64, error) {
		codes, err := readCodes(nil, page, n, nil)
		if err != nil {
			return nil, 0, err
		}
		starts, at := make([]uint32, 0, (n+startEvery-1)/startEvery), 0
		for some := range slices.Chunk(codes, startEvery) {
			starts = append(starts, uint32(at))
			at += h.bytes(some)
		}
		return starts, int64(4 * len(starts)), nil
	})
}

// fewShapes appends the digits of the rows at a few places of a page.
func (d *decoder) fewShapes(out *row.Column, h *holes, p int, page []byte, n int, at []uint32) error {
	codes, err := packedCodesOf(page, n)
	if err != nil {
		return err
	}
	starts, err := d.starts(h, p, page, n)
	if err != nil {
		return err
	}
	return d.page(&d.c.fills, p, func(packed []byte) error {
		var few [startEvery]uint32
		for _, place := range at {
			i := int(place)
			near := codes.run(few[:0], i-i%startEvery, i+1)
			last := len(near) - 1
			from := int(starts[i/startEvery]) + h.bytes(near[:last])
			if from+int(h.sizes[near[last]]) > len(packed) {
				return errFewDigits
			}
			if err := h.fill(out, near[last], packed[from:]); err != nil {
				return err
			}
		}
		return nil
	})
}

var errFewDigits = fault.New(fault.Corrupt, "too few digits for the shapes")

// fill appends the digits of one row, with which packed begins.
func (h *holes) fill(out *row.Column, code uint32, packed []byte) error {
	f := h.fills[code]
	k, n := len(out.Bytes), f.Len
	if uint64(k)+uint64(n) > math.MaxUint32 {
		return fault.New(fault.Invalid, "more than 4 GiB of text in one row group")
	}
	out.Bytes = slices.Grow(out.Bytes, n+2*frame.Slack)
	if !h.unpack(f, code, out.Bytes[k:k+n+frame.Slack], packed) {
		return fault.New(fault.Corrupt, "digits that do not fit their shape")
	}
	out.Bytes = out.Bytes[:k+n]
	out.Codes = append(out.Codes, h.ranks[code])
	out.Offs = append(out.Offs, uint32(k+n))
	return nil
}

// unpack writes the digits of one row into dst, which has room for some more.
func (h *holes) unpack(f *frame.ShapeFill, code uint32, dst, packed []byte) bool {
	if f.Plain() && len(packed) >= (f.Len+1)/2+frame.Slack {
		if h.usual == nil {
			return f.UnpackPlain(dst, packed, nil)
		}
		return f.UnpackPlain(dst, packed, h.usual.from(code))
	}
	dst, packed = dst[:f.Len], packed[:h.sizes[code]]
	if h.usual == nil {
		return f.Unpack(dst, packed)
	}
	frame.UnpackValues(dst, packed)
	return f.More(dst, h.usual.of(code))
}
