package colfile

import "github.com/plumbline/plumbline/internal/row"

// Union is what batches would come to if they were put together. A column has a place
// for every row: batches that name other fields each, with a thousand rows and fields,
// have a million places each and sixty-four million together if there are eight of them.
type Union struct {
	fields map[string]row.Kind
	width  int // of a row in all fields, in places
	rows   int
	each   int // places of the batches, one by one
}

// valuePlaces is how many places of a number one of a list or of a mixed value takes.
const valuePlaces = 5

// Add adds a batch.
func (u *Union) Add(b *row.Batch) {
	if u.fields == nil {
		u.fields = make(map[string]row.Kind, len(b.Cols))
	}
	for i := range b.Cols {
		kind := broadOf(&b.Cols[i])
		u.each += b.Len * placesOf(kind)
		was, known := u.fields[b.Cols[i].Name]
		if known && was != kind {
			kind = row.Mixed
		}
		if !known || was != kind {
			u.fields[b.Cols[i].Name] = kind
			u.width += placesOf(kind) - placesOf(was)
		}
	}
	u.rows += b.Len
}

// Sparse reports whether together they have more places than so many, and half as many
// again as one by one.
func (u *Union) Sparse(places int) bool {
	all := u.width * u.rows
	return all > places && 2*all > 3*u.each
}

// broadOf is the kind of a column but for what is joined in one kind: all that are
// texts, and all that are decimals.
func broadOf(c *row.Column) row.Kind {
	switch kind := (piece{Column: c}).valueKind(); kind {
	case row.Hex, row.UUID, row.Shape:
		return row.Text
	case row.Decimal:
		return row.Int
	case row.List:
		return row.Mixed
	default:
		return kind
	}
}

func placesOf(kind row.Kind) int {
	switch kind {
	case row.Missing:
		return 0
	case row.Mixed:
		return valuePlaces
	}
	return 1
}
