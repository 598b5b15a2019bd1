package keyval

import "iter"

// ScanValue reads the one JSON value that text holds, whatever its kind;
// objects and arrays are given whole and not checked inside.
func ScanValue(text []byte) (Value, error) {
	v, end, expected := scanValue(text, skipSpace(text, 0))
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
			v, end, expected := scanValue(raw, skipSpace(raw, i+1))
			if expected != "" || !yield(v) {
				return
			}
			if i = skipSpace(raw, end); i < len(raw) && raw[i] != ',' {
				return
			}
		}
	}
}

// scanValue reads the value that begins at i. On an error it says what was
// expected at end.
func scanValue(b []byte, i int) (v Value, end int, expected string) {
	if i >= len(b) {
		return v, len(b), "a value"
	}
	switch c := b[i]; {
	case c == '"':
		end, escaped := closingQuote(b, i+1)
		if end >= len(b) {
			return v, len(b), `'"' at the end of a string`
		}
		return Value{String, escaped, b[i+1 : end]}, end + 1, ""
	case c == '-' || c-'0' <= 9:
		end = bareEnd(b, i)
		return numberOrText(b[i:end]), end, ""
	case c == '{' || c == '[':
		return scanNested(b, i)
	}
	end = bareEnd(b, i)
	switch string(b[i:end]) {
	case "true":
		return Value{Kind: True, Raw: b[i:end]}, end, ""
	case "false":
		return Value{Kind: False, Raw: b[i:end]}, end, ""
	case "null":
		return Value{Kind: Null, Raw: b[i:end]}, end, ""
	case "NaN", "Infinity":
		return Value{Kind: String, Raw: b[i:end]}, end, ""
	}
	return v, i, "a value"
}

// numberOrText tells a number from -Infinity, which Python and JavaScript
// write among numbers.
func numberOrText(raw []byte) Value {
	if len(raw) > 1 && raw[0] == '-' && raw[1] == 'I' {
		return Value{Kind: String, Raw: raw}
	}
	return Value{Kind: Number, Raw: raw}
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
// strings, and the last must fit the first.
func scanNested(b []byte, i int) (v Value, end int, expected string) {
	kind, last := Array, byte(']')
	if b[i] == '{' {
		kind, last = Object, '}'
	}
	depth := 0
	for end = i; end < len(b); end++ {
		switch b[end] {
		case '"':
			if end, _ = closingQuote(b, end+1); end >= len(b) {
				return v, len(b), `'"' at the end of a string`
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				if b[end] != last {
					return v, end, "'" + string(rune(last)) + "'"
				}
				return Value{Kind: kind, Raw: b[i : end+1]}, end + 1, ""
			}
		}
	}
	return v, len(b), "'" + string(rune(last)) + "'"
}
