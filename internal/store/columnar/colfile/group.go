package colfile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// Group is a row group of a part. Its rows are in the order of (_time, _seq).
// Any number of goroutines may use it.
type Group struct {
	Span
	part   *Part
	index  int
	header *groupHeader
	footer *footer
}

// Span is what is known of a group without reading it.
type Span struct {
	Rows             int
	MinTime, MaxTime int64 // nanoseconds since the Unix epoch
	MinSeq, MaxSeq   uint64
}

// compare orders groups by the time they begin.
func (s Span) compare(o Span) int {
	return cmp.Or(cmp.Compare(s.MinTime, o.MinTime), cmp.Compare(s.MinSeq, o.MinSeq))
}

// Usage counts what was read for a question; a nil Usage counts nothing.
type Usage struct {
	Columns int64 // columns of row groups decoded
	Pages   int64 // pages decoded
	Bytes   int64 // bytes of them, as they lie in the file
	Probes  int64 // ids looked up in indices
}

// Spans are the groups of the part, by the time they begin. Neighbours may
// share some of their time.
func (p *Part) Spans() ([]Span, error) {
	f, err := p.footer()
	if err != nil {
		return nil, err
	}
	spans := make([]Span, len(f.groups))
	for i, g := range f.groups {
		spans[i] = g.Span
	}
	return spans, nil
}

// Group opens group i, 0 being the oldest: it reads the directory of the group.
func (p *Part) Group(i int) (*Group, error) {
	f, err := p.footer()
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(f.groups) {
		return nil, fault.New(fault.Invalid, "part %s has no group %d", p.name, i)
	}
	e := f.groups[i]
	h, err := cached(p, e.header.off, whatGroup, func() (*groupHeader, int64, error) {
		data, err := p.load(e.header)
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: read the directory of group %d: %w", p.name, i, err)
		}
		h, err := readHeader(data, e.Rows, f.fields)
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: read the directory of group %d: %w", p.name, i, err)
		}
		return h, int64(len(data)) * 8, nil
	})
	if err != nil {
		return nil, err
	}
	return &Group{Span: e.Span, part: p, index: i, header: h, footer: f}, nil
}

// chunks are the chunks of a field: none when no row of the group has it, and
// several when it holds values of several kinds.
func (g *Group) chunks(name string) []chunk {
	id, ok := g.footer.byName[name]
	if !ok {
		return nil
	}
	return g.chunksOf(id)
}

// inner is the chunk of a field that holds pieces; nil when there is none.
func (g *Group) inner(name string) *chunk {
	id, ok := g.footer.inner[name]
	if !ok {
		return nil
	}
	if list := g.chunksOf(id); len(list) == 1 {
		return &list[0]
	}
	return nil
}

func (g *Group) chunksOf(id int) []chunk {
	all := g.header.chunks
	from, _ := slices.BinarySearchFunc(all, id, func(c chunk, id int) int { return c.field - id })
	to := from
	for to < len(all) && all[to].field == id {
		to++
	}
	return all[from:to]
}

// chunk is the only chunk of a field; nil when there are none or several.
func (g *Group) chunk(name string) *chunk {
	if list := g.chunks(name); len(list) == 1 {
		return &list[0]
	}
	return nil
}

// Fields are the names of the fields that rows of the group have.
func (g *Group) Fields() []string {
	names := make([]string, 0, len(g.header.chunks))
	for i := range g.header.chunks {
		c := &g.header.chunks[i]
		if name := g.nameOf(c); !isInner(name) && (i == 0 || c.field != g.header.chunks[i-1].field) {
			names = append(names, name)
		}
	}
	return names
}

func (g *Group) entryOf(c *chunk) *fieldEntry { return &g.footer.fields[c.field] }

// nameOf is the name of a chunk's field; that of a piece is for this room alone.
func (g *Group) nameOf(c *chunk) string { return g.entryOf(c).name }

// Column decodes a field for the rows of a set, in their order; nil stands for
// all rows. Only pages that hold such rows are read. Without any row that has
// the field the column is Missing. A damaged page is an error of kind Corrupt
// that names part, group, field and page; an error of the file is as it came.
func (g *Group) Column(name string, rows row.Bitmap, use *Usage) (row.Column, error) {
	var out row.Column
	err := g.ColumnInto(&out, name, rows, use)
	return out, err
}

