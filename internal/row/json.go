package row

import "github.com/plumbline/plumbline/internal/keyval"

// ValueOfJSON is the value of a token of JSON: arrays become lists, lists and
// objects within them the text they are, since rows are flat. null is missing.
func ValueOfJSON(v keyval.Value) Value {
	switch v.Kind {
	case keyval.Null:
		return Value{}
	case keyval.True, keyval.False:
		return BoolOf(v.Kind == keyval.True)
	case keyval.Number:
		if n, ok := NumberOfJSON(v.Raw); ok {
			return n
		}
	case keyval.Array:
		list := []Value{}
		for e := range keyval.Elements(v.Raw) {
			if e.Kind == keyval.Array {
				list = append(list, TextOf(string(e.Raw)))
				continue
			}
			list = append(list, ValueOfJSON(e))
		}
		return ListOf(list)
	}
	return TextOf(string(v.AppendText(nil)))
}

// NumberOfJSON is a number as JSON writes it: a decimal, or the float64 nearest to one
// that no decimal holds. It is false of a whole number beyond an int64, which is an id,
// and of what is no number.
func NumberOfJSON(raw []byte) (Value, bool) {
	if m, d, ok := keyval.ParseDecimal(raw); ok {
		return DecimalOf(m, d), true
	}
	real, whole, ok := keyval.ParseReal(raw)
	return FloatOf(real), ok && !whole
}
