package expr

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/fault"
)

// atQuote reports whether a quote opens here.
func (r *Reader) atQuote() bool {
	if r.pos >= len(r.text) {
		return false
	}
	c := r.text[r.pos]
	return c == '"' || c == '\'' || c == '`' || strings.HasPrefix(r.text[r.pos:], "“") || strings.HasPrefix(r.text[r.pos:], "”") || strings.HasPrefix(r.text[r.pos:], "„")
}

// quoted reads a text in quotes, straight or typographic. Backslashes mean
// something only before the quote that closes: \" is a quote, \\ before a quote
// a backslash. All others stay, for the pattern or the regular expression to
// read.
func (r *Reader) quoted() (string, error) {
	open, inside, err := r.inQuotes()
	if err != nil || !strings.Contains(inside, `\`) {
		return inside, err
	}
	out := make([]byte, 0, len(inside))
	slashes := 0
	for rest := inside; rest != ""; {
		c, size := utf8.DecodeRuneInString(rest)
		if closes(open, c) {
			out = out[:len(out)-(slashes+1)/2] // pairs, and the one that kept it from closing
		}
		if slashes++; c != '\\' {
			slashes = 0
		}
		out, rest = append(out, rest[:size]...), rest[size:]
	}
	return string(out[:len(out)-slashes/2]), nil
}

// inQuotes passes a text in quotes and gives what stands between them as it is
// written. A backslash before a quote keeps it from closing.
func (r *Reader) inQuotes() (open rune, inside string, err error) {
	start := r.pos
	open, size := utf8.DecodeRuneInString(r.text[r.pos:])
	r.pos += size
	escaped := false
	for at := r.pos; r.pos < len(r.text); r.pos += size {
		var c rune
		c, size = utf8.DecodeRuneInString(r.text[r.pos:])
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case closes(open, c):
			r.pos += size
			return open, r.text[at : r.pos-size], nil
		}
	}
	return 0, "", r.Fail(start, "the quote that opens here is never closed", "")
}

func closes(open, c rune) bool {
	switch open {
	case '“', '”', '„':
		return c == '”' || c == '“'
	}
	return c == open
}

// inWord reports whether the reader stands in a word: the apostrophe of don't
// opens no quote.
func (r *Reader) inWord() bool { return r.pos > 0 && isField(r.text[r.pos-1]) }

// Quoted reads a text in quotes; what says what it is for, when it is missing.
func (r *Reader) Quoted(what string) (string, error) {
	r.Space()
	if !r.atQuote() {
		return "", r.Fail(r.pos, "expected "+what+" in quotes, found "+r.found(), "")
	}
	return r.quoted()
}

// AtQuote reports whether a text in quotes follows.
func (r *Reader) AtQuote() bool {
	r.Space()
	return r.atQuote()
}

// Subsearch reads the text between [ and its closing ].
func (r *Reader) Subsearch() (*Sub, error) {
	r.Space()
	start := r.pos
	if !r.Take("[") {
		return nil, r.Fail(r.pos, "expected a subsearch in [ ], found "+r.found(), "")
	}
	open := r.pos
	for depth := 1; r.pos < len(r.text); {
		if r.atQuote() && !r.inWord() {
			if _, _, err := r.inQuotes(); err != nil {
				return nil, err
			}
			continue
		}
		switch r.text[r.pos] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				r.pos++
				return r.sub(open, r.pos-1)
			}
		}
		r.pos++
	}
	return nil, r.Fail(start, "the [ that opens here is never closed", "")
}

// sub is the subsearch that stands from open to end.
func (r *Reader) sub(open, end int) (*Sub, error) {
	text := r.text[open:end]
	s := &Sub{Text: strings.TrimSpace(text)}
	if r.Sub == nil {
		return s, nil
	}
	err := r.Sub(s.Text)
	var at *fault.At
	if !errors.As(err, &at) {
		return s, err
	}
	moved := *at
	line, column := fault.Position(r.text, open+strings.Index(text, s.Text))
	if moved.Line == 1 {
		moved.Column += column - 1
	}
	moved.Line += line - 1
	return nil, &moved
}
