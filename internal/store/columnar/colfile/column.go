package colfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// decoder decodes one chunk for one set of rows.
type decoder struct {
	g      *Group
	c      *chunk
	use    *Usage
	want   row.Bitmap // the rows asked for; nil: all
	rows   int        // how many they are
	picked *picked    // the same rows, where they are listed
	set    row.Bitmap // the rows that have a value; nil: all
	near   bool       // values may stay side by side, unless another chunk decides them
}

// column decodes the chunk into out, whose slices are empty and whose memory is
// used again. Values come side by side and are spread to their rows at the end.
func (d *decoder) column(out *row.Column) error {
	c := d.c
	if c.form.coded() && c.form != formShape {
		codes, err := d.localCodes(out.Codes)
		if err != nil {
			return err
		}
		return d.decoded(out, codes)
	}
	var err error
	if d.set, err = d.g.maskOf(c, d.use); err != nil {
		return err
	}
	if out.Nulls = d.nulls(out.Nulls); d.without(out.Nulls) {
		return nil
	}
	out.Kind = c.kind
	switch c.form {
	case formConst:
		out.One = c.value
	case formNums:
		err = d.numbers(out)
	case formFixed:
		out.Width, out.Prefix = c.width, c.prefix
		err = d.fixed(out)
	case formText:
		err = d.texts(out)
	case formFloats:
		err = d.floats(out)
	case formValues:
		err = d.values(out)
	case formShape:
		err = d.shapes(out)
	case formPieces:
		err = d.pieces(out)
	}
	if err == nil && out.Nulls != nil && !d.near {
		out.Spread(d.rows)
		if out.Kind == row.List {
			out.Nulls = nil // in this kind what is missing is a missing value
		}
	}
	return err
}

// without reports whether no row asked for has a value; the column then stays
// Missing.
func (d *decoder) without(nulls row.Bitmap) bool {
	return d.rows == 0 || nulls != nil && nulls.Count() == d.rows
}

// emptied is a set of n rows in the memory of an older one.
func emptied(old row.Bitmap, n int) row.Bitmap {
	set := slices.Grow(old[:0], (n+63)/64)[:(n+63)/64]
	clear(set)
	return set
}

// nulls is the set of rows, of those asked for, that have no value; nil when
// all have one.
func (d *decoder) nulls(old row.Bitmap) row.Bitmap {
	if d.set == nil {
		return nil
	}
	nulls := emptied(old, d.rows)
	if d.want == nil {
		nulls.Fill(d.rows)
		nulls.AndNot(d.set)
	} else {
		k := 0
		for i := range d.want.Rows {
			if !d.set.Has(i) {
				nulls.Set(k)
			}
			k++
		}
	}
	if !nulls.Any() {
		return nil
	}
	return nulls
}

// eachPage calls read for each page that holds rows asked for: with its bytes,
// the number of values in it, and the places of those asked for – nil for all.
func (d *decoder) eachPage(s *stream, read func(p int, page []byte, n int, at []uint32) error) error {
	if err := d.ahead(s); err != nil {
		return err
	}
	if d.picked != nil && d.set == nil {
		for _, f := range d.picked.pages {
			if err := d.page(s, f.page, func(page []byte) error { return read(f.page, page, d.inPage(f.page), f.places) }); err != nil {
				return err
			}
		}
		return nil
	}
	var places []uint32
	for p := range s.pages {
		lo, hi := d.span(p)
		n := d.inPage(p)
		var at []uint32
		if d.want != nil {
			places = d.places(places[:0], lo, hi)
			if len(places) == 0 {
				continue
			}
			if len(places) < n {
				at = places
			}
		}
		if n == 0 {
			continue
		}
		if err := d.page(s, p, func(page []byte) error { return read(p, page, n, at) }); err != nil {
			return err
		}
	}
	return nil
}

// span is the rows of a page.
func (d *decoder) span(p int) (lo, hi int) { return p * PageRows, min((p+1)*PageRows, d.g.Rows) }

// inPage is how many values a page holds.
func (d *decoder) inPage(p int) int {
	lo, hi := d.span(p)
	if d.set == nil {
		return hi - lo
	}
	return d.set[lo/64 : (hi+63)/64].Count()
}

// page reads one page; every error says where it was.
func (d *decoder) page(s *stream, p int, read func(page []byte) error) error {
	data, err := d.kept(s, p)
	if err == nil {
		err = read(data)
	}
	if err != nil {
		return fmt.Errorf("part %s: group %d: field %q: page %d: %w", d.g.part.name, d.g.index, d.g.nameOf(d.c), p, err)
	}
	if d.use != nil {
		d.use.Pages++
		d.use.Bytes += int64(s.pages[p].stored)
	}
	return nil
}

