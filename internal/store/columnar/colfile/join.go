package colfile

import (
	"math"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// templates are those of a chunk of pieces, as its group has them.
type templates struct {
	list  []template
	place map[string]int
	holes int
}

// template is what stands between the pieces of texts: before each and behind the last.
type template struct {
	between []string
	first   int // its first hole, among those of all templates
}

// pieces is how many a text of this template has.
func (f *template) pieces() int { return len(f.between) - 1 }

// templatesOf are the templates of a chunk of pieces.
func (g *Group) templatesOf(c *chunk) (*templates, error) {
	name := templatesOf(g.nameOf(c))
	in := g.chunk(name)
	if in == nil {
		return nil, g.part.corrupt("group %d: no templates of %q", g.index, g.nameOf(c))
	}
	f := &templates{place: map[string]int{}}
	switch {
	case in.form == formConst && in.value.Kind == row.Text:
		f.add(in.value.Str())
		return f, nil
	case in.kind != row.Dict:
		return nil, g.part.corrupt("group %d: templates of %q that are no texts", g.index, g.nameOf(c))
	}
	col, err := g.distinct(in)
	if err != nil {
		return nil, err
	}
	for i := range in.count {
		f.add(col.Value(i).Str())
	}
	return f, nil
}

func (f *templates) add(text string) {
	f.place[text] = len(f.list)
	one := template{strings.Split(text, wholeTemplate), f.holes}
	f.list = append(f.list, one)
	f.holes += one.pieces()
}

// joiner puts texts together again.
type joiner struct {
	*templates
	cut    row.Column // templates, of the rows asked for
	codes  []int      // by code of cut: place among the templates, and one; 0: not looked up
	pieces []row.Column
}

// pieces decodes texts that are in pieces.
func (d *decoder) pieces(out *row.Column) error {
	field := d.g.nameOf(d.c)
	all, err := d.g.templatesOf(d.c)
	if err != nil {
		return err
	}
	j := &joiner{templates: all, pieces: make([]row.Column, all.holes)}
	if err := d.g.columnInto(&j.cut, templatesOf(field), d.want, d.picked, d.use); err != nil {
		return err
	}
	if j.cut.Kind == row.Dict {
		j.codes = make([]int, j.cut.Dict.Len())
	}
	read := make([]bool, len(all.list))
	for i := range d.rows {
		if out.Nulls.Has(i) {
			continue
		}
		f, ok := j.templateOf(i)
		if !ok {
			return d.g.part.corrupt("group %d: field %q: a text without a template", d.g.index, field)
		}
		if read[f] {
			continue
		}
		read[f] = true
		one := &all.list[f]
		for h := one.first; h < one.first+one.pieces(); h++ {
			if err := d.g.columnInto(&j.pieces[h], holeField(field, h), d.want, d.picked, d.use); err != nil {
				return err
			}
		}
	}
	out.Offs = append(slices.Grow(out.Offs, d.rows+1), 0)
	for i := range d.rows {
		if out.Nulls.Has(i) {
			continue
		}
		var ok bool
		if out.Bytes, ok = j.append(out.Bytes, i); !ok {
			return d.g.part.corrupt("group %d: field %q: a text without one of its pieces", d.g.index, field)
		}
		if uint64(len(out.Bytes)) > math.MaxUint32 {
			return fault.New(fault.Invalid, "more than 4 GiB of text in one row group")
		}
		out.Offs = append(out.Offs, uint32(len(out.Bytes)))
	}
	return nil
}

// templateOf is the place of a row's template among all; false when it has none.
func (j *joiner) templateOf(i int) (int, bool) {
	if !j.cut.Has(i) {
		return 0, false
	}
	if j.cut.Kind == row.Const {
		return 0, true
	}
	code := j.cut.Codes[i]
	if j.codes[code] == 0 {
		f, ok := j.place[j.cut.Dict.At(code)]
		if !ok {
			return 0, false
		}
		j.codes[code] = f + 1
	}
	return j.codes[code] - 1, true
}

// append appends the text of a row; false when a piece of it is missing.
func (j *joiner) append(dst []byte, i int) ([]byte, bool) {
	f, _ := j.templateOf(i)
	one := &j.list[f]
	last := one.pieces()
	for h, between := range one.between[:last] {
		c := &j.pieces[one.first+h]
		if !c.Has(i) {
			return dst, false
		}
		dst = c.AppendText(append(dst, between...), i)
	}
	return append(dst, one.between[last]...), true
}
