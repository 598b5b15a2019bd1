package fault

import (
	"fmt"
	"unicode/utf8"
)

// At is an error at a place in a text that a person wrote: a question, a rule,
// a configuration. It is of kind Invalid.
type At struct {
	Line    int    // 1-based
	Column  int    // 1-based, counted in characters, not bytes
	Message string // what is wrong and what was expected
	Hint    string // what to write instead; may be empty
}

// Error gives "line 1, column 7: message (hint)".
func (a *At) Error() string {
	text := fmt.Sprintf("line %d, column %d: %s", a.Line, a.Column, a.Message)
	if a.Hint != "" {
		text += " (" + a.Hint + ")"
	}
	return text
}

// Kind is Invalid.
func (a *At) Kind() Kind { return Invalid }

// AtOffset makes an At from a byte offset into text. An offset outside text is
// moved to its nearer end.
func AtOffset(text string, offset int, message, hint string) *At {
	line, column := Position(text, offset)
	return &At{Line: line, Column: column, Message: message, Hint: hint}
}

// Position gives the 1-based line and the column (in characters) of a byte
// offset of text.
func Position(text string, offset int) (line, column int) {
	offset = max(0, min(offset, len(text)))
	line = 1
	start := 0
	for i := range offset {
		if text[i] == '\n' {
			line++
			start = i + 1
		}
	}
	return line, 1 + utf8.RuneCountInString(text[start:offset])
}
