package columnar

import (
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// gathered is rows of several pages in the order in which they are shown. Parts
// that overlap in time would else give batches of single rows.
type gathered struct {
	n     int
	pages []picked
	order []uint32 // for each row its page

	fields colfile.Union // of the pages
}

// picked is the rows taken of one page, in the order they were taken.
type picked struct {
	page *row.Batch
	rows []uint32
}

// add takes the next n rows of a cursor's page, newest first.
func (g *gathered) add(c *cursor, n int) {
	at := -1
	for i := len(g.pages) - 1; i >= 0 && at < 0; i-- {
		if g.pages[i].page == c.page {
			at = i
		}
	}
	if at < 0 {
		at = len(g.pages)
		g.pages = append(g.pages, picked{page: c.page})
		g.fields.Add(c.page)
	}
	p := &g.pages[at]
	for range n {
		c.left--
		p.rows = append(p.rows, uint32(c.left-c.from))
		g.order = append(g.order, uint32(at))
	}
	if g.n += n; c.left == c.from {
		c.page = nil
	}
}

// gatherPlaces are eight megabytes.
const gatherPlaces = 1 << 20

// sparse reports whether the pages share so few fields that their rows should be
// shown before there are more.
func (g *gathered) sparse() bool { return g.fields.Sparse(gatherPlaces) }

// take hands out what was gathered as one batch; nil when it is nothing. Rows
// of several datasets get the name of theirs as a field, if it is wanted.
func (g *gathered) take(names bool) *row.Batch {
	all := *g
	*g = gathered{}
	switch len(all.pages) {
	case 0:
		return nil
	case 1:
		return all.pages[0].page.Pick(all.pages[0].rows)
	}
	batches := make([]*row.Batch, len(all.pages))
	mixed := false
	for i, p := range all.pages {
		batches[i] = p.page.Pick(p.rows)
		mixed = mixed || p.page.Dataset != all.pages[0].page.Dataset
	}
	first := make([]uint32, len(batches)) // place of the next row of each page
	at := uint32(0)
	for i, b := range batches {
		if mixed && names {
			batches[i] = b.With(row.ConstColumn(row.FieldDataset, row.TextOf(b.Dataset)))
		}
		first[i] = at
		at += uint32(b.Len)
	}
	rows := make([]uint32, len(all.order))
	for k, page := range all.order {
		rows[k] = first[page]
		first[page]++
	}
	out := colfile.Concat(batches...).Pick(rows)
	if mixed {
		out.Dataset = ""
	}
	return out
}
