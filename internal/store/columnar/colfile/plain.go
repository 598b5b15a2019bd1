package colfile

import (
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// plain holds for forms whose pages are the bytes of values side by side: they
// can be asked about where they lie.
func (f form) plain() bool { return f == formFixed || f == formText }

// mostly: of fewer than every second row, each is better read for itself.
const mostly = 2

// ask asks a clause about the values of a plain chunk, page by page, and gives
// the rows of among (nil: all) for which it is true. A page is still at hand
// then, whatever passes over it.
func (g *Group) ask(c *chunk, e expr.Expr, a *Asker, among row.Bitmap, use *Usage) (row.Bitmap, error) {
	d, err := g.decoder(c, nil, nil, use)
	if err != nil {
		return nil, err
	}
	if d.set, err = g.maskOf(c, use); err != nil {
		return nil, err
	}
	if among == nil {
		if err := d.ahead(&c.pages); err != nil {
			return nil, err
		}
	}
	yes := row.NewBitmap(g.Rows)
	if none := (&row.Batch{Len: 1}); d.set != nil && a.ev.Filter(e, none).Any() {
		yes.Fill(g.Rows)
		yes.AndNot(d.set)
	}
	b := &row.Batch{Dataset: g.footer.dataset, Cols: make([]row.Column, 1)}
	for p := range c.pages.pages {
		lo, hi := d.span(p)
		from, to := lo/64, (hi+63)/64
		if b.Len = d.inPage(p); b.Len == 0 || among != nil && !among[from:to].Any() {
			continue
		}
		err := d.page(&c.pages, p, func(page []byte) error { return d.lent(&b.Cols[0], page, b.Len, &a.offs) })
		if err != nil {
			return nil, err
		}
		if near := a.ev.Filter(e, b); d.set == nil {
			copy(yes[from:to], near)
		} else {
			apartInto(yes[from:to], near, d.set[from:to])
		}
	}
	if among != nil {
		yes.And(among)
	}
	return yes, nil
}

// lent makes a column of the values of a page, in the memory of the page, where
// nobody may write.
func (d *decoder) lent(out *row.Column, page []byte, n int, offs *[]uint32) (err error) {
	*out = row.Column{Name: d.g.nameOf(d.c), Kind: d.c.kind, Width: d.c.width, Prefix: d.c.prefix, Bytes: page}
	if d.c.form == formText {
		*offs, out.Bytes, err = readTexts((*offs)[:0], page, n)
		out.Offs = *offs
		return err
	}
	return d.sized(page, n)
}

// sized reports an error if a page does not hold n values of the width of the
// chunk.
func (d *decoder) sized(page []byte, n int) error {
	if len(page) != n*d.c.width {
		return fault.New(fault.Corrupt, "%d bytes for %d values of %d", len(page), n, d.c.width)
	}
	return nil
}
