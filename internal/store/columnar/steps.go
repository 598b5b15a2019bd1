package columnar

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// longStep is how many rows a step of a chart must have, on the average, to be
// folded by itself.
const longStep = 256

// foldSteps folds the rows of a chart step by step. Those of a row group come
// in the order of time, so a step ends where a search says, and no row is asked
// for its time. It is false where rows are grouped by something else too, or
// steps are short.
func (t *tabler) foldSteps(b *row.Batch, args [][]row.Column) bool {
	if len(t.group.Keys) != 1 {
		return false
	}
	step, ok := t.group.Keys[0].(*expr.Step)
	if !ok || step.Field != row.FieldTime {
		return false
	}
	if slices.ContainsFunc(args, func(list []row.Column) bool {
		return slices.ContainsFunc(list, func(c row.Column) bool { return c.Dict != nil && c.Dict.Len() > longStep })
	}) {
		return false // what is worked out for a dictionary pays for many rows
	}
	c := b.Col(row.FieldTime)
	if c.Kind != row.Time || c.Nulls != nil {
		return false
	}
	times, zone := c.Nums, t.will.Env.Zone
	first, last := times[0], times[len(times)-1]
	length := step.Span.Next(first, zone) - step.Span.Floor(first, zone)
	if length <= 0 || (last-first)/length > int64(len(times)/longStep) {
		return false
	}
	cut := make([][]row.Column, len(args))
	for i := range args {
		cut[i] = make([]row.Column, len(args[i]))
	}
	for from := 0; from < len(times); {
		n, _ := slices.BinarySearch(times[from:], step.Span.Next(times[from], zone))
		to := from + max(n, 1) // the last moment there is lies in no step
		for i := range args {
			for k := range args[i] {
				cut[i][k] = args[i][k].Slice(from, to)
			}
		}
		t.table.AddAlike([]row.Column{row.ConstColumn("", row.TimeOf(step.Span.Floor(times[from], zone)))}, cut, to-from)
		from = to
	}
	return true
}
