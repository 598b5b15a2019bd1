package colfile

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// What a clause says of rows with one code. The bits stand for the two sets
// that a selection gives.
const (
	codeNo   byte = 0
	codeYes  byte = 1
	codeOpen byte = 2 // the shape does not decide: the digits in it do
	codeBad  byte = 4 // no value has this code
)

// Select asks a clause about one field of each different value of the group,
// and finds the rows by their codes: no value of a row is made. Of the rows
// among (nil: all) yes are those for which the clause is true, open those whose
// shape leaves that to their digits. The caller may write to both. ok is false
// when the group does not keep the field as codes.
func (g *Group) Select(field string, e expr.Expr, ev *expr.Evaluator, among row.Bitmap, use *Usage) (yes, open row.Bitmap, ok bool, err error) {
	c := g.chunk(field)
	if c == nil || !c.form.coded() {
		return nil, nil, false, nil
	}
	table, err := g.verdicts(c, e, ev)
	if err != nil {
		return nil, nil, false, err
	}
	if !slices.ContainsFunc(table, func(v byte) bool { return v != codeNo }) {
		return row.NewBitmap(g.Rows), row.NewBitmap(g.Rows), true, nil
	}
	d, err := g.decoder(c, nil, use)
	if err != nil {
		return nil, nil, false, err
	}
	if yes, open, err = d.sift(table, among); err != nil {
		return nil, nil, false, err
	}
	if among != nil {
		yes.And(among)
		open.And(among)
	}
	return yes, open, true, nil
}

// verdicts are what a clause says of rows by the code of the group, the last of
// those without a value.
func (g *Group) verdicts(c *chunk, e expr.Expr, ev *expr.Evaluator) ([]byte, error) {
	table := make([]byte, c.count+1)
	if c.kind == row.Dict || c.form == formShape {
		if ok, err := g.entryVerdicts(c, e, ev, table); ok || err != nil {
			return table, err
		}
	}
	if c.form == formShape { // what is asked of them is not known by shape
		for code := range table {
			table[code] = codeOpen
		}
		return table, nil
	}
	col, err := g.distinct(c)
	if err != nil {
		return nil, err
	}
	b := &row.Batch{Len: c.count, Cols: []row.Column{col}}
	if c.mask != 0 {
		b.Len++
	}
	for code := range ev.Filter(e, b).Rows {
		table[code] = codeYes
	}
	return table, nil
}

// entryVerdicts asks about entries of a dictionary of the part; ok is false for
// expressions that ask for more than one value.
func (g *Group) entryVerdicts(c *chunk, e expr.Expr, ev *expr.Evaluator, table []byte) (ok bool, err error) {
	entry := g.entryOf(c)
	at := &entry.texts
	if c.form == formShape {
		at = &entry.shapes
	}
	dict, err := g.part.dictionary(at, entry.name)
	if err != nil {
		return false, err
	}
	list, err := g.list(c)
	if err != nil {
		return false, err
	}
	if list == nil {
		list = counting(c.count)
	}
	verdicts := make([]expr.Verdict, c.count)
	if !ev.Entries(e, c.kind, dict, list, verdicts) {
		return false, nil
	}
	for code, v := range verdicts {
		table[code] = [...]byte{expr.No: codeNo, expr.Maybe: codeOpen, expr.Yes: codeYes}[v]
	}
	if none := (&row.Batch{Len: 1}); c.mask != 0 && ev.Filter(e, none).Any() {
		table[c.count] = codeYes
	}
	return true, nil
}

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
			err = siftCodes(s.yes, s.open, codes, table)
		}
		return s.yes, s.open, err
	}
	if among == nil {
		err = d.ahead(&d.c.pages)
	}
	for p := 0; p < len(d.c.pages.pages) && err == nil; p++ {
		err = s.page(p, among)
	}
	return s.yes, s.open, err
}

// sifting goes through the pages of a chunk of which every row has a value.
type sifting struct {
	d         *decoder
	table     []byte
	yes, open row.Bitmap
	codes     []uint32
	places    []uint32
}

// thin is how many times fewer than all rows of a page are taken out of it
// one by one.
const thin = 8

func (s *sifting) page(p int, among row.Bitmap) error {
	lo, hi := p*PageRows, min((p+1)*PageRows, s.d.g.Rows)
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
	return s.d.page(s.d.c.pages.pages[p], p, func(page []byte) (err error) {
		if s.codes, err = unpackCodes(s.codes[:0], page, hi-lo, at); err != nil {
			return err
		}
		if at != nil {
			return siftAt(s.yes[lo/64:], s.open[lo/64:], s.codes, s.table, at)
		}
		return siftCodes(s.yes[lo/64:], s.open[lo/64:], s.codes, s.table)
	})
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

// siftAt puts the verdicts on the codes of some places into both sets.
func siftAt(yes, open row.Bitmap, codes []uint32, table []byte, places []uint32) error {
	for i, c := range codes {
		if int(c) >= len(table) {
			return badCode(table)
		}
		switch table[c] {
		case codeYes:
			yes.Set(int(places[i]))
		case codeOpen:
			open.Set(int(places[i]))
		}
	}
	return nil
}

func badCode(table []byte) error {
	return fault.New(fault.Corrupt, "a code beyond the %d values", len(table)-1)
}

// siftCodes puts the verdicts on codes side by side into both sets.
func siftCodes(yes, open row.Bitmap, codes []uint32, table []byte) error {
	bad := codeNo
	for w := 0; len(codes) > 0; w++ {
		part := codes[:min(64, len(codes))]
		codes = codes[len(part):]
		var y, o uint64
		for i, c := range part {
			v := codeBad
			if int(c) < len(table) {
				v = table[c]
			}
			y |= uint64(v&codeYes) << (i & 63)
			o |= uint64(v&codeOpen) >> 1 << (i & 63)
			bad |= v
		}
		yes[w], open[w] = y, o
	}
	if bad&codeBad != 0 {
		return badCode(table)
	}
	return nil
}
