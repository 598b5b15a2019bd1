package colfile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Verify reads a part whole: every byte lies under a checksum that matches,
// nothing lies between, all values decode, and every group holds what the
// footer says of it. The error names the first thing that is wrong.
func Verify(p *Part) error {
	v := verifier{part: p}
	if err := v.collect(); err != nil {
		return err
	}
	if err := v.stretches(); err != nil {
		return err
	}
	for i := range p.Groups() {
		if err := v.group(i); err != nil {
			return err
		}
	}
	return nil
}

type verifier struct {
	part   *Part
	blocks []block
	cells  []*index
}

// collect lists every block of the part.
func (v *verifier) collect() error {
	f, err := v.part.footer()
	if err != nil {
		return err
	}
	v.add(v.part.foot)
	for i := range f.fields {
		for _, d := range [...]dictEntry{f.fields[i].texts, f.fields[i].shapes, f.fields[i].nums} {
			v.add(d.blocks...)
			v.add(d.rows)
		}
		x, err := v.part.indexOf(f, f.fields[i].name)
		if err != nil {
			return err
		}
		if x != nil {
			v.add(x.entry.cells)
			v.cells = append(v.cells, x)
		}
	}
	for i, g := range f.groups {
		v.add(g.header)
		group, err := v.part.Group(i)
		if err != nil {
			return err
		}
		for _, m := range group.header.masks {
			v.add(m.table)
			v.add(m.pages.pages...)
		}
		for _, c := range group.header.chunks {
			v.add(c.list, c.table, c.usual)
			v.add(c.pages.pages...)
			v.add(c.fills.pages...)
		}
	}
	return nil
}

func (v *verifier) add(blocks ...block) {
	for _, b := range blocks {
		if b.stored > 0 {
			v.blocks = append(v.blocks, b)
		}
	}
}

// stretches checks that blocks and cells fill the file without a gap, and
// each checksum.
func (v *verifier) stretches() error {
	type stretch struct {
		off, end int64
		check    func() error
	}
	var all []stretch
	for _, b := range v.blocks {
		all = append(all, stretch{b.off, b.end(), func() error { _, err := v.part.load(b); return err }})
	}
	for _, x := range v.cells {
		for i, end := range x.ends {
			all = append(all, stretch{x.begin(i), end, func() error { _, err := x.cell(i, true); return err }})
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.off, b.off) })
	at := int64(len(magic))
	for _, s := range all {
		if s.off != at {
			return v.part.corrupt("bytes %d to %d belong to nothing", at, s.off)
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("part %s: verify: %w", v.part.name, err)
		}
		at = s.end
	}
	if at != v.part.size-int64(trailerBytes) {
		return v.part.corrupt("bytes %d to %d belong to nothing", at, v.part.size-int64(trailerBytes))
	}
	return nil
}

// group decodes all columns and holds them against the directory.
func (v *verifier) group(i int) error {
	g, err := v.part.Group(i)
	if err != nil {
		return err
	}
	for k := range g.header.chunks {
		c := &g.header.chunks[k]
		d, err := g.decoder(c, nil, nil, nil)
		if err != nil {
			return err
		}
		col := row.Column{Name: g.nameOf(c)}
		if err := d.column(&col); err != nil {
			return err
		}
		present := col.Present(g.Rows)
		if n := present.Count(); n != c.present {
			return v.part.corrupt("group %d: field %q: %d rows have a value, not %d", i, col.Name, n, c.present)
		}
		if err := v.found(g, c, &col, present); err != nil {
			return err
		}
	}
	return v.order(g)
}

// found checks that the index knows every value.
func (v *verifier) found(g *Group, c *chunk, col *row.Column, present row.Bitmap) error {
	if !c.indexed {
		return nil
	}
	texts := make([]string, 0, c.present)
	for i := range present.Rows {
		texts = append(texts, string(col.AppendText(nil, i)))
	}
	at, err := v.part.Locate(col.Name, NewWanted(texts), nil)
	if err != nil {
		return err
	}
	if n := len(at.in(g.index)); n < len(texts) {
		return v.part.corrupt("group %d: the index of %q denies %d rows", g.index, col.Name, len(texts)-n)
	}
	return nil
}

// order checks the order of rows, and the span of the group.
func (v *verifier) order(g *Group) error {
	b, err := g.Batch([]string{row.FieldTime, row.FieldSeq}, nil, nil)
	if err != nil {
		return err
	}
	span, err := spanOf(b)
	if err != nil {
		return v.part.corrupt("group %d: %v", g.index, err)
	}
	if span != g.Span {
		return v.part.corrupt("group %d spans %+v, not %+v", g.index, span, g.Span)
	}
	return nil
}
