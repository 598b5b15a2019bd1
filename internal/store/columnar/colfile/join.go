package colfile

import (
	"fmt"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// templatesOf are the templates of a chunk of pieces.
func (g *Group) templatesOf(c *chunk) (*templates, error) {
	corrupt := func(what string) (*templates, error) {
		return nil, g.part.corrupt("group %d: field %q: %s", g.index, g.nameOf(c), what)
	}
	in := g.inner(templatesOf(g.nameOf(c)))
	var texts []string
	switch {
	case in == nil:
		return corrupt("no templates")
	case in.form == formConst && in.value.Kind == row.Text:
		texts = append(texts, in.value.Str())
	case in.kind != row.Dict || in.count > mostTemplates:
		return corrupt("templates that are none")
	default:
		col, err := g.distinct(in)
		if err != nil {
			return nil, err
		}
		for i := range in.count {
			texts = append(texts, col.Value(i).Str())
		}
	}
	holes := 0
	for _, text := range texts {
		if holes += holesOf(text); len(text) > mostTemplate || holes > mostHoles+1 {
			return corrupt("templates longer than any")
		}
	}
	return newTemplates(texts), nil
}

// noTemplate is that of rows without a text.
const noTemplate = -1

// pieces decodes texts that are in pieces.
func (d *decoder) pieces(out *row.Column) error {
	field := d.g.nameOf(d.c)
	all, err := d.g.templatesOf(d.c)
	if err != nil {
		return err
	}
	var cut row.Column
	in, err := d.g.decoder(d.g.inner(templatesOf(field)), d.want, d.picked, d.use)
	if err != nil {
		return err
	}
	if err := in.column(&cut); err != nil {
		return err
	}
	of, err := all.of(&cut, d.rows, out.Nulls)
	if err == nil {
		err = d.join(out, field, all, of)
	}
	if fault.Is(err, fault.Corrupt) {
		err = fmt.Errorf("part %s: group %d: field %q: %w", d.g.part.name, d.g.index, field, err)
	}
	return err
}

// of are the places of the templates of rows, but for those without a text.
func (t *templates) of(cut *row.Column, rows int, nulls row.Bitmap) ([]int16, error) {
	of := make([]int16, rows)
	var places []int16 // by code, and one; 0: not looked up
	if cut.Kind == row.Dict {
		places = make([]int16, cut.Dict.Len())
	}
	for i := range of {
		switch {
		case nulls.Has(i):
			of[i] = noTemplate
			continue
		case !cut.Has(i):
			return nil, errNoTemplate
		case places == nil: // there is only one
			continue
		}
		code := cut.Codes[i]
		if places[code] == 0 {
			place, ok := t.place[cut.Dict.At(code)]
			if !ok {
				return nil, errNoTemplate
			}
			places[code] = int16(place) + 1
		}
		of[i] = places[code] - 1
	}
	return of, nil
}

var (
	errNoTemplate = fault.New(fault.Corrupt, "a text without a template")
	errNoPiece    = fault.New(fault.Corrupt, "a text without one of its pieces")
)

// join puts together the texts of rows with these templates, side by side.
func (d *decoder) join(out *row.Column, field string, all *templates, of []int16) error {
	joins := make([]*joining, len(all.list))
	rows := make([]int, len(all.list))
	for _, t := range of {
		if t != noTemplate {
			rows[t]++
		}
	}
	out.Offs = append(slices.Grow(out.Offs, len(of)+1), 0)
	for i, t := range of {
		if t == noTemplate {
			continue
		}
		j := joins[t]
		if j == nil {
			var err error
			if j, err = d.joining(field, &all.list[t], rows[t]); err != nil {
				return err
			}
			joins[t] = j
		}
		var ok bool
		if out.Bytes, ok = j.append(out.Bytes, i); !ok {
			return errNoPiece
		}
		if uint64(len(out.Bytes)) > math.MaxUint32 {
			return fault.New(fault.Invalid, "more than 4 GiB of text in one row group")
		}
		if out.Offs = append(out.Offs, uint32(len(out.Bytes))); i == grownAfter {
			out.Bytes = slices.Grow(out.Bytes, len(out.Bytes)/i*len(of)*5/4)
		}
	}
	return nil
}

// grownAfter so many rows there is room for all, if they are alike.
const grownAfter = 1024

// joining puts the texts of one template together.
type joining struct {
	steps []joinStep
	last  string // what stands behind the last
	next  int    // how many texts came before
}

// joinStep is a piece and what stands before it.
type joinStep struct {
	before string
	piece  row.Column
	near   bool // values stand side by side, for the texts of this template
}

// joining readies the pieces of a template that so many rows have. Pieces that are all
// the same become part of what stands between.
func (d *decoder) joining(field string, t *template, rows int) (*joining, error) {
	j := &joining{last: t.between[0]}
	for h, between := range t.between[1:] {
		c := d.g.inner(holeField(field, t.first+h))
		if c == nil {
			return nil, errNoPiece
		}
		if c.form == formConst {
			j.last += string(c.value.AppendText(nil)) + between
			continue
		}
		in, err := d.g.decoder(c, d.want, d.picked, d.use)
		if err != nil {
			return nil, err
		}
		in.near = true
		step := joinStep{before: j.last, near: c.form != formMapped}
		if err := in.column(&step.piece); err != nil {
			return nil, err
		}
		if step.near {
			if step.piece.Nulls = nil; in.has() != rows {
				return nil, errNoPiece
			}
		}
		j.steps, j.last = append(j.steps, step), between
	}
	return j, nil
}

// has is how many of the rows asked for have a value, once the chunk is decoded.
func (d *decoder) has() int {
	switch {
	case d.set == nil:
		return d.rows
	case d.want == nil:
		return d.set.Count()
	}
	both := d.want.Clone()
	both.And(d.set)
	return both.Count()
}

// append appends the text of row i, which is the next of this template; false when one of
// its pieces is missing.
func (j *joining) append(dst []byte, i int) ([]byte, bool) {
	for k := range j.steps {
		s := &j.steps[k]
		at := i
		if s.near {
			at = j.next
		} else if !s.piece.Has(i) {
			return dst, false
		}
		dst = s.piece.AppendText(append(dst, s.before...), at)
	}
	j.next++
	return append(dst, j.last...), true
}
