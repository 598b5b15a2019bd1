package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/fault"
)

// Reader walks through the text of a question. The pipes read their own
// arguments with it; its errors say line, column, what was expected, and the
// nearest name.
type Reader struct {
	text string
	pos  int
	// Range is what earliest= and latest= of the search said, as written.
	Range Range
	// RangeAt is the offset of the time that was said last.
	RangeAt int
	// Sub reads a subsearch through when one is met, so that its mistakes are
	// said, with their place in the whole question, before anything runs. Nil
	// leaves it unread.
	Sub func(text string) error
	// aggregates are names that may stand in an expression with brackets and
	// mean a field of that name: where p99(duration) > 1.
	aggregates func(name string) bool
	// made are the columns that aggregates made so far, by their names without
	// blanks.
	made map[string]string
}

// Range is a range of time as written; empty where nothing was said.
type Range struct{ Earliest, Latest string }

// NewReader reads text. aggregates tells which names followed by a bracket
// are fields that an earlier pipe made; nil means none.
func NewReader(text string, aggregates func(name string) bool) *Reader {
	return &Reader{text: text, aggregates: aggregates}
}

// Offset is how far the text is read, in bytes.
func (r *Reader) Offset() int { return r.pos }

// Text is the part of the question from one offset to another.
func (r *Reader) Text(from, to int) string { return r.text[from:to] }

// Fail is an error at offset.
func (r *Reader) Fail(offset int, message, hint string) error {
	return fault.AtOffset(r.text, offset, message, hint)
}

// Space passes white space and comments: /* … */ anywhere, # and a blank to
// the end of the line.
func (r *Reader) Space() {
	for r.pos < len(r.text) {
		rest := r.text[r.pos:]
		c, size := utf8.DecodeRuneInString(rest)
		switch {
		case isSpace(c):
			r.pos += size
		case strings.HasPrefix(rest, "/*") && strings.Contains(rest[2:], "*/"):
			r.pos += 2 + strings.Index(rest[2:], "*/") + 2
		case c == '#' && (len(rest) == 1 || rest[1] == ' ' || rest[1] == '\n'):
			if nl := strings.IndexByte(rest, '\n'); nl >= 0 {
				r.pos += nl + 1
			} else {
				r.pos = len(r.text)
			}
		default:
			return
		}
	}
}

func isSpace(c rune) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\u00a0' || c == '\u2028'
}

// Done passes white space and reports whether the pipe, the subsearch or the
// whole question ends here.
func (r *Reader) Done() bool {
	r.Space()
	return r.pos >= len(r.text) || r.text[r.pos] == '|' || r.text[r.pos] == ']'
}

// End passes white space and reports whether the whole text is read.
func (r *Reader) End() bool {
	r.Space()
	return r.pos >= len(r.text)
}

// Peek is the next byte after white space, 0 at the end.
func (r *Reader) Peek() byte {
	r.Space()
	if r.pos >= len(r.text) {
		return 0
	}
	return r.text[r.pos]
}

// Take passes white space and then this text, if it stands there.
func (r *Reader) Take(text string) bool {
	r.Space()
	if strings.HasPrefix(r.text[r.pos:], text) {
		r.pos += len(text)
		return true
	}
	return false
}

// Expect is Take, and an error when the text does not stand there.
func (r *Reader) Expect(text, after string) error {
	if r.Take(text) {
		return nil
	}
	return r.Fail(r.pos, "expected "+quoteForPeople(text)+" "+after+", found "+r.found(), "")
}

// found describes what stands at the reader's place.
func (r *Reader) found() string {
	if r.Done() {
		if r.pos >= len(r.text) {
			return "the end of the question"
		}
		return quoteForPeople(r.text[r.pos : r.pos+1])
	}
	word := r.text[r.pos:]
	if i := strings.IndexAny(word, " \t\n|"); i > 0 {
		word = word[:i]
	}
	if len(word) > 40 {
		word = word[:40] + "…"
	}
	return quoteForPeople(word)
}

// Found describes what stands next, for an error message of a pipe.
func (r *Reader) Found() string { return r.found() }

func quoteForPeople(s string) string { return "“" + s + "”" }

// TakeWord passes a keyword in any letter case, if it stands there whole.
func (r *Reader) TakeWord(word string) bool {
	r.Space()
	end := r.pos + len(word)
	if end > len(r.text) || !strings.EqualFold(r.text[r.pos:end], word) {
		return false
	}
	if end < len(r.text) && isName(r.text[end]) {
		return false
	}
	r.pos = end
	return true
}