// ColumnInto is Column in the memory of an older column that nobody else holds:
// a scan that decodes group after group then allocates nothing. dst means
// nothing after an error.
func (g *Group) ColumnInto(dst *row.Column, name string, rows row.Bitmap, use *Usage) error {
	return g.columnInto(dst, name, rows, nil, use)
}

// columnInto is ColumnInto; few, unless it is nil, lists the rows.
func (g *Group) columnInto(dst *row.Column, name string, rows row.Bitmap, few *picked, use *Usage) error {
	*dst = row.Column{
		Name: name, Codes: dst.Codes[:0], Nums: dst.Nums[:0], Digits: dst.Digits[:0], Floats: dst.Floats[:0],
		Offs: dst.Offs[:0], Bytes: dst.Bytes[:0], Values: dst.Values[:0], Bits: dst.Bits[:0], Nulls: dst.Nulls[:0],
	}
	chunks := g.chunks(name)
	switch len(chunks) {
	case 0:
		dst.Nulls = nil
		return nil
	case 1:
		d, err := g.decoder(&chunks[0], rows, few, use)
		if err != nil {
			return err
		}
		return d.column(dst)
	}
	return g.together(dst, chunks, rows, use)
}

// CodesInto is ColumnInto for a field that the group keeps as codes of texts (Facts
// call it a Dict): the codes of the column stand for places in its dictionary, which
// are appended to places, and mostly are far fewer than the rows. Rows without a value
// have a code too, whose place is row.None. Where another field decides, the codes are
// those of that field.
func (g *Group) CodesInto(dst *row.Column, places []uint32, name string, rows row.Bitmap, use *Usage) ([]uint32, error) {
	c := g.chunk(name)
	if c == nil || c.kind != row.Dict {
		return nil, fault.New(fault.Invalid, "field %q of group %d of part %s is not kept as codes of texts", name, g.index, g.part.name)
	}
	d, err := g.decoder(c, rows, nil, use)
	if err != nil {
		return nil, err
	}
	*dst = row.Column{Name: name, Kind: row.Dict, Codes: dst.Codes}
	return d.placed(dst, places)
}

// decoder is one for a chunk and a set of rows; few, unless it is nil, lists them.
func (g *Group) decoder(c *chunk, rows row.Bitmap, few *picked, use *Usage) (*decoder, error) {
	d := &decoder{g: g, c: c, use: use, want: rows, picked: few, rows: g.Rows}
	switch {
	case few != nil:
		d.rows = few.rows
	case rows != nil && len(rows) != (g.Rows+63)/64:
		return nil, fault.New(fault.Invalid, "a set of %d words for a group of %d rows", len(rows), g.Rows)
	case rows != nil:
		d.rows = rows.Count()
	}
	if use != nil {
		use.Columns++
	}
	return d, nil
}

// Batch decodes fields for the rows of a set; nil stands for all rows, and no
// names for all fields of the group.
func (g *Group) Batch(names []string, rows row.Bitmap, use *Usage) (*row.Batch, error) {
	b := &row.Batch{}
	if err := g.BatchInto(b, names, rows, use); err != nil {
		return nil, err
	}
	return b, nil
}

// BatchInto is Batch in the memory of an older batch that nobody else holds,
// nor any column of it. Columns that are known of these rows are not decoded again
// and become those of dst, which means nothing after an error.
func (g *Group) BatchInto(dst *row.Batch, names []string, rows row.Bitmap, use *Usage, known ...row.Column) error {
	if names == nil {
		names = g.Fields()
	}
	*dst = row.Batch{Dataset: g.footer.dataset, Len: g.Rows, Cols: slices.Grow(dst.Cols[:0], len(names))}
	if rows != nil {
		dst.Len = rows.Count()
	}
	few := pickedOf(rows, g.Rows)
	for _, name := range names {
		if k := (&row.Batch{Cols: known}).Find(name); k != nil {
			dst.Cols = append(dst.Cols, *k)
			continue
		}
		n := len(dst.Cols)
		dst.Cols = dst.Cols[:n+1]
		if err := g.columnInto(&dst.Cols[n], name, rows, few, use); err != nil {
			return err
		}
		if dst.Cols[n].Kind == row.Missing {
			dst.Cols = dst.Cols[:n]
		}
	}
	return nil
}

