package keyval

import "fmt"

// The flattening, by example:
//
//	{"a":{"b":1,"c":{}},"d":[1,{"e":2}],"f":"x"}
//	  a.b = Number 1 · a.c = Object {} · d = Array [1,{"e":2}] · f = String x

// defaultDepth is how deep objects are opened when JSON.DepthMost is not set:
// far deeper than people nest, and a line cannot make names without end.
const defaultDepth = 64

// pathMost is the longest key, in bytes with those of the objects around it, of
// which an object is opened. Each key within repeats it, so that a line of a
// megabyte would else make keys of many gigabytes.
const pathMost = 256

// JSON pulls the keys and values of one object, in the order of the text.
// Objects within are flattened: their keys are joined with dots. The zero JSON
// is ready for Reset.
type JSON struct {
	Key   []byte // full path, unescaped; valid until Next
	Value Value  // valid as long as the line
	// DepthMost is how many objects are opened within each other; what lies
	// deeper is handed over whole, as is an object whose key is longer than
	// pathMost. 0 means 64.
	DepthMost int
	// More allows text after the object, for objects glued together; it begins
	// at Offset when Next has given false.
	More bool

	line   []byte
	pos    int
	after  bool   // a value went before: a comma or the end is due
	path   []byte // the opened objects' keys, a dot behind each; then the present one
	outer  []int  // of the objects around this one, the prefix
	prefix int    // the length of path that the keys of this one follow
	open   bool
	err    error
}

// SyntaxError says where a line stops being JSON.
type SyntaxError struct {
	Offset   int    // bytes from the line's start
	Expected string // what should stand there
	Found    string // what does
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("byte %d: expected %s, found %s", e.Offset, e.Expected, e.Found)
}

// Reset starts on a line, which must hold one object.
func (j *JSON) Reset(line []byte) {
	j.line, j.pos, j.err = line, 0, nil
	j.after, j.prefix, j.outer, j.path = false, 0, j.outer[:0], j.path[:0]
	j.pos = skipSpace(line, 0)
	j.open = j.pos < len(line) && line[j.pos] == '{'
	if !j.open {
		j.fail("{")
		return
	}
	j.pos++
}

// Err tells why Next gave false before the object's end; nil at its end. What
// was pulled before an error stands.
func (j *JSON) Err() error { return j.err }

// Offset is how far into the line the scanner is.
func (j *JSON) Offset() int { return j.pos }

// Next moves to the next pair. A key that comes twice is given twice.
func (j *JSON) Next() bool {
	for j.open {
		if j.commaAndQuote() {
			j.pos += 2
		} else if !j.toKey() {
			continue
		}
		if !j.key() {
			return false
		}
		if j.plainString() {
			return true
		}
		if !j.value() {
			return false
		}
		if j.Value.Kind != Object || !j.enter() {
			j.after = true
			return true
		}
	}
	return false
}

// commaAndQuote says whether just these stand before the next key, as nearly
// always they do.
func (j *JSON) commaAndQuote() bool {
	return j.after && j.pos+1 < len(j.line) && j.line[j.pos] == ',' && j.line[j.pos+1] == '"'
}

// toKey moves behind the quote that opens the next key, over what may stand
// before it. It gives false when an object ended, or on an error.
func (j *JSON) toKey() bool {
	b := j.line
	i := skipSpace(b, j.pos)
	j.pos = i
	if i < len(b) && b[i] == '}' {
		j.pos++
		j.leave()
		return false
	}
	if j.after {
		if i >= len(b) || b[i] != ',' {
			return j.fail("',' or '}' after a value")
		}
		i = skipSpace(b, i+1)
		j.pos = i
	}
	if i >= len(b) || b[i] != '"' {
		return j.fail("a key in quotes")
	}
	j.pos++
	return true
}

// key reads a key and the colon behind it.
func (j *JSON) key() bool {
	b, i := j.line, j.pos
	end, escaped := closingQuote(b, i)
	if end >= len(b) {
		j.pos = len(b)
		return j.fail(`'"' at the end of a key`)
	}
	j.Key = b[i:end]
	if escaped || j.prefix > 0 {
		j.longKey(escaped)
	}
	if i = end + 1; i >= len(b) || b[i] != ':' {
		i = skipSpace(b, i)
		if j.pos = i; i >= len(b) || b[i] != ':' {
			return j.fail("':' after a key")
		}
	}
	j.pos = i + 1
	return true
}

// longKey writes the key behind the path of the objects around it.
func (j *JSON) longKey(escaped bool) {
	j.path = j.path[:j.prefix]
	if escaped {
		j.path = AppendUnescaped(j.path, j.Key)
	} else {
		j.path = append(j.path, j.Key...)
	}
	j.Key = j.path
}

// plainString reads a value that is a string right behind the colon: most are,
// and they go the shortest way.
func (j *JSON) plainString() bool {
	b, i := j.line, j.pos+1
	if i >= len(b) || b[i-1] != '"' {
		return false
	}
	end, escaped := closingQuote(b, i)
	if end >= len(b) {
		return false
	}
	j.Value.Kind, j.Value.Escaped, j.Value.Raw = String, escaped, b[i:end]
	j.pos, j.after = end+1, true
	return true
}

// value reads a value; of an object only whether it is to be entered.
func (j *JSON) value() bool {
	i := j.pos
	if i >= len(j.line) || j.line[i] <= ' ' {
		i = skipSpace(j.line, i)
	}
	if i < len(j.line) && j.line[i] == '{' && len(j.outer) < j.depthMost() && len(j.Key) <= pathMost {
		j.pos = i
		j.Value = Value{Kind: Object}
		return true
	}
	end, expected := scanValue(&j.Value, j.line, i)
	j.pos = end
	return expected == "" || j.fail(expected)
}

// enter opens the object at pos; an empty one is a value instead.
func (j *JSON) enter() bool {
	if j.Value.Raw != nil {
		return false // it was taken whole
	}
	start := j.pos
	end := skipSpace(j.line, start+1)
	if end < len(j.line) && j.line[end] == '}' {
		j.pos = end + 1
		j.Value.Raw = j.line[start:j.pos]
		return false
	}
	j.pos = end
	j.outer = append(j.outer, j.prefix)
	j.path = append(append(j.path[:j.prefix], j.ownKey()...), '.')
	j.prefix, j.after = len(j.path), false
	return true
}

// ownKey is the part of Key that path does not hold before prefix. Key may lie
// in path itself; then these bytes are already where they are appended.
func (j *JSON) ownKey() []byte {
	if j.prefix > 0 {
		return j.Key[j.prefix:]
	}
	return j.Key
}

// leave ends an object; after the outermost only space may come.
func (j *JSON) leave() {
	j.after = true
	if n := len(j.outer); n > 0 {
		j.prefix, j.outer = j.outer[n-1], j.outer[:n-1]
		return
	}
	j.open = false
	if j.More {
		return
	}
	if j.pos = skipSpace(j.line, j.pos); j.pos < len(j.line) {
		j.fail("the end of the line after the object")
	}
}

func (j *JSON) depthMost() int {
	if j.DepthMost > 0 {
		return j.DepthMost - 1
	}
	return defaultDepth - 1
}

// fail notes what was expected at pos and ends the pulling.
func (j *JSON) fail(expected string) bool {
	found := "the end"
	if j.pos < len(j.line) {
		found = fmt.Sprintf("%q", j.line[j.pos])
	}
	j.err = &SyntaxError{Offset: j.pos, Expected: expected, Found: found}
	j.open = false
	return false
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}
