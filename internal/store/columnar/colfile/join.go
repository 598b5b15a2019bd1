package colfile

import (
	"fmt"
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
	signs signs
}

// signs are those at which texts were cut, as far as their templates show.
type signs [256]bool

// template is what stands between the pieces of texts: before each and behind the last.
type template struct {
	between []string
	first   int // its first hole, among those of all templates
}

// parts reports whether some text cannot lie within piece i of a template, for a text is cut
// at a sign in it. Between quotes and brackets there may be any.
func (f *templates) parts(t *template, i int, text string) bool {
	if before := t.between[i]; before != "" && closing[before[len(before)-1]] != 0 {
		return false
	}
	for k := range len(text) {
		if f.signs[text[k]] {
			return true
		}
	}
	return false
}

// pieces is how many a text of this template has.
func (f *template) pieces() int { return len(f.between) - 1 }

// templatesOf are the templates of a chunk of pieces.
func (g *Group) templatesOf(c *chunk) (*templates, error) {
	in := g.inner(templatesOf(g.nameOf(c)))
	if in == nil {
		return nil, g.part.corrupt("group %d: no templates of %q", g.index, g.nameOf(c))
	}
	f := &templates{place: map[string]int{}}
	switch {
	case in.form == formConst && in.value.Kind == row.Text:
		if err := g.addTemplate(f, c, in.value.Str()); err != nil {
			return nil, err
		}
		f.findSigns()
		return f, nil
	case in.kind != row.Dict:
		return nil, g.part.corrupt("group %d: templates of %q that are no texts", g.index, g.nameOf(c))
	}
	col, err := g.distinct(in)
	if err != nil {
		return nil, err
	}
	for i := range in.count {
		if err := g.addTemplate(f, c, col.Value(i).Str()); err != nil {
			return nil, err
		}
	}
	f.findSigns()
	return f, nil
}

// findSigns finds out at which signs texts were cut. The names of parameters, which hold
// any sign but theirs, stand only in templates that have these.
func (f *templates) findSigns() {
	var seen [256]bool
	for i := range f.list {
		for _, between := range f.list[i].between {
			for _, c := range []byte(between) {
				seen[c] = true
			}
		}
	}
	if params := &parting[atParams]; seen['?'] || seen['&'] || seen['='] {
		f.signs = *params
		return
	}
	for c := range seen {
		f.signs[c] = seen[c] && (parting[atQuotes][c] || parting[atSlashes][c])
	}
}

// addTemplate adds a template that is no longer, and has no more holes, than the writer
// makes.
func (g *Group) addTemplate(f *templates, c *chunk, text string) error {
	if len(text) > mostTemplate || f.holes+holesOf(text) > mostHoles+1 {
		return g.part.corrupt("group %d: a template of %q with %d bytes and %d holes", g.index, g.nameOf(c), len(text), holesOf(text))
	}
	f.add(text)
	return nil
}

func (f *templates) add(text string) {
	f.place[text] = len(f.list)
	one := template{strings.Split(text, wholeTemplate), f.holes}
	f.list = append(f.list, one)
	f.holes += one.pieces()
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
func (f *templates) of(cut *row.Column, rows int, nulls row.Bitmap) ([]int16, error) {
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
			place, ok := f.place[cut.Dict.At(code)]
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
