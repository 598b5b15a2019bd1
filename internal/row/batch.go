package row

import (
	"iter"
	"slices"
)

// Batch is a number of rows in columns. Whoever hands a batch on does not
// write to it again; whoever receives it may keep it and share its columns.
type Batch struct {
	Dataset string   // where the rows are kept or go; "" for results
	Len     int      // rows
	Cols    []Column // names differ; a name without a column is missing everywhere

	// Partial is an unfinished aggregate on its way from a lane to the pipe
	// that merges it; a batch that carries one has no rows.
	Partial any
}

// Rows is a stream of batches. An error ends it.
type Rows = iter.Seq2[*Batch, error]

// Col returns the column of that name. When there is none it returns a column
// that is missing everywhere – except for _dataset, which every batch that
// comes out of a store knows.
func (b *Batch) Col(name string) *Column {
	if c := b.Find(name); c != nil {
		return c
	}
	if name == FieldDataset && b.Dataset != "" {
		c := ConstColumn(name, TextOf(b.Dataset))
		return &c
	}
	return &Column{Name: name}
}

// Find returns the column of that name, or nil.
func (b *Batch) Find(name string) *Column {
	for i := range b.Cols {
		if b.Cols[i].Name == name {
			return &b.Cols[i]
		}
	}
	return nil
}

// With returns the batch with this column added, or in place of the one of
// the same name. The receiver stays as it was.
func (b *Batch) With(c Column) *Batch {
	out := *b
	if i := slices.IndexFunc(b.Cols, func(o Column) bool { return o.Name == c.Name }); i >= 0 {
		out.Cols = slices.Clone(b.Cols)
		out.Cols[i] = c
		return &out
	}
	out.Cols = append(append(make([]Column, 0, len(b.Cols)+1), b.Cols...), c) // no room for more: a column is large
	return &out
}

// Without returns the batch less the column of that name.
func (b *Batch) Without(name string) *Batch {
	out := *b
	out.Cols = slices.DeleteFunc(slices.Clone(b.Cols), func(c Column) bool { return c.Name == name })
	return &out
}

// Pick returns the batch with only these rows, in this order.
func (b *Batch) Pick(rows []uint32) *Batch {
	out := &Batch{Dataset: b.Dataset, Len: len(rows), Cols: make([]Column, len(b.Cols))}
	for i := range b.Cols {
		out.Cols[i] = b.Cols[i].Pick(rows)
	}
	return out
}

// Keep returns the rows of the set, in their order; the batch itself when the
// set holds all of them.
func (b *Batch) Keep(set Bitmap) *Batch {
	n := set.Count()
	if n == b.Len {
		return b
	}
	return b.Pick(set.Append(make([]uint32, 0, n)))
}

// Slice returns rows from to to.
func (b *Batch) Slice(from, to int) *Batch {
	if from == 0 && to == b.Len {
		return b
	}
	rows := make([]uint32, 0, to-from)
	for i := from; i < to; i++ {
		rows = append(rows, uint32(i))
	}
	return b.Pick(rows)
}

// MemBytes is about what the batch takes in memory.
func (b *Batch) MemBytes() int {
	n := 0
	for i := range b.Cols {
		n += b.Cols[i].MemBytes()
	}
	return n
}

// RowBytes is about what row i takes in memory once more where it is picked: what
// lists and mixed values point to is shared.
func (b *Batch) RowBytes(i int) int {
	n := 0
	for k := range b.Cols {
		n += b.Cols[k].rowBytes(i)
	}
	return n
}

// AppendJSON appends row i as one flat JSON object; what is missing is left
// out.
func (b *Batch) AppendJSON(dst []byte, i int) []byte {
	dst = append(dst, '{')
	first := true
	for k := range b.Cols {
		c := &b.Cols[k]
		if !c.Has(i) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendName(dst, c.Name), ':')
		dst = c.AppendJSON(dst, i)
	}
	return append(dst, '}')
}

// One is the stream of a single batch.
func One(b *Batch) Rows {
	return func(yield func(*Batch, error) bool) { yield(b, nil) }
}

// Fail is the stream that ends at once with err.
func Fail(err error) Rows {
	return func(yield func(*Batch, error) bool) { yield(nil, err) }
}
