package colfile

import (
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// shapes decodes codes of shapes and the digits that fill them.
func (d *decoder) shapes(out *row.Column) error {
	e := d.g.entryOf(d.c)
	fills, err := d.g.part.fills(e)
	if err != nil {
		return err
	}
	list, err := d.g.list(d.c)
	if err != nil {
		return err
	}
	usual, err := d.g.usualOf(d.c, fills, list)
	if err != nil {
		return err
	}
	if out.Dict, err = d.g.part.dictionary(&e.shapes, e.name); err != nil {
		return err
	}
	out.Codes = make([]uint32, 0, d.rows)
	out.Offs = append(make([]uint32, 0, d.rows+1), 0)
	u := unfiller{out: out, fills: fills, list: list, usual: usual}
	return d.eachPage(&d.c.pages, func(p int, data []byte, n int, at []uint32) error {
		if u.codes, err = readCodes(u.codes[:0], data, n, nil, d.c.count); err != nil {
			return err
		}
		return d.page(d.c.fills.pages[p], p, func(data []byte) error {
			return u.page(data, at)
		})
	})
}

// unfiller puts the digits of shapes into a column.
type unfiller struct {
	out   *row.Column
	fills []frame.ShapeFill // by rank
	list  []uint32          // code → rank; nil: the same
	usual *usuals
	codes []uint32 // of the page
}

// page appends the digits of a page, or of the rows at the places given.
func (u *unfiller) page(packed []byte, at []uint32) error {
	from, next := 0, 0
	for i, code := range u.codes {
		rank := code
		if u.list != nil {
			rank = u.list[code]
		}
		f := &u.fills[rank]
		size := (f.Len + 1) / 2
		if from+size > len(packed) {
			return fault.New(fault.Corrupt, "too few digits for the shapes")
		}
		if at == nil || next < len(at) && int(at[next]) == i {
			next++
			if err := u.row(f, code, packed[from:from+size]); err != nil {
				return err
			}
			u.out.Codes = append(u.out.Codes, rank)
		}
		from += size
	}
	if from != len(packed) {
		return fault.New(fault.Corrupt, "digits left over")
	}
	return nil
}

// row appends the digits of one row.
func (u *unfiller) row(f *frame.ShapeFill, code uint32, packed []byte) error {
	out := u.out
	k := len(out.Bytes)
	if uint64(k)+uint64(f.Len) > math.MaxUint32 {
		return fault.New(fault.Invalid, "more than 4 GiB of text in one row group")
	}
	out.Bytes = slices.Grow(out.Bytes, f.Len)[:k+f.Len]
	fit := false
	if u.usual == nil {
		fit = f.Unpack(out.Bytes[k:], packed)
	} else {
		frame.UnpackValues(out.Bytes[k:], packed)
		fit = f.More(out.Bytes[k:], u.usual.of(code))
	}
	if !fit {
		return fault.New(fault.Corrupt, "digits that do not fit their shape")
	}
	out.Offs = append(out.Offs, uint32(len(out.Bytes)))
	return nil
}
