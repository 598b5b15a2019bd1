package expr

import (
	"cmp"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// cheapFirst is the clauses of an and or an or in the order in which they are
// best asked: those that look at codes and numbers first, so that those that
// look at texts have fewer rows left. Filters have no effects, so the order
// changes nothing else.
func cheapFirst(list []Expr, b *row.Batch) []Expr {
	costs := make(map[Expr]int, len(list))
	for _, e := range list {
		costs[e] = cost(e, b)
	}
	byCost := func(x, y Expr) int { return cmp.Compare(costs[x], costs[y]) }
	if slices.IsSortedFunc(list, byCost) {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, byCost)
	return list
}

// About how many nanoseconds a row takes; only their order matters.
const (
	costCode   = 1   // a code or a number is compared
	costText   = 40  // a text is searched
	costRegexp = 200 // and matched
	costCall   = 100 // a value is computed
)

func cost(e Expr, b *row.Batch) int {
	total := 0
	Walk(e, func(e Expr) {
		switch x := e.(type) {
		case *Term:
			if x.Field == AnyField {
				total += len(b.Cols) * costText
			} else {
				total += costOf(b.Col(x.Field))
			}
		case *Terms:
			total += 2 * costOf(b.Col(x.Field))
		case *Compare:
			total += costOf(b.Col(x.Field))
		case *Within:
			total += costOf(b.Col(x.Field))
		case *Field:
			total += costOf(b.Col(x.Name))
		case *Match:
			total += costRegexp
		case *Call:
			total += costCall
		default:
			total += costCode
		}
	})
	return total
}

func costOf(c *row.Column) int {
	switch c.Kind {
	case row.Text, row.Shape, row.Mixed, row.List:
		return costText
	}
	return costCode
}

// narrowFrom is the batch from which on it pays to copy the few rows that an
// expression is still asked about; below, the copy costs what it saves.
const narrowFrom = 256

// narrowed asks an expression about few rows by copying what it reads of them;
// ok is false when it is better asked about all.
func (ev *Evaluator) narrowed(e Expr, b *row.Batch, among row.Bitmap) (yes row.Bitmap, ok bool) {
	if b.Len < narrowFrom || 8*among.Count() > b.Len {
		return nil, false
	}
	names, all := Fields(e)
	if all {
		return nil, false
	}
	rows := among.Append(nil)
	few := &row.Batch{Dataset: b.Dataset, Len: len(rows)}
	for _, name := range names {
		if c := b.Find(name); c != nil {
			few.Cols = append(few.Cols, c.Pick(rows))
		}
	}
	yes = row.NewBitmap(b.Len)
	for k := range ev.Filter(e, few).Rows {
		yes.Set(int(rows[k]))
	}
	return yes, true
}
