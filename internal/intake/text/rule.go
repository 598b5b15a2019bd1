package text

import (
	"bytes"
	"regexp"

	"github.com/plumbline/plumbline/internal/fault"
)

// Rule says which lines continue the record before them. It remembers what
// kind of trace it is in, and serves one stream of lines.
type Rule struct {
	off   bool
	first *regexp.Regexp // a line that does not match continues
	trace trace
}

// trace is the kind of stack trace the last line belonged to.
type trace uint8

const (
	noTrace trace = iota
	pythonTrace
	goTrace
)

// patternMost bounds the regular expression a sender may give: it runs on every
// line.
const patternMost = 1000

// NewRule reads a rule: "auto" or "" joins stack traces as common languages
// print them, "off" nothing; anything else is a regular expression that the
// first line of each record matches.
func NewRule(text string) (*Rule, error) {
	switch text {
	case "", "auto":
		return new(Rule), nil
	case "off":
		return &Rule{off: true}, nil
	}
	if len(text) > patternMost {
		return nil, fault.New(fault.Invalid, "multiline: the expression is longer than %d bytes", patternMost)
	}
	first, err := regexp.Compile(text)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "multiline: use auto, off, or an expression that first lines match")
	}
	return &Rule{first: first}, nil
}

// Continues reports whether a line continues the record before it. It is asked
// of every line, in order; blank ones may be left out.
func (r *Rule) Continues(line []byte) bool {
	switch {
	case r.off:
		return false
	case r.first != nil:
		return !r.first.Match(line)
	}
	if len(line) == 0 {
		return false
	}
	before := r.trace
	r.trace = noTrace
	switch {
	case line[0] == ' ' || line[0] == '\t':
		r.trace = before
		return true
	case begins(line, "Traceback (most recent call last)"):
		r.trace = pythonTrace
		return true
	case begins(line, "goroutine ") && bytes.Contains(line, []byte(" [")):
		r.trace = goTrace
		return true
	case before == goTrace && isGoFrame(line):
		r.trace = goTrace
		return true
	case before == pythonTrace:
		return isException(line) // the line that ends it says what was raised
	}
	return begins(line, "Caused by: ") || begins(line, "... ") ||
		begins(line, "During handling of the above exception") || begins(line, "The above exception was") ||
		isJavaException(line) || isClosing(line)
}

func begins(line []byte, with string) bool { return bytes.HasPrefix(line, []byte(with)) }

// isGoFrame knows main.(*T).run(0x1, 0x2) and created by main.main.
func isGoFrame(line []byte) bool {
	name, _, call := bytes.Cut(line, []byte("("))
	return begins(line, "created by ") ||
		call && line[len(line)-1] == ')' && bytes.IndexByte(name, '.') > 0 && bytes.IndexByte(name, ' ') < 0
}

// isException knows ValueError, and package.Error: what happened.
func isException(line []byte) bool {
	end := nameEnd(line)
	return end > 0 && (end == len(line) || line[end] == ':')
}

// isJavaException knows java.io.IOException, with or without more behind it.
func isJavaException(line []byte) bool {
	end := nameEnd(line)
	name := line[:end]
	if bytes.IndexByte(name, '.') <= 0 || end < len(line) && line[end] != ':' && line[end] != ' ' && line[end] != '(' {
		return false
	}
	return bytes.HasSuffix(name, []byte("Exception")) || bytes.HasSuffix(name, []byte("Error")) || bytes.HasSuffix(name, []byte("Throwable"))
}

// nameEnd is where a dotted name at the head of a line ends.
func nameEnd(line []byte) int {
	for i, c := range line {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '_':
		case i > 0 && (c-'0' <= 9 || c == '.' || c == '$'):
		default:
			return i
		}
	}
	return len(line)
}

// isClosing knows the last line of something printed over several: }, ] or ).
func isClosing(line []byte) bool {
	return bytes.IndexByte([]byte("}])"), line[0]) >= 0 && len(bytes.Trim(line, "}]),; ")) == 0
}