// maskOf is the set of rows that have a value; nil when all have.
func (g *Group) maskOf(c *chunk, use *Usage) (row.Bitmap, error) {
	if c.mask == 0 {
		return nil, nil
	}
	m := &g.header.masks[c.mask-1]
	at := m.table.off
	if m.base < 0 {
		at = m.pages.pages[0].off
	}
	return cached(g.part, at, whatMask, func() (row.Bitmap, int64, error) {
		set, err := g.readMask(m, use)
		if err == nil && set.Count() != m.rows {
			err = fault.New(fault.Corrupt, "%d rows where there should be %d", set.Count(), m.rows)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: group %d: read the rows that have %q: %w", g.part.name, g.index, g.nameOf(c), err)
		}
		return set, int64(8 * len(set)), nil
	})
}

func (g *Group) readMask(m *mask, use *Usage) (row.Bitmap, error) {
	if m.base >= 0 {
		return g.mappedMask(m, use)
	}
	set := make(row.Bitmap, 0, (g.Rows+63)/64)
	for p, b := range m.pages.pages {
		data, err := g.part.load(b)
		if err != nil {
			return nil, err
		}
		part, ok := readBits(data, min(PageRows, g.Rows-p*PageRows))
		if !ok {
			return nil, fault.New(fault.Corrupt, "page %d does not hold a bit for each row", p)
		}
		set = append(set, part...)
	}
	return set, nil
}

func (g *Group) mappedMask(m *mask, use *Usage) (row.Bitmap, error) {
	by := &g.header.chunks[m.base]
	data, err := g.part.load(m.table)
	if err != nil {
		return nil, err
	}
	in, ok := readBits(data, by.count+1)
	if !ok {
		return nil, fault.New(fault.Corrupt, "a map of %d bytes for %d values", len(data), by.count)
	}
	d := &decoder{g: g, c: by, use: use, rows: g.Rows}
	codes, err := d.localCodes(nil)
	if err != nil {
		return nil, err
	}
	set := row.NewBitmap(g.Rows)
	for i, c := range codes {
		if in.Has(int(c)) {
			set.Set(i)
		}
	}
	return set, nil
}

// readBits reads a set of n bits; those after the last are zero.
func readBits(data []byte, n int) (row.Bitmap, bool) {
	if len(data) != (n+7)/8 {
		return nil, false
	}
	set := row.NewBitmap(n)
	for i, b := range data {
		set[i/8] |= uint64(b) << (i % 8 * 8)
	}
	return set, n%64 == 0 || set[len(set)-1]>>(n%64) == 0
}

// list is the values of a chunk as ranks in the dictionary of the part; nil
// when they are all of it.
func (g *Group) list(c *chunk) ([]uint32, error) {
	if c.list.stored == 0 {
		return nil, nil
	}
	return cached(g.part, c.list.off, whatList, func() ([]uint32, int64, error) {
		data, err := g.part.load(c.list)
		var ranks []uint32
		if err == nil {
			ranks, err = readList(data, c.count, g.entryOf(c).entries(c.kind))
		}
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: group %d: read the values of %q: %w", g.part.name, g.index, g.nameOf(c), err)
		}
		return ranks, int64(4 * len(ranks)), nil
	})
}

func readList(data []byte, count, entries int) ([]uint32, error) {
	r := frame.NewCursor(data)
	nums := readNumbers(make([]int64, 0, count), r, count, nil)
	if err := r.End(); err != nil {
		return nil, err
	}
	ranks := make([]uint32, count)
	last := int64(-1)
	for i, n := range nums {
		if n <= last || n >= int64(entries) {
			return nil, fault.New(fault.Corrupt, "rank %d of %d is out of order or out of the dictionary", n, entries)
		}
		ranks[i], last = uint32(n), n
	}
	return ranks, nil
}
