package dataset

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// Resolve gives the fields to read so that names can be answered: the names, and
// behind each alias the field it stands for.
func (d Dataset) Resolve(names []string) []string {
	out := slices.Clone(names)
	for _, n := range names {
		if f := d.Aliases[n]; f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// Alias returns b with a column for each of names that is an alias: the value
// of the row's own field of that name where it has one, else of the field the
// alias stands for. A service that writes a field called status keeps it.
func (d Dataset) Alias(b *row.Batch, names []string) *row.Batch {
	for _, n := range names {
		field := d.Aliases[n]
		if field == "" {
			continue
		}
		other := b.Find(field)
		if other == nil || other.Kind == row.Missing {
			continue
		}
		c := *other
		if own := b.Find(n); own != nil && own.Kind != row.Missing {
			if c = merge(own, other, b.Len); c.Kind == row.Missing {
				continue
			}
		}
		c.Name = n
		b = b.With(c)
	}
	return b
}

// merge is first where it has a value, second elsewhere.
func merge(first, second *row.Column, n int) row.Column {
	have := first.Present(n)
	if have.Count() == n {
		return row.Column{}
	}
	out := row.Column{Kind: row.Mixed, Values: make([]row.Value, n)}
	for i := range n {
		if have.Has(i) {
			out.Values[i] = first.Value(i)
		} else {
			out.Values[i] = second.Value(i)
		}
	}
	return out
}
