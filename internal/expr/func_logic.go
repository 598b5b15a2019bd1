package expr

import "github.com/plumbline/plumbline/internal/row"

// chooseIf is if(condition, then, else?).
func chooseIf(ev *Evaluator, _ *Call, args []row.Column, n int) row.Column {
	return ev.choose(args[:1], args[1:], n)
}

// chooseCase is case(condition, value, …).
func chooseCase(ev *Evaluator, _ *Call, args []row.Column, n int) row.Column {
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
	places := make([]uint32, n) // by row: which values, counted from 1; 0 for none
	left := row.FullBitmap(n)
	for i := range conditions {
		yes := ev.ask(&question{test: truthTest{}}, &conditions[i], n, left)
		for k := range yes.Rows {
			places[k] = uint32(i + 1)
		}
		left.AndNot(yes)
	}
	if len(values) > len(conditions) {
		for k := range left.Rows {
			places[k] = uint32(len(values))
		}
	}
	return chosen(values, places)
}

// chosen takes each row from the column that places names.
func chosen(values []row.Column, places []uint32) row.Column {
	m := mapping{places: make([]uint32, len(values)), byText: map[string]uint32{}}
	for i := range values {
		if !isConst(&values[i]) && values[i].Kind != row.Missing {
			return gathered(values, places)
		}
		m.add(uint32(i), values[i].One)
	}
	if m.mixed {
		return m.spread(places)
	}
	return m.column(places)
}

func gathered(values []row.Column, places []uint32) row.Column {
	out := make([]row.Value, len(places))
	for i, p := range places {
		if p > 0 {
			out[i] = values[p-1].Value(i)
		}
	}
	return columnOf(out)
}

func coalesce(_ *Evaluator, _ *Call, args []row.Column, n int) row.Column {
	places := make([]uint32, n)
	left := row.FullBitmap(n)
	for i := range args {
		has := args[i].Present(n)
		if i == 0 && has.Count() == n {
			return args[0]
		}
		has.And(left)
		for k := range has.Rows {
			places[k] = uint32(i + 1)
		}
		left.AndNot(has)
	}
	return chosen(args, places)
}

func isThere(_ *Evaluator, _ *Call, args []row.Column, n int) row.Column {
	return row.Column{Kind: row.Bool, Bits: args[0].Present(n)}
}

func isMissing(_ *Evaluator, _ *Call, args []row.Column, n int) row.Column {
	return row.Column{Kind: row.Bool, Bits: less(row.FullBitmap(n), args[0].Present(n))}
}
