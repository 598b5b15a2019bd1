package colfile

import "github.com/plumbline/plumbline/internal/row"

// A field that holds values of several kinds in one group – a number from one
// service, a UUID from another – is kept as several chunks, one for each kind,
// with masks that share no row. Each has the form that suits its own values.

// apart splits a column of mixed kinds into one column for each kind; any other
// column is itself.
func (s *sheet) apart(c *row.Column) []*row.Column {
	if c.Kind != row.Mixed {
		return []*row.Column{c}
	}
	var kinds kindSet
	for i := range s.rows {
		kinds = kinds.with(keptAs(c.Value(i).Kind))
	}
	var out []*row.Column
	for k := row.Const; k < row.Mixed; k++ {
		if kinds&(1<<k) != 0 {
			out = append(out, s.ofKind(c, k))
		}
	}
	return out
}

// keptAs is the kind of column that holds a value; decimals hold integers.
func keptAs(kind row.Kind) row.Kind {
	if kind == row.Int {
		return row.Decimal
	}
	return kind
}

// ofKind is the column of those values of c that one kind holds.
func (s *sheet) ofKind(c *row.Column, kind row.Kind) *row.Column {
	out := &row.Column{Name: c.Name, Kind: kind, Nulls: s.room.bitmap(s.rows)}
	switch kind {
	case row.Text:
		out.Offs = append(s.room.codes.some(s.rows+1), 0)
	case row.Decimal:
		out.Nums, out.Digits = s.room.nums.some(s.rows), s.room.bytes.some(s.rows)
	case row.Time:
		out.Nums = s.room.nums.some(s.rows)
	case row.Float:
		out.Floats = s.room.floats.some(s.rows)
	case row.Bool:
		out.Bits = s.room.bitmap(s.rows)
	}
	whole := true // decimals without digits are integers
	for i := range s.rows {
		v := c.Value(i)
		has := keptAs(v.Kind) == kind
		if !has {
			out.Nulls.Set(i)
			v = row.Value{}
		}
		switch kind {
		case row.Text:
			out.Bytes = append(out.Bytes, v.Str()...)
			out.Offs = append(out.Offs, uint32(len(out.Bytes)))
		case row.Decimal:
			out.Nums, out.Digits = append(out.Nums, v.Nums()), append(out.Digits, v.Digits)
			whole = whole && v.Digits == 0
		case row.Time:
			out.Nums = append(out.Nums, v.Nums())
		case row.Float:
			f, _ := v.Float()
			out.Floats = append(out.Floats, f)
		case row.Bool:
			if v.Bool() {
				out.Bits.Set(i)
			}
		case row.List:
			out.Values = append(out.Values, v)
		}
	}
	if kind == row.Decimal && whole {
		out.Kind, out.Digits = row.Int, nil
	}
	return out
}

// together decodes the chunks of one field into a column of mixed kinds.
func (g *Group) together(dst *row.Column, chunks []chunk, rows row.Bitmap, use *Usage) error {
	var part row.Column
	for i := range chunks {
		d, err := g.decoder(&chunks[i], rows, nil, use)
		if err != nil {
			return err
		}
		if i == 0 {
			dst.Kind, dst.Nulls = row.Mixed, nil
			dst.Values = append(dst.Values, make([]row.Value, d.rows)...)
		}
		part = row.Column{}
		if err := d.column(&part); err != nil {
			return err
		}
		if part.Kind == row.Missing {
			continue
		}
		for k := range d.rows {
			if part.Has(k) {
				dst.Values[k] = part.Value(k)
			}
		}
	}
	return nil
}
