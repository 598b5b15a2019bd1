package pipe

import "slices"

// Columns are the names of the columns that the rows behind some pipes have,
// whatever rows there are; nil when that hangs on the rows. A column of which no
// row has a value is among them.
func Columns(pipes []Pipe) []string {
	for _, p := range slices.Backward(pipes) {
		switch x := p.(type) {
		case *filter, *head, *tail, *sorting, *dedup, *sample: // rows leave as they are
		case *table:
			return x.columns()
		case *stats:
			names := slices.Clone(x.by)
			for _, a := range x.aggs {
				names = append(names, a.as)
			}
			return names
		case *top:
			return append(x.keys(), "count", "percent")
		default:
			return nil
		}
	}
	return nil
}

// columns are the names of a table that was asked for without wildcards.
func (p *table) columns() []string {
	var names []string
	for _, n := range p.names {
		name, ok := n.Literal()
		if !ok {
			return nil
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
