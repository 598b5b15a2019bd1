package colfile

import (
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// ShapesInto is ColumnInto without what fills the shapes: for whoever groups by
// them. The texts of the column are not to be asked for. The group must keep the
// field as shapes; see Facts.
func (g *Group) ShapesInto(dst *row.Column, field string, rows row.Bitmap, use *Usage) error {
	c := g.chunk(field)
	if c == nil || c.form != formShape {
		return fault.New(fault.Invalid, "part %s: group %d: the field %q is not kept as shapes", g.part.name, g.index, field)
	}
	d, err := g.decoder(c, rows, nil, use)
	if err != nil {
		return err
	}
	codes, err := d.localCodes(dst.Codes)
	if err != nil {
		return err
	}
	list, err := g.list(c)
	if err != nil {
		return err
	}
	e := g.entryOf(c)
	*dst = row.Column{Name: field, Kind: row.Shape, Nulls: d.noCode(nil, codes)}
	dst.Codes = ranked(codes, list, dst.Nulls)
	dst.Dict, err = g.part.dictionary(&e.shapes, e.name)
	return err
}
