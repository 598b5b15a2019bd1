package colfile

import (
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Most groups are copied by a merge as they lie: pages, masks and maps, each
// checked on the way. Only the directory of a group is written anew, and its
// lists, for they hold ranks in the dictionaries of the part. Its ids go from one
// index to the other.

// copier copies groups into a part.
type copier struct{ w *Writer }

// copy copies a group.
func (k *copier) copy(g *Group) error {
	w := k.w
	if w.err != nil {
		return w.err
	}
	if w.err = k.group(g); w.err != nil {
		w.err = fmt.Errorf("copy group %d of part %s: %w", g.index, g.part.name, w.err)
		return w.err
	}
	w.meta.add(w.groups[len(w.groups)-1].entry)
	return nil
}

func (k *copier) group(g *Group) error {
	places := make([]int, len(g.header.chunks)) // old place → new one
	order := make([]int, len(places))
	ids := make([]int, len(places))
	for i := range order {
		order[i] = i
		ids[i] = k.w.book(g.nameOf(&g.header.chunks[i])).id
	}
	slices.SortStableFunc(order, func(a, b int) int { return ids[a] - ids[b] })
	for place, i := range order {
		places[i] = place
	}
	var h groupHeader
	for _, m := range g.header.masks {
		if err := k.mask(g, &m, places); err != nil {
			return err
		}
		h.masks = append(h.masks, m)
	}
	counts := make([][]uint64, len(places))
	for _, i := range order {
		c := g.header.chunks[i]
		if err := k.chunk(g, i, &c, places, counts); err != nil {
			return err
		}
		h.chunks = append(h.chunks, c)
	}
	k.w.groups = append(k.w.groups, groupPlan{groupEntry{Span: g.Span}, h})
	moved := k.w.copied[g.part]
	if moved == nil {
		moved = make([]int, g.part.Groups())
		k.w.copied[g.part] = moved
	}
	moved[g.index] = len(k.w.groups)
	return nil
}

func (k *copier) mask(g *Group, m *mask, places []int) error {
	if m.base >= 0 {
		m.base = places[m.base]
	}
	return k.blocks(g, &m.table, m.pages.pages, &m.pages)
}

// blocks copies a block and a stream of pages; either may be none.
func (k *copier) blocks(g *Group, b *block, pages []block, to *stream) error {
	if b.stored > 0 {
		if err := k.block(g, b); err != nil {
			return err
		}
	}
	to.pages = slices.Clone(pages)
	for i := range to.pages {
		if err := k.block(g, &to.pages[i]); err != nil {
			return err
		}
	}
	return nil
}

func (k *copier) block(g *Group, b *block) error {
	stored, err := g.part.stored(k.w.tools.buf, *b)
	if err != nil {
		return err
	}
	k.w.tools.buf = stored
	*b, err = k.w.write(stored, b.size, b.coder)
	return err
}

// chunk copies chunk i of a group; c is its copy in the new directory.
func (k *copier) chunk(g *Group, i int, c *chunk, places []int, counts [][]uint64) error {
	book := k.w.book(g.nameOf(c))
	if c.form.coded() {
		rows, err := k.count(g, i, counts)
		if err != nil {
			return err
		}
		if err := k.values(g, c, book, rows); err != nil {
			return err
		}
	}
	c.list = block{}
	if c.form == formMapped {
		c.base = places[c.base]
	}
	if err := k.blocks(g, &c.table, c.pages.pages, &c.pages); err != nil {
		return err
	}
	if err := k.blocks(g, &c.usual, c.fills.pages, &c.fills); err != nil {
		return err
	}
	if !c.indexed {
		book.others++
	}
	c.field = book.id
	book.noteChunk(c)
	return nil
}

// values takes the values of a chunk into the book of the new part, and the rows
// that have each, where they are counted.
func (k *copier) values(g *Group, c *chunk, b *book, rows []uint64) error {
	if c.kind == row.Bool {
		b.countBools(rows)
		return nil
	}
	var err error
	if c.places, err = g.list(c); err != nil {
		return err
	}
	if c.kind == row.Int {
		r, err := b.nums.dictionary(g.part, func() ([]int64, error) { return g.part.numbers(g.entryOf(c)) })
		if err == nil {
			c.ranks = r.use(c.places, rows)
		}
		return err
	}
	r, err := b.lexiconOf(c.kind).dictionary(g.part, func() ([]string, error) {
		d, err := g.part.dictionary(g.dictOf(c), b.name)
		if err != nil {
			return nil, err
		}
		return d.Values(), nil
	})
	if err == nil {
		c.ranks = r.use(c.places, rows)
	}
	return err
}

// dictOf is the dictionary that the values of a chunk stand in.
func (g *Group) dictOf(c *chunk) *dictEntry {
	e := g.entryOf(c)
	switch c.kind {
	case row.Dict:
		return &e.texts
	case row.Int:
		return &e.nums
	}
	return &e.shapes
}

// count counts the rows of each value of chunk i, for the dictionaries that
// carry counts; nil for those too large to. A chunk that another decides is
// counted from the other's counts.
func (k *copier) count(g *Group, i int, counts [][]uint64) ([]uint64, error) {
	c := &g.header.chunks[i]
	if counts[i] != nil {
		return counts[i], nil
	}
	if g.part.Groups() == 1 { // what the part counted is of this group
		return g.counted(c)
	}
	if c.kind == row.Dict && g.entryOf(c).texts.count > mostCounted && c.form != formMapped && !k.decides(g, i) {
		return nil, nil
	}
	rows := make([]uint64, c.count+1)
	if c.form == formMapped && c.mask == g.header.chunks[c.base].mask {
		base, err := k.count(g, c.base, counts)
		if err != nil {
			return nil, err
		}
		d := &decoder{g: g, c: c}
		table, err := d.table(g.header.chunks[c.base].count + 1)
		if err != nil {
			return nil, err
		}
		for code, n := range base {
			rows[table[code]] += n
		}
	} else {
		d := &decoder{g: g, c: c, rows: g.Rows}
		codes, err := d.localCodes(nil)
		if err != nil {
			return nil, err
		}
		for _, code := range codes {
			rows[code]++
		}
	}
	counts[i] = rows[:c.count]
	return counts[i], nil
}

// counted are the rows of each value of a chunk of the only group of a part, as
// they stand beside the dictionary; nil when it is too large to be counted.
func (g *Group) counted(c *chunk) ([]uint64, error) {
	e := g.entryOf(c)
	if c.kind == row.Bool {
		return e.bools[:], nil
	}
	rows, err := g.part.rowCounts(g.dictOf(c), e.name)
	if err == nil && rows != nil && len(rows) != c.count {
		err = fault.New(fault.Corrupt, "%d counts for %d values of %q", len(rows), c.count, e.name)
	}
	return rows, err
}

// decides reports whether other chunks hang on chunk i.
func (k *copier) decides(g *Group, i int) bool {
	return slices.ContainsFunc(g.header.chunks, func(c chunk) bool { return c.form == formMapped && c.base == i })
}