// TakeKeyword passes a keyword of a search in any letter case, if it is a whole
// word: not-found and or$ are words to look for.
func (r *Reader) TakeKeyword(name string) bool {
	before := r.pos
	r.Space()
	start := r.pos
	if r.searchWord(); strings.EqualFold(r.text[start:r.pos], name) {
		return true
	}
	r.pos = before
	return false
}

// TakeLead is TakeKeyword for a word in front of a question. With an operator
// behind it, the word is the name of a field.
func (r *Reader) TakeLead(name string) bool {
	before := r.pos
	if r.TakeKeyword(name) {
		after := *r
		_ = after.TakeWord("not")
		if strings.IndexByte("=!<>~", r.Peek()) < 0 && !(after.TakeWord("in") && strings.IndexByte("([", after.Peek()) >= 0) {
			return true
		}
	}
	r.pos = before
	return false
}

// searchWord passes a bare word: up to white space, a bracket, a quote, a pipe or an
// operator.
func (r *Reader) searchWord() {
	for start := r.pos; r.pos < len(r.text); {
		c, size := utf8.DecodeRuneInString(r.text[r.pos:])
		rest := r.text[r.pos:]
		switch {
		case isSpace(c), strings.ContainsRune("()|]=<>\"“”", c):
			return
		case c == '[' && r.pos == start:
			return
		case c == '!' && (strings.HasPrefix(rest, "!=") || strings.HasPrefix(rest, "!~")):
			return
		case c == '~' && r.pos > start:
			return
		}
		r.pos += size
	}
}

// Word reads a name as pipes and options have: letters, digits, _ and inner
// hyphens. It returns "" when none stands there.
func (r *Reader) Word() string {
	r.Space()
	start := r.pos
	for r.pos < len(r.text) && (isName(r.text[r.pos]) || r.text[r.pos] == '-' && r.pos > start) {
		r.pos++
	}
	return r.text[start:r.pos]
}

// AggregateWord reads the name of an aggregate: p99.9 has a point in it.
func (r *Reader) AggregateWord() string {
	r.Space()
	start := r.pos
	for r.pos < len(r.text) && (isName(r.text[r.pos]) || r.text[r.pos] == '.') {
		r.pos++
	}
	return r.text[start:r.pos]
}

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// isField holds for the bytes of a field name that needs no quotes.
func isField(c byte) bool { return isName(c) || c == '.' || c == '@' || c >= 0x80 }

// Option reads name=value when it stands there, value being one bare word or
// a quoted text.
func (r *Reader) Option(name string) (value string, at int, ok bool, err error) {
	r.Space()
	start := r.pos
	if !r.TakeWord(name) {
		return "", start, false, nil
	}
	if !r.Take("=") {
		r.pos = start
		return "", start, false, nil
	}
	at = r.pos
	value, err = r.Value("a value for " + name + "=")
	return value, at, err == nil, err
}

// Options reads name=value pairs in any order, as far as they stand there.
// Unknown names are left alone for the caller to read as something else.
func (r *Reader) Options(known ...string) (map[string]string, error) {
	var found map[string]string
	for {
		any := false
		for _, name := range known {
			v, at, ok, err := r.Option(name)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			if _, twice := found[name]; twice {
				return nil, r.Fail(at, name+"= is given twice", "")
			}
			if found == nil {
				found = map[string]string{}
			}
			found[name] = v
			any = true
		}
		if !any {
			return found, nil
		}
	}
}

// Value reads one value: a quoted text, or everything up to white space, a
// comma, a pipe or a closing bracket.
func (r *Reader) Value(what string) (string, error) {
	r.Space()
	if r.atQuote() {
		return r.quoted()
	}
	start := r.pos
	r.bare(",")
	if r.pos == start {
		return "", r.Fail(r.pos, "expected "+what+", found "+r.found(), "")
	}
	return r.text[start:r.pos], nil
}

// bare passes a run of text without white space: up to a pipe, a comma if
// stop has one, or a closing bracket that was not opened in it.
func (r *Reader) bare(stop string) {
	depth := 0
	for r.pos < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[r.pos:])
		switch {
		case isSpace(c), c == '|', c == ']' && depth == 0, strings.ContainsRune(stop, c):
			return
		case c == '(', c == '[':
			depth++
		case c == ')', c == ']':
			if depth == 0 {
				return
			}
			depth--
		}
		r.pos += size
	}
}
