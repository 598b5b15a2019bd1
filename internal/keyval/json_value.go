package keyval

import "iter"

// ScanValue reads the one JSON value that text holds, whatever its kind;
// objects and arrays are given whole and not checked inside.
func ScanValue(text []byte) (Value, error) {
	var v Value
	end, expected := scanValue(&v, text, skipSpace(text, 0))
	if expected == "" {
		if end = skipSpace(text, end); end == len(text) {
			return v, nil
		}
		expected = "the end after a value"
	}
	j := JSON{line: text, pos: end}
	j.fail(expected)
	return Value{}, j.err
}

// Elements gives the elements of an Array's Raw in order; objects and arrays
// among them whole. It stops at the first text that is no element.
func Elements(raw []byte) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		for i < len(raw) && raw[i] != ']' {
			var v Value
			end, expected := scanValue(&v, raw, skipSpace(raw, i+1))
			if expected != "" || !yield(v) {
				return
			}
			if i = skipSpace(raw, end); i < len(raw) && raw[i] != ',' {
				return
			}
		}
	}
}

// scanValue reads the value that begins at i into v. On an error it says what
// was expected at end.
func scanValue(v *Value, b []byte, i int) (end int, expected string) {
	if i >= len(b) {
		return len(b), "a value"
	}
	switch c := b[i]; {
	case c == '"':
		end, escaped := closingQuote(b, i+1)
		if end >= len(b) {
			return len(b), `'"' at the end of a string`
		}
		v.Kind, v.Escaped, v.Raw = String, escaped, b[i+1:end]
		return end + 1, ""
	case c == '-' || c-'0' <= 9:
		end = bareEnd(b, i)
		v.Kind, v.Escaped, v.Raw = Number, false, b[i:end]
		if c == '-' && i+1 < end && b[i+1] == 'I' {
			v.Kind = String // -Infinity
		}
		return end, ""
	case c == '{':
		return scanNested(v, b, i, Object, '}')
	case c == '[':
		return scanNested(v, b, i, Array, ']')
	}
	end = bareEnd(b, i)
	v.Escaped, v.Raw = false, b[i:end]
	switch string(v.Raw) {
	case "true":
		v.Kind = True
	case "false":
		v.Kind = False
	case "null":
		v.Kind = Null
	case "NaN", "Infinity": // which Python and JavaScript write among numbers
		v.Kind = String
	default:
		return i, "a value"
	}
	return end, ""
}

// bare marks the bytes that numbers and words are made of.
var bare = func() (set [256]bool) {
	for _, c := range []byte("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz") {
		set[c] = true
	}
	return set
}()

func bareEnd(b []byte, i int) int {
	for i < len(b) && bare[b[i]] {
		i++
	}
	return i
}

// scanNested reads an object or array whole: it counts brackets outside
// strings, and the last must be the one that fits the first.
func scanNested(v *Value, b []byte, i int, kind Kind, last byte) (end int, expected string) {
	depth := 0
	for end = i; end < len(b); end++ {
		switch b[end] {
		case '"':
			if end, _ = closingQuote(b, end+1); end >= len(b) {
				return len(b), `'"' at the end of a string`
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				if b[end] != last {
					return end, "'" + string(rune(last)) + "'"
				}
				v.Kind, v.Escaped, v.Raw = kind, false, b[i:end+1]
				return end + 1, ""
			}
		}
	}
	return len(b), "'" + string(rune(last)) + "'"
}
