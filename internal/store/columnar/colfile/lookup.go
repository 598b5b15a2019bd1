package colfile

import (
	"fmt"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// dictionary reads a dictionary whole, once while it stays in the cache; nil
// when it is empty.
func (p *Part) dictionary(d *dictEntry, name string) (*row.Dictionary, error) {
	if d.count == 0 {
		return nil, nil
	}
	return cached(p, d.blocks[0].off, whatDictionary, func() (*row.Dictionary, int64, error) {
		var all row.SortedTexts
		all.Grow(min(d.count, len(d.blocks)*dictionaryBlock), 0)
		for i := range d.blocks {
			if err := p.readTexts(&all, d, i, name); err != nil {
				return nil, 0, err
			}
		}
		dict := all.Dictionary()
		return dict, int64(dict.MemBytes()), nil
	})
}

// readTexts reads one block of a dictionary behind those before it.
func (p *Part) readTexts(into *row.SortedTexts, d *dictEntry, i int, name string) error {
	data, err := p.load(d.blocks[i])
	if err == nil {
		err = readSorted(into, data, min(dictionaryBlock, d.count-i*dictionaryBlock))
	}
	if err != nil {
		return fmt.Errorf("part %s: read the dictionary of %q: block %d: %w", p.name, name, i, err)
	}
	return nil
}

// blockOf is one block of a dictionary, as a dictionary of its own.
func (p *Part) blockOf(d *dictEntry, i int, name string) (*row.Dictionary, error) {
	return cached(p, d.blocks[i].off, whatTexts, func() (*row.Dictionary, int64, error) {
		var texts row.SortedTexts
		if err := p.readTexts(&texts, d, i, name); err != nil {
			return nil, 0, err
		}
		dict := texts.Dictionary()
		return dict, int64(dict.MemBytes()), nil
	})
}

// A few rows do not need a dictionary of a hundred thousand texts: they come
// out as plain texts, read from the blocks that hold them.
const (
	fewRows    = 64
	manyBlocks = 4 // below, the whole is read as fast
)

// few makes out the texts of a few ranks, and reports whether it did.
func (d *decoder) few(out *row.Column, ranks []uint32, e *fieldEntry) (bool, error) {
	p, t := d.g.part, &e.texts
	if len(ranks) > fewRows || len(t.blocks) < manyBlocks || p.cache.has(place{p, t.blocks[0].off, whatDictionary}) {
		return false, nil
	}
	blocks := make([]int, 0, len(ranks))
	for i, r := range ranks {
		if !out.Nulls.Has(i) {
			blocks = append(blocks, int(r)/dictionaryBlock)
		}
	}
	slices.Sort(blocks)
	if blocks = slices.Compact(blocks); 2*len(blocks) > len(t.blocks) {
		return false, nil
	}
	out.Kind, out.Codes = row.Text, ranks[:0]
	out.Offs = append(out.Offs, 0)
	for i, r := range ranks {
		if !out.Nulls.Has(i) {
			texts, err := p.blockOf(t, int(r)/dictionaryBlock, e.name)
			if err != nil {
				return false, err
			}
			out.Bytes = append(out.Bytes, texts.At(r%dictionaryBlock)...)
		}
		out.Offs = append(out.Offs, uint32(len(out.Bytes)))
	}
	return true, nil
}

// ahead reads the pages of a chunk at once, where all are wanted and the first
// is not in the cache: one read of the file instead of one a page. What is
// wrong with a page is said when the page is read for itself.
func (d *decoder) ahead(s *stream) error {
	p := d.g.part
	if d.want != nil || len(s.pages) < 2 || p.cache.maxBytes == 0 {
		return nil
	}
	first, last := s.pages[0], s.pages[len(s.pages)-1]
	form := d.formOf(s)
	if p.cache.has(place{p, first.off, form}) {
		return nil
	}
	if first.off < 0 || last.end() > p.size || last.end()-first.off > aheadBytes {
		return nil
	}
	run := make([]byte, last.end()-first.off)
	if _, err := p.file.ReadAt(run, first.off); err != nil {
		return fmt.Errorf("part %s: group %d: read field %q: %w", p.name, d.g.index, d.g.nameOf(d.c), err)
	}
	for i, b := range s.pages {
		stored := slices.Clone(run[b.off-first.off : b.end()-first.off]) // so that each can leave the cache for itself
		if !b.checks(stored) {
			continue
		}
		data, err := p.cache.decode(stored, b)
		if err == nil {
			data, err = d.unfolded(s, i, data)
		}
		if err != nil {
			if fault.Is(err, fault.Corrupt) {
				continue
			}
			return err
		}
		if b.stored > 0 {
			p.cache.keep(place{p, b.off, form}, data, int64(len(data)))
		}
	}
	return nil
}

// aheadBytes bounds what is read at once.
const aheadBytes = 4 << 20
