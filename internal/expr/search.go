package expr

import (
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// maxNesting bounds the depth of brackets, so that a hostile question cannot
// exhaust the stack.
const maxNesting = 200

// Search reads a search up to the pipe, the ] or the end of the text. No
// clause at all, or only * and a time range, is *Every.
//
// not binds closest, then and (also where nothing stands between two
// clauses), then or.
func (r *Reader) Search() (Expr, error) {
	s := searcher{Reader: r}
	if r.Done() {
		return &Every{}, nil
	}
	e, err := s.or()
	if err != nil {
		return nil, err
	}
	if !r.Done() {
		return nil, r.Fail(r.pos, "this ) closes nothing", "")
	}
	return e, nil
}

type searcher struct {
	*Reader
	depth  int // open brackets
	nested int // or, not, brackets: places where a time range cannot stand
}

func (s *searcher) or() (Expr, error) {
	var list []Expr
	for {
		start := s.pos
		e, err := s.and()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !s.TakeKeyword("or") {
			break
		}
		if s.ends() {
			return nil, s.Fail(s.pos, "expected a clause after “or”, found "+s.found(), inQuotes)
		}
		if len(list) == 1 && s.Range != (Range{}) && s.nested == 0 && s.timed(start) {
			return nil, s.Fail(start, "earliest= and latest= hold for the whole question, not for one side of an or", "put the or in brackets")
		}
		s.nested++
		defer func() { s.nested-- }()
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return &Or{list}, nil
}

// inQuotes is what helps when a word of the language was meant as one to look
// for.
const inQuotes = "to search for the word itself, put it in quotes"

// takeAnd passes the word and, unless it is a field: and=1.
func (s *searcher) takeAnd() bool {
	before := s.pos
	if s.TakeKeyword("and") && (s.Done() || strings.IndexByte("=!<>~", s.Peek()) < 0) {
		return true
	}
	s.pos = before
	return false
}

// timed reports whether a time range was written since start.
func (s *searcher) timed(start int) bool {
	text := strings.ToLower(s.text[start:s.pos])
	return strings.Contains(text, "earliest") || strings.Contains(text, "latest")
}

// ends reports whether no clause can follow.
func (s *searcher) ends() bool { return s.Done() || s.Peek() == ')' }

// atKeyword reports whether a keyword comes next.
func (s *searcher) atKeyword(name string) bool {
	before := s.pos
	there := s.TakeKeyword(name)
	s.pos = before
	return there
}

func (s *searcher) and() (Expr, error) {
	var list []Expr
	for !s.ends() && !s.atKeyword("or") {
		at := s.pos
		if s.takeAnd() {
			switch {
			case len(list) == 0 && s.Range == (Range{}):
				return nil, s.Fail(at, "expected a clause in front of “and”", inQuotes)
			case s.ends():
				return nil, s.Fail(s.pos, "expected a clause after “and”, found "+s.found(), inQuotes)
			}
		}
		e, err := s.not()
		if err != nil {
			return nil, err
		}
		if e != nil {
			list = append(list, e)
		}
	}
	if len(list) == 0 && s.Range == (Range{}) {
		return nil, s.Fail(s.pos, "expected something to search for, found "+s.found(), "* finds every line")
	}
	return Conjunction(list...), nil
}

func (s *searcher) not() (Expr, error) {
	if !s.TakeKeyword("not") {
		return s.primary()
	}
	if s.ends() {
		return nil, s.Fail(s.pos, "expected a clause after “not”, found "+s.found(), inQuotes)
	}
	if s.depth++; s.depth > maxNesting {
		return nil, s.Fail(s.pos, "brackets are nested too deeply", "")
	}
	s.nested++
	defer func() { s.nested--; s.depth-- }()
	e, err := s.not()
	if err != nil {
		return nil, err
	}
	if _, every := e.(*Every); every {
		return &None{}, nil
	}
	return &Not{e}, nil
}

// primary reads one clause. It gives nil for a time range, which is no filter.
func (s *searcher) primary() (Expr, error) {
	s.Space()
	start := s.pos
	switch c := s.Peek(); {
	case c == '(':
		return s.bracket()
	case c == '[':
		return nil, s.Fail(start, "a subsearch stands after in: field in [ … ]", "to search for a [, put the text in quotes")
	case strings.IndexByte("=<>,", c) >= 0, c == '!' && strings.HasPrefix(s.text[start:], "!="):
		return nil, s.Fail(start, "expected a word, a “phrase” or field=value, found "+s.found(), "")
	}
	if s.atQuote() {
		text, err := s.quoted()
		if err != nil {
			return nil, err
		}
		return s.after(word{start, text, true})
	}
	s.searchWord()
	text := s.text[start:s.pos]
	if text == "" {
		return nil, s.Fail(start, "expected a word, a “phrase” or field=value, found "+s.found(), "")
	}
	if strings.EqualFold(text, "case") && s.pos < len(s.text) && s.text[s.pos] == '(' {
		return s.exact()
	}
	return s.after(word{start, text, false})
}

func (s *searcher) bracket() (Expr, error) {
	start := s.pos
	s.Take("(")
	if s.depth++; s.depth > maxNesting {
		return nil, s.Fail(start, "brackets are nested too deeply", "")
	}
	defer func() { s.depth-- }()
	e, err := s.or()
	if err != nil {
		return nil, err
	}
	if !s.Take(")") {
		return nil, s.Fail(start, "the ( that opens here is never closed", "")
	}
	return e, nil
}

// exact reads the rest of case("…").
func (s *searcher) exact() (Expr, error) {
	s.Take("(")
	text, err := s.Value("a word or a “phrase”")
	if err != nil {
		return nil, err
	}
	if err := s.Expect(")", "after the word of case("); err != nil {
		return nil, err
	}
	return &Term{Field: row.FieldMsg, Pattern: ParsePattern(text), Case: true}, nil
}

var searchOps = []struct {
	text string
	op   Op
}{{"!==", IsNot}, {"!=", Ne}, {"==", Is}, {"=", Eq}, {"<=", Le}, {"<>", Ne}, {"<", Lt}, {">=", Ge}, {">", Gt}}

// word is a word or phrase at the start of a clause.
type word struct {
	start  int
	text   string
	quoted bool
}

// is reports whether the word is a keyword, which a quoted one never is.
func (w word) is(keyword string) bool { return !w.quoted && strings.EqualFold(w.text, keyword) }

// after decides what the word or phrase was: the field of a clause, or
// something to look for.
func (s *searcher) after(w word) (Expr, error) {
	end := s.pos
	s.Space()
	switch {
	case s.Take("!~"):
		return s.match(w, true)
	case (s.pos == end || s.quotedTilde()) && s.Take("~"):
		return s.match(w, false)
	}
	for _, o := range searchOps {
		if s.Take(o.text) {
			return s.compare(w, o.op)
		}
	}
	if e, err := s.in(w); e != nil || err != nil {
		return e, err
	}
	s.pos = end
	p := ParsePattern(w.text)
	if p.All() && !w.quoted {
		return &Every{}, nil
	}
	if text, ok := p.Literal(); ok && strings.TrimSpace(text) == "" {
		return nil, s.Fail(w.start, "there is nothing to look for between these quotes", "* finds every line")
	}
	return &Term{Field: row.FieldMsg, Pattern: p}, nil
}

// quotedTilde reports whether a ~ that stands apart is an operator: a quote
// follows it. Otherwise it begins a word, such as ~/bin.
func (s *searcher) quotedTilde() bool {
	ahead := *s.Reader
	if !ahead.Take("~") {
		return false
	}
	ahead.Space()
	return ahead.atQuote()
}
