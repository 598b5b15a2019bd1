// Package keyval pulls keys and values out of lines: JSON, logfmt, and pairs
// with separators of one's own. Formats at the door, pipes and functions all
// use these scanners, so a line means the same everywhere.
//
// The scanners never copy: keys and values are parts of the line, valid as long
// as it is. Only what needs unescaping is written, where the caller says
// (AppendUnescaped). Each is a struct to be kept and Reset for the next line:
//
//	scanner.Reset(line)
//	for scanner.Next() {
//		use(scanner.Key, scanner.Value)
//	}
//	err := scanner.Err() // only JSON can be wrong; the others take anything
//
// Tokens reads a whole line of JSON at once, the faster way for lines as most
// are written.
package keyval

// Kind is what a value looks like in the text.
type Kind uint8

// The kinds of value.
const (
	String Kind = iota // between quotes, or bare in logfmt and pairs
	Number             // begins like a number; ParseDecimal or strconv have the last word
	True
	False
	Null
	Array  // whole, as it stands: see Elements
	Object // whole, as it stands: empty, nested too deep, of too long a key, or an element
)

var kindNames = [...]string{"string", "number", "true", "false", "null", "array", "object"}

// String gives the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "?"
}

// Value is one value as it stands in the line.
type Value struct {
	Kind    Kind
	Escaped bool   // Raw holds backslash escapes: read it by AppendUnescaped
	Raw     []byte // of a String what is between the quotes, else the whole text
}

// AppendText appends what the value says: a String unescaped, else Raw.
func (v Value) AppendText(dst []byte) []byte {
	if v.Escaped {
		return AppendUnescaped(dst, v.Raw)
	}
	return append(dst, v.Raw...)
}

// Pair is a key and its value, both parts of one line: what a format makes of
// it, kept beyond the scanner's next step.
type Pair struct {
	Key    []byte
	Number int // of Key, 0 where it is not known yet: see Keys
	Value  Value
}
