package expr

import "github.com/plumbline/plumbline/internal/row"

// elements are those of a list, or the value itself.
func elements(v row.Value) []row.Value {
	if v.Kind == row.List {
		return v.List()
	}
	return []row.Value{v}
}

func listCount(_ *Evaluator, a []row.Value) row.Value {
	return row.IntOf(int64(len(elements(a[0]))))
}

func listIndex(_ *Evaluator, a []row.Value) row.Value {
	list := elements(a[0])
	from, ok := position(a[1], len(list))
	if len(a) == 2 {
		if !ok || from < 0 || from >= len(list) {
			return row.Value{}
		}
		return list[from]
	}
	to, okTo := position(a[2], len(list))
	from, to = max(from, 0), min(to, len(list)-1)
	if !ok || !okTo || from > to {
		return row.Value{}
	}
	return row.ListOf(list[from : to+1 : to+1])
}

// position counts from 0, or from the end of n elements when it is negative.
func position(v row.Value, n int) (int, bool) {
	i := v.Number()
	if i.Kind != row.Int {
		return 0, false
	}
	if i.Nums() < 0 {
		return int(max(i.Nums()+int64(n), -1)), true
	}
	return int(min(i.Nums(), int64(n))), true
}

func listJoin(_ *Evaluator, a []row.Value) row.Value {
	var out []byte
	for i, e := range elements(a[0]) {
		if i > 0 {
			out = append(out, a[1].Text()...)
		}
		if out = e.AppendText(out); len(out) > maxText {
			return row.Value{}
		}
	}
	return row.TextOf(string(out))
}
