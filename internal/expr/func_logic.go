package expr

import "github.com/plumbline/plumbline/internal/row"

// chooseIf is if(condition, then, else?).
func chooseIf(ev *Evaluator, x *Call, args []row.Column, n int) row.Column {
	return ev.choose(args[:1], args[1:], n)
}

// chooseCase is case(condition, value, …).
func chooseCase(ev *Evaluator, x *Call, args []row.Column, n int) row.Column {
	var conditions, values []row.Column
	for len(args) >= 2 {
		conditions, values = append(conditions, args[0]), append(values, args[1])
		args = args[2:]
	}
	return ev.choose(conditions, append(values, args...), n)
}

// choose takes each row from the values whose condition is the first to be
// true for it, from the one after the last condition where none is.
func (ev *Evaluator) choose(conditions, values []row.Column, n int) row.Column {
	out := make([]row.Value, n)
	left := row.FullBitmap(n)
	for i := range conditions {
		yes := ev.ask(&question{test: truthTest{}}, &conditions[i], n, left)
		if i == 0 && len(conditions) == 1 && yes.Count() == n {
			return values[0]
		}
		take(out, &values[i], yes)
		left.AndNot(yes)
	}
	if len(values) > len(conditions) {
		take(out, &values[len(conditions)], left)
	}
	return columnOf(out)
}

// take copies the values of some rows.
func take(out []row.Value, c *row.Column, rows row.Bitmap) {
	for i := range rows.Rows {
		out[i] = c.Value(i)
	}
}

func coalesce(ev *Evaluator, x *Call, args []row.Column, n int) row.Column {
	out := make([]row.Value, n)
	left := row.FullBitmap(n)
	for i := range args {
		has := args[i].Present(n)
		if i == 0 && has.Count() == n {
			return args[0]
		}
		has.And(left)
		take(out, &args[i], has)
		left.AndNot(has)
	}
	return columnOf(out)
}

func isThere(ev *Evaluator, x *Call, args []row.Column, n int) row.Column {
	return row.Column{Kind: row.Bool, Bits: args[0].Present(n)}
}

func isMissing(ev *Evaluator, x *Call, args []row.Column, n int) row.Column {
	return row.Column{Kind: row.Bool, Bits: less(row.FullBitmap(n), args[0].Present(n))}
}
