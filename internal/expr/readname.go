package expr

import "strings"

// FieldName reads the name of a field: bare, 'quoted', `quoted`, or the name
// that an aggregate gave it, as in p99(duration).
func (r *Reader) FieldName(what string) (string, error) {
	r.Space()
	start := r.pos
	if c := r.Peek(); c == '\'' || c == '`' || c == '"' {
		return r.quoted()
	}
	if strings.HasPrefix(r.text[r.pos:], "“") {
		return r.quoted()
	}
	r.fieldName()
	if r.pos < len(r.text) && r.text[r.pos] == '*' {
		return "", r.Fail(start, "the name of a field cannot have a wildcard here", "a name with a star in it stands in single quotes")
	}
	if r.pos == start {
		return "", r.Fail(r.pos, "expected "+what+", found "+r.found(), "")
	}
	if r.aggregate(start) {
		return r.column(start), nil
	}
	return r.text[start:r.pos], nil
}

// fieldName passes the bare name of a field.
func (r *Reader) fieldName() {
	start := r.pos
	for r.pos < len(r.text) && (isField(r.text[r.pos]) || r.text[r.pos] == '-' && r.pos > start && r.fieldHyphen()) {
		r.pos++
	}
}

// FieldPatterns reads names of fields that may have wildcards, with commas or
// blanks between, to the end of the pipe. What stands in quotes has none.
func (r *Reader) FieldPatterns(what string) ([]Pattern, error) {
	var list []Pattern
	for {
		r.Space()
		start := r.pos
		for r.fieldName(); r.pos < len(r.text) && r.text[r.pos] == '*'; r.fieldName() {
			r.pos++
		}
		if pattern := r.text[start:r.pos]; strings.Contains(pattern, "*") {
			list = append(list, ParsePattern(pattern))
		} else {
			r.pos = start
			name, err := r.FieldName(what)
			if err != nil {
				return nil, err
			}
			list = append(list, LiteralPattern(name))
		}
		if comma := r.Take(","); r.Done() {
			if comma {
				return nil, r.Fail(r.pos, "expected "+what+" after the comma, found "+r.found(), "")
			}
			return list, nil
		}
	}
}

// aggregate passes the brackets behind the name of an aggregate, which began
// at start, if they stand there.
func (r *Reader) aggregate(start int) bool {
	if r.pos >= len(r.text) || r.text[r.pos] != '(' || r.aggregates == nil || !r.aggregates(strings.ToLower(r.text[start:r.pos])) {
		return false
	}
	end := closing(r.text, r.pos)
	if end > 0 {
		r.pos = end + 1
	}
	return end > 0
}

// Made notes the name of a column that an aggregate makes, so that it is found
// however the blanks in it are written.
func (r *Reader) Made(name string) {
	if r.made == nil {
		r.made = map[string]string{}
	}
	r.made[squeezed(name)] = name
}

// column is the column that the text from start names: p99(duration).
func (r *Reader) column(start int) string {
	word, rest, _ := strings.Cut(r.text[start:r.pos], "(")
	name := strings.ToLower(word) + "(" + rest
	if made, ok := r.made[squeezed(name)]; ok {
		return made
	}
	return name
}

// squeezed is a text without its blanks, but for those that part words and
// those in quotes.
func squeezed(text string) string {
	var out []byte
	quoted, blank := false, false
	for i := range len(text) {
		c := text[i]
		if !quoted && isSpace(rune(c)) {
			blank = true
			continue
		}
		if blank && isField(c) && len(out) > 0 && isField(out[len(out)-1]) {
			out = append(out, ' ')
		}
		if out, blank = append(out, c), false; c == '"' {
			quoted = !quoted
		}
	}
	return string(out)
}

// fieldHyphen holds when the hyphen joins two parts of a name (user-agent).
func (r *Reader) fieldHyphen() bool {
	return r.pos+1 < len(r.text) && isField(r.text[r.pos+1])
}

// closing is the offset of the bracket that closes the one at open, or -1.
func closing(text string, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return -1
}

// FieldNames reads names with commas or blanks between, until the pipe ends or
// one of the stop words comes.
func (r *Reader) FieldNames(what string, stop ...string) ([]string, error) {
	var names []string
	for {
		if r.Done() || r.Peek() == ')' || r.atWord(stop) {
			break
		}
		name, err := r.FieldName(what)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if r.Take(",") && (r.Done() || r.atWord(stop)) {
			return nil, r.Fail(r.pos, "expected "+what+" after the comma, found "+r.found(), "")
		}
	}
	if len(names) == 0 {
		return nil, r.Fail(r.pos, "expected "+what+", found "+r.found(), "")
	}
	return names, nil
}

func (r *Reader) atWord(words []string) bool {
	at := r.pos
	for _, w := range words {
		if r.TakeWord(w) {
			r.pos = at
			return true
		}
	}
	return false
}