// places are the places, among the values of the page of rows lo to hi, of the
// rows asked for.
func (d *decoder) places(dst []uint32, lo, hi int) []uint32 {
	words := d.want[lo/64 : (hi+63)/64]
	if d.set == nil {
		return words.Append(dst)
	}
	has := d.set[lo/64 : (hi+63)/64]
	before := uint32(0)
	for i, w := range words {
		for w &= has[i]; w != 0; w &= w - 1 {
			low := w & -w
			dst = append(dst, before+uint32(row.Bitmap{has[i] & (low - 1)}.Count()))
		}
		before += uint32(row.Bitmap{has[i]}.Count())
	}
	return dst
}

// numbers decodes integers, times and decimals.
func (d *decoder) numbers(out *row.Column) error {
	each := d.c.kind == row.Decimal && d.c.digits.kind == digitsEach
	out.Nums = slices.Grow(out.Nums, d.rows)
	err := d.eachPage(&d.c.pages, func(_ int, page []byte, n int, at []uint32) error {
		r := frame.NewCursor(page)
		if each {
			digits := r.Bytes(n)
			if r.Err() == nil {
				out.Digits = appendAt(out.Digits, digits, at)
			}
		}
		out.Nums = readNumbers(out.Nums, r, n, at)
		return r.End()
	})
	if err == nil && d.c.kind == row.Decimal && !each {
		d.c.digits.restore(out)
	}
	return err
}

// appendAt appends all values, or those at the places given.
func appendAt[T any](dst, all []T, at []uint32) []T {
	if at == nil {
		return append(dst, all...)
	}
	for _, i := range at {
		dst = append(dst, all[i])
	}
	return dst
}

func (d *decoder) fixed(out *row.Column) error {
	w := d.c.width
	out.Bytes = slices.Grow(out.Bytes, min(d.rows, d.c.present)*w)
	return d.eachPage(&d.c.pages, func(_ int, page []byte, n int, at []uint32) error {
		if err := d.sized(page, n); err != nil {
			return err
		}
		if at == nil {
			out.Bytes = append(out.Bytes, page...)
		}
		for _, i := range at {
			out.Bytes = append(out.Bytes, page[int(i)*w:int(i+1)*w]...)
		}
		return nil
	})
}

func (d *decoder) texts(out *row.Column) error {
	out.Offs = append(slices.Grow(out.Offs, d.rows+1), 0)
	if d.want == nil {
		out.Bytes = slices.Grow(out.Bytes, d.c.pages.size())
	}
	var offs []uint32
	return d.eachPage(&d.c.pages, func(_ int, page []byte, n int, at []uint32) (err error) {
		var all []byte
		if offs, all, err = readTexts(offs[:0], page, n); err != nil {
			return err
		}
		return appendTextsAt(out, offs, all, at)
	})
}

// readTexts reads the texts of a page: where each begins, in the memory of dst,
// and their bytes, in that of the page.
func readTexts(dst []uint32, page []byte, n int) (offs []uint32, all []byte, err error) {
	r := frame.NewCursor(page)
	offs = readPacked(append(dst, 0), r, n)
	if r.Err() != nil {
		return dst, nil, r.Err()
	}
	all = r.Bytes(r.Left())
	size := uint64(0)
	for i, l := range offs {
		size += uint64(l)
		offs[i] = uint32(size)
	}
	if size != uint64(len(all)) {
		return nil, nil, fault.New(fault.Corrupt, "%d bytes for texts of %d", len(all), size)
	}
	return offs, all, nil
}

// appendTextsAt appends texts to a column whose offsets have begun.
func appendTextsAt(out *row.Column, offs []uint32, all []byte, at []uint32) error {
	if uint64(len(out.Bytes))+uint64(len(all)) > math.MaxUint32 {
		return fault.New(fault.Invalid, "more than 4 GiB of text in one row group")
	}
	if at == nil {
		base := uint32(len(out.Bytes))
		for _, o := range offs[1:] {
			out.Offs = append(out.Offs, base+o)
		}
		out.Bytes = append(out.Bytes, all...)
		return nil
	}
	for _, i := range at {
		out.Bytes = append(out.Bytes, all[offs[i]:offs[i+1]]...)
		out.Offs = append(out.Offs, uint32(len(out.Bytes)))
	}
	return nil
}

func (d *decoder) floats(out *row.Column) error {
	return d.eachPage(&d.c.pages, func(_ int, page []byte, n int, at []uint32) error {
		if len(page) != 8*n {
			return fault.New(fault.Corrupt, "%d bytes for %d floats", len(page), n)
		}
		all := make([]float64, n)
		for i := range all {
			all[i] = math.Float64frombits(binary.LittleEndian.Uint64(page[8*i:]))
		}
		out.Floats = appendAt(out.Floats, all, at)
		return nil
	})
}

func (d *decoder) values(out *row.Column) error {
	return d.eachPage(&d.c.pages, func(_ int, page []byte, n int, at []uint32) error {
		r := frame.NewCursor(page)
		all := make([]row.Value, 0, n)
		for range n {
			v := r.Value()
			if v.Kind != row.List {
				r.Fail("a value that is no list")
			}
			if r.Err() != nil {
				return r.Err()
			}
			all = append(all, v)
		}
		out.Values = appendAt(out.Values, all, at)
		return r.End()
	})
}
