package expr

import (
	"time"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// Step is the start of the step of time that a field lies in. Questions cannot
// write it: charts ask it of a store.
type Step struct {
	Field string
	Span  when.Span
}

func (*Step) node() {}

// String is as a function would be written.
func (e *Step) String() string { return "step(" + QuoteField(e.Field) + ", " + e.Span.String() + ")" }

// Steps is the column of the starts of the steps that times lie in. Rows
// without a time have none.
func Steps(times *row.Column, n int, span when.Span, zone *time.Location) row.Column {
	out := row.Column{Name: times.Name, Kind: row.Time, Nums: make([]int64, n), Nulls: times.Nulls}
	switch times.Kind {
	case row.Const:
		if times.One.Kind != row.Time {
			return row.Column{Name: times.Name}
		}
		start := span.Floor(times.One.Nums(), zone)
		for i := range out.Nums {
			out.Nums[i] = start
		}
		return out
	case row.Time:
	default:
		return row.Column{Name: times.Name}
	}
	// Rows lie in time order mostly, so the step of the row before is tried
	// first.
	from, length := int64(0), uint64(0)
	for i, t := range times.Nums[:n] {
		if uint64(t)-uint64(from) >= length {
			from = span.Floor(t, zone)
			length = uint64(span.Next(t, zone)) - uint64(from)
		}
		out.Nums[i] = from
	}
	return out
}
