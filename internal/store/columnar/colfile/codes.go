package colfile

import (
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// decoded makes out the column that codes of the group stand for: of texts,
// numbers or truth values. The codes may be in out's memory.
func (d *decoder) decoded(out *row.Column, codes []uint32) error {
	if out.Nulls = d.noCode(out.Nulls, codes); d.without(out.Nulls) {
		return nil
	}
	out.Kind = d.c.kind
	out.Codes = codes[:0]
	if d.c.kind == row.Bool {
		out.Bits = bitsOf(out.Bits, codes)
		return nil
	}
	list, err := d.g.list(d.c)
	if err != nil {
		return err
	}
	e := d.g.entryOf(d.c)
	if d.c.kind == row.Int {
		return d.looked(out, codes, list, e)
	}
	out.Codes = ranked(codes, list, out.Nulls)
	if few, err := d.few(out, out.Codes, e); few || err != nil {
		return err
	}
	out.Dict, err = d.g.part.dictionary(&e.texts, e.name)
	return err
}

// placed decodes the codes of texts into out, and appends what they stand for.
func (d *decoder) placed(out *row.Column, places []uint32) ([]uint32, error) {
	list, err := d.g.list(d.c)
	if err != nil {
		return nil, err
	}
	var table []uint32 // what the codes stand for, in the list
	if d.c.form == formMapped && d.c.mask == 0 {
		out.Codes, table, err = d.decided(out.Codes)
	} else {
		out.Codes, err = d.localCodes(out.Codes)
		table = counting(d.c.count + 1)
	}
	if err != nil {
		return nil, err
	}
	at := len(places)
	places = append(places, table...)
	for i, code := range table {
		switch {
		case int(code) == d.c.count:
			places[at+i] = row.None
		case list != nil:
			places[at+i] = list[code]
		}
	}
	e := d.g.entryOf(d.c)
	out.Dict, err = d.g.part.dictionary(&e.texts, e.name)
	return places, err
}

// bitsOf are codes of truth values as a set; the code of none, 2, is in no set.
func bitsOf(old row.Bitmap, codes []uint32) row.Bitmap {
	set := emptied(old, len(codes))
	for w := range set {
		part := codes[64*w : min(64*w+64, len(codes))]
		word := uint64(0)
		for i, c := range part {
			word |= uint64(c&1) << i
		}
		set[w] = word
	}
	return set
}

// looked gives the numbers that codes stand for.
func (d *decoder) looked(out *row.Column, codes, list []uint32, e *fieldEntry) error {
	nums, err := d.g.part.numbers(e)
	if err != nil {
		return err
	}
	local := make([]int64, d.c.count+1) // the last for rows without a value
	for i := range d.c.count {
		if list == nil {
			local[i] = nums[i]
		} else {
			local[i] = nums[list[i]]
		}
	}
	out.Nums = slices.Grow(out.Nums, len(codes))[:len(codes)]
	for i, c := range codes {
		out.Nums[i] = local[c]
	}
	return nil
}

// ranked turns codes of the group into ranks in the dictionary of the part, in
// place.
func ranked(codes, list []uint32, nulls row.Bitmap) []uint32 {
	switch {
	case list == nil && nulls == nil:
	case nulls == nil:
		for i, c := range codes {
			codes[i] = list[c]
		}
	default:
		for i, c := range codes {
			switch {
			case nulls.Has(i):
				codes[i] = 0
			case list != nil:
				codes[i] = list[c]
			}
		}
	}
	return codes
}

// noCode is the set of rows whose code says that they have no value; nil when
// all have one.
func (d *decoder) noCode(old row.Bitmap, codes []uint32) row.Bitmap {
	if d.set == nil {
		return nil
	}
	none := uint32(d.c.count)
	nulls := emptied(old, len(codes))
	for i, c := range codes {
		if c == none {
			nulls.Set(i)
		}
	}
	if !nulls.Any() {
		return nil
	}
	return nulls
}

// localCodes are the codes of the group for each row asked for, count where a
// row has no value – unless values may stay side by side. They are put into the
// memory of codes.
func (d *decoder) localCodes(codes []uint32) ([]uint32, error) {
	var err error
	if d.set, err = d.g.maskOf(d.c, d.use); err != nil {
		return nil, err
	}
	if d.c.form == formMapped {
		return d.mapped(codes)
	}
	codes = slices.Grow(codes[:0], d.rows)
	err = d.eachPage(&d.c.pages, func(_ int, page []byte, n int, at []uint32) error {
		codes, err = readCodes(codes, page, n, at)
		return err
	})
	if err != nil || d.set == nil || d.near {
		return codes, err
	}
	return d.apart(codes), nil
}

// apart moves codes to their rows.
func (d *decoder) apart(near []uint32) []uint32 {
	out := make([]uint32, d.rows)
	k, n := 0, 0
	none := uint32(d.c.count)
	place := func(i int) {
		out[k] = none
		if d.set.Has(i) {
			out[k] = near[n]
			n++
		}
		k++
	}
	if d.want == nil {
		for i := range d.rows {
			place(i)
		}
		return out
	}
	for i := range d.want.Rows {
		place(i)
	}
	return out
}

// decided are the codes of the chunk that decides this one, and which own codes
// they stand for.
func (d *decoder) decided(codes []uint32) (_, table []uint32, err error) {
	by := *d
	by.c, by.set, by.near = &d.g.header.chunks[d.c.base], nil, false
	if d.picked == nil {
		codes, err = by.localCodes(codes)
	} else {
		codes, err = d.picked.codesOf(by.c, codes, by.localCodes)
	}
	if err != nil {
		return nil, nil, err
	}
	table, err = d.table(by.c.count + 1)
	return codes, table, err
}

// mapped decodes the chunk that decides this one and maps its codes.
func (d *decoder) mapped(codes []uint32) ([]uint32, error) {
	codes, table, err := d.decided(codes)
	if err != nil {
		return nil, err
	}
	if d.set == nil {
		for i, c := range codes {
			codes[i] = table[c]
		}
		return codes, nil
	}
	none := uint32(d.c.count)
	k := 0
	place := func(i int) {
		if d.set.Has(i) {
			codes[k] = table[codes[k]]
		} else {
			codes[k] = none
		}
		k++
	}
	if d.want == nil {
		for i := range d.rows {
			place(i)
		}
		return codes, nil
	}
	for i := range d.want.Rows {
		place(i)
	}
	return codes, nil
}

// table is the map from n codes of another chunk to the codes of this one.
func (d *decoder) table(n int) ([]uint32, error) {
	width := codeBits(d.c.count)
	if width == 0 { // one value, whose map lies nowhere: the next block has the same offset
		return make([]uint32, n), nil
	}
	return cached(d.g.part, d.c.table.off, whatList, func() ([]uint32, int64, error) {
		data, err := d.g.part.load(d.c.table)
		if err == nil && len(data) != frame.PackedLen(n, width) {
			err = fault.New(fault.Corrupt, "%d bytes for %d codes of %d bits", len(data), n, width)
		}
		var table []uint32
		if err == nil {
			table = make([]uint32, n)
			frame.Unpack(table, data, width)
			err = within(table, d.c.count)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: group %d: read the map of %q: %w", d.g.part.name, d.g.index, d.g.nameOf(d.c), err)
		}
		return table, int64(4 * n), nil
	})
}

// kept gives the bytes of a page, in the form in which they stay in the cache.
func (d *decoder) kept(s *stream, p int) ([]byte, error) {
	b := s.pages[p]
	load := func() ([]byte, int64, error) {
		page, err := d.g.part.load(b)
		if err == nil {
			page, err = d.unfolded(s, p, page)
		}
		return page, int64(len(page)), err
	}
	if b.stored == 0 { // lies nowhere: the next block has the same offset
		page, _, err := load()
		return page, err
	}
	return cached(d.g.part, b.off, d.formOf(s), load)
}

// formOf is the form in which the pages of a stream are kept.
func (d *decoder) formOf(s *stream) what {
	switch {
	case d.c.form.coded() && s == &d.c.pages:
		return whatCodes
	case d.c.settled && s == &d.c.fills:
		return whatDigits
	}
	return whatBytes
}

// unfolded makes of the bytes of a page what is kept of it. Codes are held against
// their count, once while the page stays in the cache; digits get the room that
// settled ones do not take in the file.
func (d *decoder) unfolded(s *stream, p int, page []byte) ([]byte, error) {
	switch d.formOf(s) {
	case whatCodes:
		return page, checkCodes(page, d.inPage(p), d.c.count)
	case whatDigits:
		h, err := d.g.holesOf(d.c)
		if err != nil {
			return nil, err
		}
		codes, err := d.kept(&d.c.pages, p)
		if err != nil {
			return nil, err
		}
		list, err := readCodes(nil, codes, d.inPage(p), nil)
		if err != nil {
			return nil, err
		}
		return h.usual.settled.spread(list, h.sizes, page)
	}
	return page, nil
}

// checkCodes fails unless a page holds n codes below count.
func checkCodes(page []byte, n, count int) error {
	codes, err := readCodes(nil, page, n, nil)
	if err != nil {
		return err
	}
	if width := int(page[0]); width < planes && count == 1<<width { // every pattern of bits is a code
		return nil
	}
	return within(codes, count)
}

// readCodes appends the n codes of a page, or those at the places given.
func readCodes(dst []uint32, page []byte, n int, at []uint32) ([]uint32, error) {
	codes, err := packedCodesOf(page, n)
	if err != nil {
		return nil, err
	}
	if at == nil {
		return codes.run(dst, 0, n), nil
	}
	for _, i := range at {
		dst = append(dst, codes.at(int(i)))
	}
	return dst, nil
}

// packedCodes is a page of codes, not yet unpacked.
type packedCodes struct {
	width  int
	packed []byte
	high   []byte // the high bytes of codes whose low ones are packed; nil: packed has all
}

func packedCodesOf(page []byte, n int) (packedCodes, error) {
	if len(page) == 0 {
		return packedCodes{}, fault.New(fault.Corrupt, "an empty page")
	}
	switch width, packed := int(page[0]), page[1:]; {
	case width == planes && len(packed) == 2*n:
		return packedCodes{8, packed[:n], packed[n:]}, nil
	case width <= 32 && len(packed) == frame.PackedLen(n, width):
		return packedCodes{width, packed, nil}, nil
	default:
		return packedCodes{}, fault.New(fault.Corrupt, "%d bytes for %d codes of width %d", len(page), n, width)
	}
}

func (c *packedCodes) at(i int) uint32 {
	if c.high != nil {
		return uint32(c.packed[i]) | uint32(c.high[i])<<8
	}
	return uint32(frame.At(c.packed, i, c.width))
}

// run appends the codes from ≤ i < to; from is a multiple of eight, so that it begins a
// byte.
func (c *packedCodes) run(dst []uint32, from, to int) []uint32 {
	if c.high != nil {
		low, high := c.packed[from:to], c.high[from:to]
		for i := range low {
			dst = append(dst, uint32(low[i])|uint32(high[i])<<8)
		}
		return dst
	}
	at := len(dst)
	dst = slices.Grow(dst, to-from)[:at+to-from]
	frame.Unpack(dst[at:], c.packed[from/8*c.width:], c.width)
	return dst
}

// within fails when a code is not one of count values.
func within(codes []uint32, count int) error {
	most := uint32(0)
	for _, c := range codes {
		most = max(most, c)
	}
	if len(codes) > 0 && int(most) >= count {
		return fault.New(fault.Corrupt, "code %d of %d values", most, count)
	}
	return nil
}
